#!/usr/bin/env bash
# Runs a command with the right cargo and node first on PATH: scripts/with-tools.sh cargo build
set -euo pipefail
# shellcheck source=scripts/tools.sh
source "$(dirname "$0")/tools.sh"

# Only what PATH does not already find goes in front: a whole folder may hold other programs in other versions.
for tool in cargo node; do
  if dir="$("${tool}_dir")" && [ "$(command -v "$tool" || true)" != "$dir/$tool" ]; then PATH="$dir:$PATH"; fi
done
export PATH
exec "$@"
