#!/usr/bin/env bash
# configs/ci.json from nothing to a verified report, then: from the cache, a plan that names its reason, and a run that is
# stopped in the middle of a training and goes on to the same bytes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
needs_libtorch
config=$TAGCONF_SOURCE/configs/ci.json

"$TAGCONF_BINARY" run "$config" "${quiet[@]}" >first || fail "the study: exit $?"
for file in results.json report.html record.json config.json; do [ -s "runs/ci/$file" ] || fail "no $file"; done
for arm in original covered tags_only; do grep -qE "^ +$arm +0\.[0-9]{3} \(" first || fail "no AUC of $arm in the answer"; done
grep -q "default-src 'none'" runs/ci/report.html || fail "the report does not forbid loading"
# Without the pictures' bytes, which may spell anything.
sed -E 's|base64,[A-Za-z0-9+/=]*||g' runs/ci/report.html >words.html
! grep -qiE '<script|src="https?:|nan\b' words.html || fail "the report loads something, or holds NaN"

"$TAGCONF_BINARY" run "$config" "${quiet[@]}" >second || fail "the second run: exit $?"
grep -qE ' 0 made' second || fail "the second run made something again"

"$TAGCONF_BINARY" plan "$config" --set mask.pad=6 >plan
grep -qE '^pack\.covered +run +.*pad 4 -> 6' plan || fail "the plan does not name the pad"
grep -qE '^train\.original\.s1 +cached' plan || fail "the original arm would be trained again"

# Stopped in a training, then run again, apart from the first run's cache: what comes before is taken from there, and the
# other two arms' models.
mkdir -p again/cache/train
cp -a cache/{phantom,ingest,detect,pack} again/cache/
for entry in cache/train/*/; do grep -q '"arm": "covered"' "$entry/out/train.json" || cp -a "$entry" again/cache/train/; done
cd again
"$TAGCONF_BINARY" bench --sizes 64 --batches 16 --dtypes fp32 --seconds 0 --out cache/bench.json --progress none >/dev/null
"$TAGCONF_BINARY" plan "$config" >plan
grep -qE '^train\.covered\.s1 +run .*\[about [0-9].*, 28\.2 MB\]$' plan || fail "the plan guesses no time: $(cat plan)"
"$TAGCONF_BINARY" run "$config" --progress lines >/dev/null 2>progress &
child=$!
for _ in $(seq 600); do
  grep -qE 'train\.covered\.s1 +[1-9][0-9]? %' progress && break
  kill -0 "$child" 2>/dev/null || break
  sleep 0.2
done
kill -TERM "$child" 2>/dev/null || fail "the run ended before it could be stopped"
status=0
wait "$child" || status=$?
[ "$status" = 75 ] || fail "exit $status after SIGTERM, expected 75"
"$TAGCONF_BINARY" run "$config" "${quiet[@]}" >/dev/null || fail "going on: exit $?"
cmp runs/ci/results.json ../runs/ci/results.json || fail "a stopped run ended with other results"
cmp runs/ci/report.html ../runs/ci/report.html || fail "a stopped run ended with another report"
