# Sourced by the tests in shell: the program, an empty folder to stand in that goes at the end, and what they all use.
# shellcheck shell=bash disable=SC2034
[ -x "${TAGCONF_BINARY:-}" ] || { echo "skipped: the program was not built"; exit 42; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
quiet=(--progress none --log-level warning)

fail() { echo "failed: $*" >&2; exit 1; }
needs_libtorch() {
  local overview
  overview=$("$TAGCONF_BINARY" help)
  ! grep -q 'train  *not available' <<<"$overview" || { echo "skipped: this build has no LibTorch"; exit 42; }
}
