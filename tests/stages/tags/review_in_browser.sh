#!/usr/bin/env bash
# The review page driven in headless Chromium.
set -euo pipefail
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]]; then echo "skipped: no Chromium on this machine"; exit 42; fi
if [[ -z ${TAGCONF_BINARY:-} ]]; then echo "skipped: the program is not built"; exit 42; fi
command -v python3 >/dev/null || { echo "skipped: no Python to drive the browser"; exit 42; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timeout 600 python3 -B "$TAGCONF_SOURCE/tests/stages/tags/review_in_browser.py" "$browser" "$TAGCONF_BINARY" "$work"
