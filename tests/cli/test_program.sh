#!/usr/bin/env bash
# The real program: every stage's help works and names two examples, no flag is declared twice, and a build without
# LibTorch says what is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

"$TAGCONF_BINARY" --version | grep -qE '^tagconf [0-9]+\.[0-9]+\.[0-9]+$' || fail "--version"
overview=$("$TAGCONF_BINARY" help)
for stage in phantom ingest audit card detect mask strip pack train predict evaluate gradcam verify report power; do
  grep -qE "^  $stage +" <<<"$overview" || fail "the overview lacks $stage"
  if grep -qE "^  $stage +not available" <<<"$overview"; then
    status=0
    "$TAGCONF_BINARY" "$stage" 2>err || status=$?
    [ "$status" = 8 ] || fail "$stage: exit $status where the build leaves it out, expected 8"
    grep -q 'LibTorch' err || fail "$stage: the message does not say what is missing"
    continue
  fi
  "$TAGCONF_BINARY" "$stage" --help >help || fail "$stage --help"
  [ "$(head -15 help | grep -c "^  tagconf $stage ")" -ge 2 ] || fail "$stage --help shows no two examples on top"
  status=0
  "$TAGCONF_BINARY" "$stage" --no-such-flag 2>err || status=$?
  [ "$status" = 2 ] || fail "$stage: exit $status for an unknown flag, expected 2"
done
# What fails before it made anything leaves nothing behind.
status=0
"$TAGCONF_BINARY" mask nowhere.csv --tags nothing.csv --out made/here 2>/dev/null || status=$?
[ "$status" = 4 ] || fail "mask: exit $status for a table that is not there, expected 4"
[ -z "$(ls -A | grep -v -e '^help$' -e '^err$' || true)" ] || fail "something was written"

# Every config of the project is accepted; what is not there is told with exit 4, a missing library with 8.
for config in "$TAGCONF_SOURCE"/configs/*.json "$TAGCONF_SOURCE"/configs/*.yaml; do
  case $config in *schema.json) continue ;; esac
  [ -e "$config" ] || continue
  status=0
  "$TAGCONF_BINARY" plan "$config" >plan 2>err || status=$?
  case $status in 0 | 4 | 8) ;; *) cat err; fail "plan $config: exit $status" ;; esac
done
