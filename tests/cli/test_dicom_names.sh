#!/usr/bin/env bash
# A run over DICOM files whose folders, names and contents name a patient: none of these words goes into what it prints,
# its cache or its folder, whatever else lies among the files. And the source map, the one file that names them, is
# written whenever it is asked for.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
data=$TAGCONF_SOURCE/tests/oracle/data/dicom

films=export/"Muster^Eva ID-4711"/"19610203 059Y"
mkdir -p "$films" export/"Arzt ACC99"
cp "$data/phi_burned_in.dcm" "$films/OLD-1 Invented Hospital.dcm"
cp "$data/bits16.dcm" "export/Arzt ACC99/Tech^RT NESTED-1.dcm"
cp "$data/mono2_window.dcm" "export/Arzt ACC99/SN-0001"
cp "$data/rle.dcm" "$films/Eva 555-0100.dcm"
chmod 000 "$films/Eva 555-0100.dcm"
ln -s "Muster Eva.dcm" "export/Muster Eva.dcm" # to itself
ln -s "Muster gone.dcm" "export/Arzt ACC99/Eva.dcm"
echo 'a passphrase of mine' >key
chmod 600 key
find export key -exec touch -h -d '1 hour ago' {} + # remembered, as what is not just being written
cat >films.json <<'END'
{"schema": "tagconf.run/1", "name": "films", "adapt": false, "detect": {"finder": "classical"},
 "ingest": {"reader": "dicom", "inputs": {"source": "export", "key_file": "key"}}}
END

# Root may read everything: as somebody else, where that is possible.
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chown -hR 65534:65534 "$work"
  "${as[@]}" test -x "$TAGCONF_BINARY" || as=()
fi
tagconf() { "${as[@]}" "$TAGCONF_BINARY" "$@" >out 2>err; }
# no_names WHEN: whole words, since "evaluate" holds a name. Pictures and arrays may spell anything, and the test of the
# stage reads them.
no_names() {
  find cache runs >names
  while read -r word; do
    ! grep -qwiF -e "$word" out err names || fail "$1: '$word' is told, or in the name of a file"
    ! grep -rqwiF --exclude='*.png' --exclude='*.npy' -e "$word" cache runs || fail "$1: '$word' stands in cache or runs"
  done <"$data/phi_strings.txt"
}

tagconf run films.json --until pack --progress lines --log-level debug || fail "the run: exit $? $(cat err)"
no_names "run"
grep -q '"image_id","reason"\|image_id,reason' runs/films/stages/ingest/skipped.csv || fail "no list of what was skipped"
[ ${#as[@]} = 0 ] && [ "$(id -u)" = 0 ] || grep -q 'cannot be read' runs/films/stages/ingest/skipped.csv || fail "the closed file is not listed"
[ -s cache/files.json ] || fail "no memory of digests"
[ "$(stat -c %a cache/files.json)" = 600 ] || fail "others may read the memory of digests"
for digest in "$(sha256sum <key)" "$(printf 'a passphrase of mine' | sha256sum)"; do
  ! grep -rqF "${digest%% *}" cache runs || fail "a digest that the key can be guessed by"
done
tagconf run films.json --until pack "${quiet[@]}" || fail "the second run: exit $?"
grep -q ' 0 made' out || fail "the second run made something again: $(cat out)"

# The map, asked for later, and deleted.
map=(--set ingest.source_map=map.csv --until pack)
for time in later deleted; do
  tagconf plan films.json "${map[@]}" || fail "plan: exit $?"
  grep -qE '^ingest +run +map\.csv, which it writes, is not there' out || fail "$time: the plan gives no reason: $(cat out)"
  grep -qE '^detect +cached' out || fail "$time: the plan would find the tags again"
  tagconf why films.json ingest --set ingest.source_map=map.csv || fail "why: exit $?"
  grep -q 'map\.csv, which it writes, is not there' out || fail "$time: why gives no reason: $(cat out)"
  tagconf run films.json "${map[@]}" "${quiet[@]}" || fail "$time: exit $?"
  grep -q ' 1 made' out || fail "$time: $(cat out)"
  [ "$(stat -c %a map.csv)" = 600 ] || fail "$time: no map of mode 600"
  grep -q 'Muster^Eva' map.csv || fail "$time: the map names no file"
  tagconf run films.json "${map[@]}" "${quiet[@]}" || fail "again: exit $?"
  grep -q ' 0 made' out || fail "$time: made again though the map is there"
  rm map.csv
done
no_names "source map"

# A folder that cannot be read is an error of the input, told without its name.
[ ${#as[@]} = 0 ] && [ "$(id -u)" = 0 ] && exit 0
chmod 000 "export/Arzt ACC99"
status=0
tagconf run films.json --until pack --log-level debug || status=$?
[ "$status" = 4 ] || fail "exit $status for a folder that cannot be read, expected 4: $(cat err)"
grep -q 'a folder in it cannot be read' err || fail "the message: $(cat err)"
no_names "a closed folder"
