#!/usr/bin/env bash
# Every `error` case of the statistics oracle through the command line: exit 4, and a message that names the reason,
# what the case asks to be named, the file, and the line where there is one - each as a whole token.
set -euo pipefail
[ -x "${TAGCONF_BINARY:-}" ] || { echo "skipped: the program was not built"; exit 42; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec python3 - "$TAGCONF_SOURCE/tests/oracle/data/stats" "$work" <<'PY'
import csv, json, os, pathlib, re, subprocess, sys
cases, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
# Cases whose fault lies in one row: the message must name its line (row 0 is line 2).
ROWS = {"error_nan_score", "error_label_two", "error_label_fraction", "error_study_label_conflict", "error_study_in_two_clusters"}

def cell(values, row):
    return "" if row >= len(values) else str(values[row])

def write(case, model):
    scores = case["scores"][model]
    columns = [("label", case["labels"]), ("logit", scores)]
    columns += [(name, case[key]) for name, key in (("patient_id", "clusters"), ("study_id", "studies")) if key in case]
    path = work / f"{case['name']}-{model}.csv"
    with open(path, "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["image_id"] + [name for name, _ in columns])
        for row in range(max(len(case["labels"]), len(scores))):
            # A score without a label stands in a row of its own.
            cells = ["0" if name == "label" and row >= len(values) else cell(values, row) for name, values in columns]
            table.writerow([f"img{row}"] + cells)
    return path

def holds(text, token):
    return re.search(r"(?<![A-Za-z0-9_.])" + re.escape(token) + r"(?![A-Za-z0-9_])", text)

failed = 0
checked = 0
for path in sorted(cases.glob("error_*.json")):
    case = json.loads(path.read_text())
    files = [f"{model}={write(case, model)}" for model in sorted(case["scores"])]
    done = subprocess.run([os.environ["TAGCONF_BINARY"], "evaluate", *files, "--bootstrap", "0"], capture_output=True, text=True)
    wanted = ["reason=" + case["expected"]["error"]] + case["expected"]["message_should_name"]
    missing = [token for token in wanted if not holds(done.stderr, token)]
    if not re.search(re.escape(case["name"]) + r"-\w+\.csv" + (r":[0-9]+: " if case["name"] in ROWS else ""), done.stderr):
        missing.append("the file" + (" and line" if case["name"] in ROWS else ""))
    checked += 1
    if done.returncode != 4 or missing:
        failed += 1
        print(f"{case['name']}: exit {done.returncode}, missing {missing} in: {done.stderr}")
assert checked == 11, checked
sys.exit(1 if failed else 0)
PY
