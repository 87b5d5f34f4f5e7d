#!/usr/bin/env bash
# A report opened in headless Chromium: the page is parsed whole, its policy is obeyed and nothing is complained of.
set -euo pipefail
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]]; then echo "skipped: no Chromium on this machine"; exit 42; fi
if [[ -z ${TAGCONF_BINARY:-} ]]; then echo "skipped: the program is not built"; exit 42; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
  echo image_id,study_id,patient_id,body_part,label,logit,probability
  for i in $(seq 0 39); do
    printf 'image%d,study%d,patient%d,WRIST,%d,%d,0.%02d\n' "$i" $((i / 2)) $((i / 4)) $((i / 2 % 2)) $((i * 7 % 11)) $((i * 7 % 11 + 20))
  done
} >"$work/original.csv"
sed 's/,\([0-9]*\),0\./,1\1,0./' "$work/original.csv" >"$work/covered.csv"
cd "$work"
"$TAGCONF_BINARY" evaluate original=original.csv covered=covered.csv --bootstrap 100 --out . >/dev/null 2>&1
"$TAGCONF_BINARY" report results.json --roc roc.csv --title 'R&D <b>' --out report.html >/dev/null 2>&1

timeout 300 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --enable-logging=stderr --v=0 \
  --dump-dom "file://$work/report.html" >dom.html 2>log.txt || { echo "the browser failed"; tail -5 log.txt; exit 1; }
sections=$(grep -o '<section id=' dom.html | wc -l)
[[ $sections == 11 ]] || { echo "expected 11 sections, the browser saw $sections"; exit 1; }
grep -q '<title>R&amp;D &lt;b&gt;</title>' dom.html || { echo "the title is not as given"; exit 1; }
if grep 'CONSOLE' log.txt; then echo "the browser complained"; exit 1; fi
timeout 300 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --window-size=900,1200 \
  --screenshot="$work/page.png" "file://$work/report.html" >/dev/null 2>&1
[[ $(stat -c %s page.png) -gt 20000 ]] || { echo "the page looks empty"; exit 1; }
echo "11 sections, nothing complained of"
