#!/usr/bin/env bash
# Runs every fuzz target for some seconds: scripts/fuzz.sh [SECONDS for each, 30 if left out]
#
# Coverage feedback needs compiler switches that the stable compiler keeps for itself; RUSTC_BOOTSTRAP=1 lends them to this
# build alone. Finds lie in fuzz/artifacts/TARGET; `RUSTC_BOOTSTRAP=1 cargo fuzz run -s none TARGET FILE` repeats one.
set -euo pipefail
seconds="${1:-30}"
[[ "$seconds" =~ ^[0-9]+$ ]] || { echo "usage: scripts/fuzz.sh [SECONDS]: '$seconds' is no number" >&2; exit 2; }
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "cargo-fuzz is missing: installing it"
    cargo install cargo-fuzz --locked
fi

# Without a sanitizer: the code is safe Rust, what is looked for are panics, hangs and memory without bounds.
host="$(rustc -vV | sed -n 's/^host: //p')"
cargo fuzz build --sanitizer none --target "$host"
failed=()
for target in $(cargo fuzz list); do
    echo "== $target: ${seconds} s"
    cargo fuzz run --sanitizer none --target "$host" "$target" -- \
        -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 || failed+=("$target")
done
if [ "${#failed[@]}" -gt 0 ]; then
    echo "found something: ${failed[*]} (see fuzz/artifacts)" >&2
    exit 1
fi
echo "every target ran ${seconds} s without a find"
