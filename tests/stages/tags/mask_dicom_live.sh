#!/usr/bin/env bash
# Covered DICOM files read back by DCMTK's programs and compared with the originals by numpy: every file that
# the tests carry and that can be read.
set -euo pipefail
if [[ -z ${TAGCONF_BINARY:-} ]]; then echo "skipped: the program is not built"; exit 42; fi
for program in dcmdump dcmconv dcmdjpeg dcmdjpls dcmdrle; do
  command -v "$program" >/dev/null || { echo "skipped: no $program (package dcmtk)"; exit 42; }
done
python=
for candidate in ${TAGCONF_PYTHON:+"$TAGCONF_PYTHON"} python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy' 2>/dev/null; then python=$candidate; break; fi
done
if [[ -z $python ]]; then echo "skipped: no Python with numpy (TAGCONF_PYTHON)"; exit 42; fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$python" "$here/mask_dicom_live.py" "$TAGCONF_SOURCE/tests/oracle/data/dicom" "$TAGCONF_BINARY"
