#!/usr/bin/env bash
# The program's figures against those of the reference script, on the same boxes: moved, cut and invented ones.
set -euo pipefail
if [[ -z ${TAGCONF_SHARED:-} ]]; then echo "skipped: TAGCONF_SHARED does not name the folder with oracles and data"; exit 42; fi
if [[ -z ${TAGCONF_BINARY:-} ]]; then echo "skipped: the program is not built"; exit 42; fi
python=
for candidate in ${TAGCONF_PYTHON:+"$TAGCONF_PYTHON"} python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy, PIL' 2>/dev/null; then python=$candidate; break; fi
done
if [[ -z $python ]]; then echo "skipped: no Python with numpy and Pillow (TAGCONF_PYTHON)"; exit 42; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$TAGCONF_SHARED/data/radiographs
cd "$work"

for seed in 1 2 3; do
  "$python" - "$data/labels.json" "$seed" "$data/images" >tags.csv <<'PY'
import json, os, random, sys
from PIL import Image
labels, draw = json.load(open(sys.argv[1])), random.Random(int(sys.argv[2]))
files = {os.path.splitext(name)[0]: os.path.join(sys.argv[3], name) for name in os.listdir(sys.argv[3])}
print("image_id,x,y,w,h")
for item in labels:
    rows = []
    for b in item["boxes"]:
        if draw.random() < 0.15:
            continue
        x, y, w, h = b.get("core", [b["x"], b["y"], b["w"], b["h"]])
        spread = 0.15 * min(w, h)
        x, y = x + draw.gauss(0, spread), y + draw.gauss(0, spread)
        rows.append((x, y, w + draw.gauss(0, spread), h + draw.gauss(0, spread)))
    if draw.random() < 0.4:
        rows.append((draw.randrange(300), draw.randrange(300), draw.randrange(1, 60), draw.randrange(1, 60)))
    across, down = Image.open(files[item["id"]]).size
    for x, y, w, h in rows:
        x, y = min(max(0, round(x)), across - 1), min(max(0, round(y)), down - 1)
        w, h = min(max(1, round(w)), across - x), min(max(1, round(h)), down - y)
        print(item["id"], x, y, w, h, sep=",")
    if not rows:
        print(item["id"] + ",,,,")
PY
  "$python" "$TAGCONF_SHARED/tools/score_tags.py" "$data/labels.json" tags.csv "$data/images" --json theirs.json >theirs.txt
  "$TAGCONF_BINARY" score tags.csv "$data/labels.json" --images "$data/images" --out ours --progress none >ours.txt
  "$python" - <<'PY'
import csv, json, math
theirs, ours = json.load(open("theirs.json")), json.load(open("ours/scores.json"))
for key in ("images", "marks"):
    assert ours[key] == theirs[key], (key, ours[key], theirs[key])
for key in ("mark_recall", "other_recall", "image_recall", "false_area", "false_images", "mean_iou"):
    assert math.isclose(ours[key], theirs[key], rel_tol=1e-12), (key, ours[key], theirs[key])
assert len(ours["missed"]) == len(theirs["missed"])
for a, b in zip(ours["missed"], theirs["missed"]):
    assert (a["id"], a["box"], a["class"], round(a["covered"], 3)) == (b["id"], b["box"], b["class"], b["covered"]), (a, b)
area = {row["image_id"]: float(row["false_area"]) for row in csv.DictReader(open("ours/by_image.csv"))}
for name, value in theirs["false_area_by_image"].items():
    assert math.isclose(area[name], value, rel_tol=1e-12, abs_tol=0), name
PY
  echo "seed $seed: $(grep -o 'mark_recall.*' theirs.txt), $(grep -o 'false_area.*' theirs.txt), as the script says"
done
