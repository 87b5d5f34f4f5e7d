#!/usr/bin/env bash
# `tagconf predict` from a picture to the logit, held against the float64 reference of another implementation
# (TAGCONF_SHARED/oracles/model): reading, resizing, normalising, the network and the table that is written.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
[ -n "${TAGCONF_SHARED:-}" ] || { echo "skipped: TAGCONF_SHARED is not set (reference logits)"; exit 42; }
needs_libtorch
oracle=$TAGCONF_SHARED/oracles/model

for size in 224 320; do
  "$TAGCONF_BINARY" predict "$oracle/densenet121_seed7.safetensors" --images "$oracle/images" --split all \
    --size "$size" --out "p$size" "${quiet[@]}" >/dev/null || fail "predict --size $size: exit $?"
  python3 - "$oracle/expected.json" "p$size/predictions.csv" "$size" <<'PY' || fail "logits at $size"
import csv, json, math, os, sys

expected = {i["id"]: i["sizes"][sys.argv[3]] for i in json.load(open(sys.argv[1]))["images"]}
rows = {os.path.splitext(os.path.basename(r["image_id"]))[0]: r for r in csv.DictReader(open(sys.argv[2]))}
assert len(expected) == 12 and set(rows) == set(expected), (sorted(rows), sorted(expected))
for name, want in expected.items():
    logit, probability = float(rows[name]["logit"]), float(rows[name]["probability"])
    # Single precision gives 2.5e-4 at worst; a wrong resize or a wrong order of the channels gives 5e-3 or more.
    assert abs(logit - want["logit_f64"]) < 1e-3, (name, logit, want["logit_f64"])
    assert abs(probability - 1 / (1 + math.exp(-logit))) < 1e-6, (name, probability, logit)
PY
done
