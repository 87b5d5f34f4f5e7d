#!/usr/bin/env bash
# A disk that is full: exit 8, nothing that counts as whole, and with room again the next run succeeds. On a small file
# system in memory where one may be mounted, else under a limit on the size of files.
set -euo pipefail
[ -x "${TAGCONF_BINARY:-}" ] || { echo "skipped: the program was not built"; exit 42; }
if [ "${1:-}" != inside ] && unshare -m true 2>/dev/null; then exec unshare -m bash "$0" inside; fi
work=$(mktemp -d)
trap 'umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "failed: $*" >&2; exit 1; }
quiet=(--progress none --log-level error)
mkdir disk
mounted=false
if [ "${1:-}" = inside ] && mount -t tmpfs -o size=64k none disk 2>/dev/null; then mounted=true; fi

# on_full_disk SIZE COMMAND...: the command, with room for SIZE kB (without a disk of its own, of a file).
on_full_disk() {
  local size=$1
  shift
  if $mounted; then
    mount -o "remount,size=${size}k" disk
    "$@"
  else
    (trap '' XFSZ && ulimit -f 1 && "$@")
  fi
}
make_room() { ! $mounted || mount -o remount,size=200m disk; }
# expect_full NAME SIZE COMMAND...
expect_full() {
  local name=$1 status=0
  shift
  on_full_disk "$@" >/dev/null 2>says || status=$?
  [ "$status" = 8 ] || fail "$name: exit $status on a full disk, expected 8: $(cat says)"
  grep -qiE 'disk|space|too large' says || fail "$name: a full disk is told as: $(cat says)"
}

# Stages alone.
python3 "$TAGCONF_SOURCE/tests/cli/ingest_killed.py" "$TAGCONF_SOURCE/tests/oracle/data/dicom/bits8.dcm" films 40
echo "0123456789abcdef0123456789abcdef" >key
chmod 600 key
dicom=("$TAGCONF_BINARY" ingest films --reader dicom --key-file key "${quiet[@]}")
"${dicom[@]}" --out whole >/dev/null
expect_full "ingest of DICOM files" 64 "${dicom[@]}" --out disk/out
[ ! -e disk/out/manifest.csv ] || fail "a manifest is left after a full disk"
[ -z "$(ls -A disk)" ] || fail "something is left after a full disk: $(find disk)"
make_room
"${dicom[@]}" --out disk/out >/dev/null
diff -r whole disk/out || fail "with room again, the outputs differ"
rm -rf disk/out

phantom=("$TAGCONF_BINARY" phantom --patients-train 20 --patients-valid 5 --size 64 --no-bones "${quiet[@]}")
"${phantom[@]}" --out cohort >/dev/null
ingest=("$TAGCONF_BINARY" ingest cohort/MURA-v1.1 --reader mura "${quiet[@]}")
"${ingest[@]}" --out manifest >/dev/null
expect_full "ingest of MURA" 4 "${ingest[@]}" --out disk/out
[ -z "$(ls -A disk)" ] || fail "something is left after a full disk: $(find disk)"

# A study and its cache.
make_room
cat >study.json <<'JSON'
{"schema": "tagconf.run/1", "name": "full",
 "phantom": {"size": 64, "patients_train": 20, "patients_valid": 10, "bones": false},
 "ingest": {"reader": "mura"}, "adapt": false, "detect": {"finder": "classical"}, "pack": {"size": 32},
 "gradcam": false, "verify": false}
JSON
study() { "$TAGCONF_BINARY" run study.json --until pack --set runs="$PWD/$1/runs" --set cache="$PWD/$1/cache" "${quiet[@]}"; }
study whole_study >/dev/null || fail "the study: exit $?"
expect_full "a study" 200 study disk
make_room
study disk >/dev/null || fail "the study with room again: exit $?"
for stage in phantom ingest detect pack.covered; do
  diff -r "whole_study/runs/full/stages/$stage/" "disk/runs/full/stages/$stage/" ||
    fail "with room again, the outputs of $stage differ"
done
