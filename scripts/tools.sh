# shellcheck shell=bash
# Where the project's tools are: sourced by the other scripts, defines functions and does nothing else.
#
# Rust comes from any cargo on this machine that is new enough (rustup's or Debian's). Node comes from PATH when it is
# new enough and has npm; else from target/tools/node, where install-deps.sh puts it.

RUST_WANTED=1.95
NODE_WANTED=20
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target/tools"

# say TEXT: one line for the person who waits.
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

# fail TEXT: names the thing and the remedy, and ends the script.
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# at_least WANTED FOUND: succeeds when version FOUND is WANTED or later.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# cargo_dir: prints the folder of the first cargo that is new enough and has a rustc as new beside it.
cargo_dir() {
  local dir found
  while read -r dir; do
    if [ ! -x "$dir/cargo" ] || [ ! -x "$dir/rustc" ]; then continue; fi
    found="$("$dir/rustc" --version 2>/dev/null | cut -d ' ' -f 2)"
    if [ -n "$found" ] && at_least "$RUST_WANTED" "$found"; then printf '%s\n' "$dir"; return 0; fi
  done < <(printf '%s\n' "$PATH" "${CARGO_HOME:-$HOME/.cargo}/bin" /usr/bin | tr ':' '\n')
  return 1
}

# node_dir: prints the folder of the first node that is new enough and has npm beside it.
node_dir() {
  local dir found
  while read -r dir; do
    if [ ! -x "$dir/node" ] || [ ! -x "$dir/npm" ]; then continue; fi
    found="$("$dir/node" --version 2>/dev/null | tr -d v)"
    if [ -n "$found" ] && at_least "$NODE_WANTED" "$found"; then printf '%s\n' "$dir"; return 0; fi
  done < <(printf '%s\n' "$PATH" "$TOOLS/bin" | tr ':' '\n')
  return 1
}
