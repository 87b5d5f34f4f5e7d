#!/usr/bin/env bash
# Two processes make two trainings of one study at once, in one cache and one run folder; the study ends with the bytes
# that one process gives. Two that want the same training: one makes it, the other says so or finds it made.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
needs_libtorch
study() { "$TAGCONF_BINARY" run "$TAGCONF_SOURCE/configs/ci.json" --set train.epochs=1 --set verify=false --set gradcam=false \
  --set phantom.patients_train=40 --set phantom.patients_valid=20 --threads 1 --progress none --log-level warning "$@"; }

mkdir one two
(cd one && study >/dev/null) || fail "the study by one process: exit $?"

cd two
study --until pack >/dev/null
pids=()
for instance in train.covered.s1 train.original.s1; do
  study --only "$instance" >"$instance.out" 2>"$instance.err" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "a process of two ended with $?: $(cat ./*.err)"; done
for instance in train.covered.s1 train.original.s1; do
  for file in model.safetensors epochs.jsonl train.json; do
    cmp "runs/ci/stages/$instance/$file" "../one/runs/ci/stages/$instance/$file" || fail "$instance: $file differs"
  done
done

pids=()
for i in 1 2; do
  study --only train.tags_only.s1 >"same.$i.out" 2>"same.$i.err" &
  pids+=($!)
done
made=0
for pid in "${pids[@]}"; do
  status=0
  wait "$pid" || status=$?
  case $status in 0) made=$((made + 1)) ;; 7) ;; *) fail "one of two for the same training ended with $status: $(cat same.*.err)" ;; esac
done
[ "$made" -ge 1 ] || fail "neither of two made the training: $(cat same.*.err)"

study >last || fail "the rest of the study: exit $?"
for file in results.json report.html; do cmp "runs/ci/$file" "../one/runs/ci/$file" || fail "$file differs"; done
[ -z "$(find cache -name LOCK -o -name 'work-*' -o -name '*.tmp')" ] || fail "something was left in the cache: $(find cache -name LOCK -o -name 'work-*')"
