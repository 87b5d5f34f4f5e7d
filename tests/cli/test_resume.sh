#!/usr/bin/env bash
# Trainings that are killed at any moment, meet a full disk, or have a damaged checkpoint, and are run again, end with
# the bytes of one that nothing disturbed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
needs_libtorch
kills=20
RANDOM=6 # seeds bash's generator: the same moments in every run

"$TAGCONF_BINARY" phantom --patients-train 20 --patients-valid 2 --size 64 --no-bones --out phantom "${quiet[@]}" >/dev/null
"$TAGCONF_BINARY" ingest phantom/MURA-v1.1 --out cohort "${quiet[@]}" >/dev/null
"$TAGCONF_BINARY" pack cohort/manifest.csv --size 32 --out packed "${quiet[@]}" >/dev/null
training=("$TAGCONF_BINARY" train packed/pack --epochs 4 --batch 8 --lr 1e-3 --select loss --threads 1 "${quiet[@]}")
# train OUT FLAGS...
train() { "${training[@]}" --out "$@" >/dev/null; }
same() {
  for file in model.safetensors epochs.jsonl train.json; do
    cmp "whole/$file" "$1/$file" || fail "$2: $file is not that of the undisturbed training"
  done
  [ "$(ls -A "$1")" = "$(ls -A whole)" ] || fail "$2: something was left behind: $(ls -A "$1")"
}
started=$(date +%s%N)
train whole
length=$((($(date +%s%N) - started) / 1000000))

# Killed again and again; a training that gets to its end between two kills is compared and begun anew.
killed=0
gone_on=0
finished=0
while [ "$killed" -lt "$kills" ]; do
  [ ! -d killed ] || ! ls killed/.tagconf-partial-*/checkpoint.*.safetensors >/dev/null 2>&1 || gone_on=$((gone_on + 1))
  # Not by the function: the process itself is to be killed, no shell around it.
  "${training[@]}" --out killed --checkpoint-minutes 0.005 >/dev/null 2>>warnings &
  child=$!
  wait_ms=$((300 + RANDOM % (length / 2)))
  sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
  if kill -KILL "$child" 2>/dev/null; then
    status=0
    wait "$child" 2>/dev/null || status=$?
    if [ "$status" = 137 ]; then killed=$((killed + 1)); continue; fi
  fi
  wait "$child" 2>/dev/null || fail "a training that was not killed ended with $?"
  same killed "after $killed kills"
  finished=$((finished + 1))
  rm -rf killed
done
train killed
same killed "after $killed kills"
[ "$gone_on" -ge 5 ] || fail "only $gone_on of $kills trainings found a checkpoint to go on from"
echo "killed $killed times ($gone_on found a checkpoint), finished $((finished + 1)) times"

# A full disk: a checkpoint that holds the best epoch's weights too passes the limit, the one before stays.
status=0
(trap '' XFSZ; ulimit -f $((100 * 1024)); train full --checkpoint-minutes 0.000001 2>full_says) || status=$?
[ "$status" = 8 ] || fail "exit $status on a full disk, expected 8: $(cat full_says)"
grep -q 'checkpoint\.[0-9]*\.safetensors: writing failed' full_says || fail "a full disk is told as: $(cat full_says)"
ls full/.tagconf-partial-*/checkpoint.*.safetensors >/dev/null || fail "no checkpoint is left after a full disk"
cp -r full damaged
cp -r full threads
train full
same full "after a full disk"

# The newest checkpoint cut short: the one before serves, with a warning.
newest=$(ls damaged/.tagconf-partial-*/checkpoint.*.safetensors | sort -V | tail -1)
truncate -s 1000000 "$newest"
train damaged 2>damaged_says
grep -q "a checkpoint cannot be used, going on from the one before: .*$(basename "$newest")" damaged_says ||
  fail "a damaged checkpoint is told as: $(cat damaged_says)"
same damaged "after a damaged checkpoint"

# Another number of threads is told.
train threads --threads 2 2>threads_says
grep -q 'made with 1 threads, this run has 2' threads_says || fail "other threads are told as: $(cat threads_says)"
