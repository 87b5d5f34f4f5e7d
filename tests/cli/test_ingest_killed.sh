#!/usr/bin/env bash
# Ingests of 2,000 images that are killed at any moment: a manifest is there only with everything that it names, and the
# next run ends with the bytes of one that nothing disturbed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
kills=50 # of each reader
RANDOM=7 # seeds bash's generator: the same moments in every run

# ingest OUT FLAGS...: the process itself, so that it can be killed.
ingest=()
# Is what a killed run left either nothing whole, or all of an earlier or a finished run?
check_left() {
  [ -e killed/manifest.csv ] || { unfinished=$((unfinished + 1)); return; }
  for done in whole older; do
    [ -d "$done" ] && cmp -s killed/manifest.csv "$done/manifest.csv" || continue
    [ ! -d "$done/images" ] || diff -rq killed/images "$done/images" >/dev/null ||
      fail "$1: killed after $2 ms, the manifest of '$done' lies beside other images"
    return
  done
  fail "$1: killed after $2 ms, the manifest is that of no run"
}
# A file that was being written when its process was killed stays under its temporary name, which nobody reads.
same() { diff -r -x '.*.tmp' whole killed >difference || fail "$1: $(head -5 difference)"; }

# kill_again_and_again NAME: half of the kills anywhere, half around the end, where files take their places. How long a
# run takes is learnt on the way: the first one, on a machine that has read nothing yet, may take twice as long as those
# that follow.
kill_again_and_again() {
  rm -rf whole killed
  local begun killed=0 finished=0 unfinished=0 status child length wait_ms
  begun=$(date +%s%N)
  "${ingest[@]}" --out whole >/dev/null
  length=$((($(date +%s%N) - begun) / 1000000))
  while [ "$killed" -lt "$kills" ]; do
    [ "$((finished + killed))" -lt $((6 * kills)) ] || fail "$1: $finished runs ended before they were killed"
    [ ! -d older ] || [ -d killed ] || cp -r older killed
    wait_ms=$((RANDOM % length))
    [ $((killed % 2)) = 0 ] || wait_ms=$((length * 3 / 4 + RANDOM % (length / 2)))
    "${ingest[@]}" --out killed >/dev/null 2>says &
    child=$!
    sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
    kill -KILL "$child" 2>/dev/null || true
    status=0
    wait "$child" 2>/dev/null || status=$?
    case $status in
      137)
        killed=$((killed + 1))
        [ "$wait_ms" -le "$length" ] || length=$wait_ms
        check_left "$1" "$wait_ms"
        ;;
      0)
        finished=$((finished + 1))
        [ "$wait_ms" -ge "$length" ] || length=$((wait_ms + 1))
        same "$1, after $killed kills"
        rm -rf killed
        ;;
      *) fail "$1: a run after $killed kills ended with $status: $(cat says)" ;;
    esac
    # Now from what the last one left, now from what stood there before.
    [ $((killed % 5)) != 0 ] || rm -rf killed
  done
  "${ingest[@]}" --out killed >/dev/null
  same "$1, at the end"
  echo "$1: killed $killed times ($unfinished left no manifest), $finished ended first; a run takes $length ms"
}

"$TAGCONF_BINARY" phantom --patients-train 680 --patients-valid 30 --size 64 --no-bones --out phantom "${quiet[@]}" >/dev/null
images=$(cat phantom/MURA-v1.1/*_image_paths.csv | wc -l)
[ "$images" -ge 1900 ] || fail "only $images images"
ingest=("$TAGCONF_BINARY" ingest phantom/MURA-v1.1 --reader mura --threads 1 "${quiet[@]}")
kill_again_and_again "MURA, $images images"

python3 "$TAGCONF_SOURCE/tests/cli/ingest_killed.py" "$TAGCONF_SOURCE/tests/oracle/data/dicom/bits8.dcm" films 2000
echo "0123456789abcdef0123456789abcdef" >key
chmod 600 key
ingest=("$TAGCONF_BINARY" ingest films --reader dicom --key-file key --threads 1 "${quiet[@]}")
"${ingest[@]}" --bits 16 --out older >/dev/null
kill_again_and_again "DICOM, 2000 images over those of another run"
