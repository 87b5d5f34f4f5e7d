#!/usr/bin/env bash
# bench: its table and its JSON object on small images, and a word that it does not know. No time is judged.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
needs_libtorch
export TMPDIR=$work

"$TAGCONF_BINARY" bench --sizes 32,64 --batches 2 --seconds 0.05 --progress none --json >bench.json
python3 - <<'P' || fail "the JSON object"
import json
b = json.load(open("bench.json"))
assert b["schema"] == "tagconf.bench/1" and b["machine"]["processor"] and b["machine"]["threads"] >= 1, b
assert "LibTorch" in b["machine"]["libraries"]
cases = {(c["work"], c["size"], c["batch"], c["dtype"]): c for c in b["cases"]}
assert len(cases) == len(b["cases"]) == 2 * 2 * 1 * 2, cases.keys()
for c in b["cases"]:
    assert c["images_per_s"] > 0 and c["steps"] >= 2, c
    assert c["peak_mb"] is None or 50 < c["peak_mb"] < 4000, c
assert [l["size"] for l in b["loader"]] == [32, 64]
assert all(set(l["times_training"]) == {"fp32", "bf16"} for l in b["loader"])
P
"$TAGCONF_BINARY" bench --sizes 32 --batches 2 --work predict --dtypes fp32 --seconds 0 --progress none --out table.json >text
grep -q '"schema":"tagconf.bench/1"' table.json || fail "--out: $(cat table.json)"
grep -qE '^predict +32 +2 +fp32 +[0-9.]+ +[0-9]+' text || fail "the table: $(cat text)"
status=0
"$TAGCONF_BINARY" bench --dtypes fp8 --progress none 2>err || status=$?
[ "$status" = 2 ] && grep -q "unknown dtype 'fp8'" err || fail "exit $status for an unknown dtype: $(cat err)"
[ "$(ls -A | tr '\n' ' ')" = "bench.json err table.json text " ] || fail "something was left behind: $(ls -A)"
