#!/usr/bin/env bash
# A cohort of which too much cannot be read: every stage that reads images ends with 4 and lists all reasons, not the
# first three, beside where its outputs would have been; the outputs themselves are not made.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

"$TAGCONF_BINARY" phantom --patients-train 4 --patients-valid 2 --size 96 --out phantom "${quiet[@]}" >/dev/null
"$TAGCONF_BINARY" ingest phantom/MURA-v1.1 --reader mura --out cohort "${quiet[@]}" >/dev/null
manifest=cohort/manifest.csv
"$TAGCONF_BINARY" detect "$manifest" --finder classical --out tags "${quiet[@]}" >/dev/null
mapfile -t images < <(find phantom/MURA-v1.1 -name '*.png' | sort | head -5)
[ "${#images[@]}" = 5 ] || fail "only ${#images[@]} images"
for image in "${images[@]}"; do echo "no image" >"$image"; done

# refuses STAGE FLAGS...
refuses() {
  local status=0
  "$TAGCONF_BINARY" "$@" --out "out.$1" "${quiet[@]}" >/dev/null 2>says || status=$?
  [ "$status" = 4 ] || fail "$1: exit $status, expected 4: $(cat says)"
  grep -q "5 of [0-9]* images cannot be used" says || fail "$1 does not say how many: $(cat says)"
  [ -e "out.$1.skipped.csv" ] || fail "$1 lists nothing: $(cat says)"
  [ "$(wc -l <"out.$1.skipped.csv")" = 6 ] || fail "$1 lists: $(cat "out.$1.skipped.csv")"
  grep -q "out.$1.skipped.csv" says || fail "$1 does not say where the list is: $(cat says)"
  [ ! -e "out.$1" ] || fail "$1 left outputs"
}
refuses detect "$manifest" --finder classical
refuses audit "$manifest"
refuses pack "$manifest" --arm original --size 64
refuses mask "$manifest" --tags tags/tags.csv
refuses strip "$manifest" --tags tags/tags.csv
refuses review tags/tags.csv --images "$manifest"
! "$TAGCONF_BINARY" help | grep -q 'adapt  *not available' || { echo "without LibTorch: adapt was not tried"; exit 0; }
refuses adapt "$manifest" --more-than 0 --steps 1
