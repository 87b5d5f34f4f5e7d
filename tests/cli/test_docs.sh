#!/usr/bin/env bash
# configs/schema.json and configs/REFERENCE.md are what the program's declarations say.
set -euo pipefail
[ -x "${TAGCONF_BINARY:-}" ] || { echo "skipped: the program was not built"; exit 42; }
status=0
"$TAGCONF_BINARY" docs --check "$TAGCONF_SOURCE/configs" || status=$?
if [ "$status" = 8 ]; then echo "skipped: a build without LibTorch does not know every stage"; exit 42; fi
exit "$status"
