#!/usr/bin/env bash
# Builds the console's styles, scripts, fonts and icons into crates/web/ui/dist, which the server's binary then carries.
set -euo pipefail
cd "$(dirname "$0")/.."
ui=crates/web/ui

# npm writes this file at the end of an installation, so an older one means that the lock file has moved on.
if [ ! "$ui/node_modules/.package-lock.json" -nt "$ui/package-lock.json" ]; then
  echo "Fetching what the console is made of (npm ci)"
  scripts/with-tools.sh npm ci --prefix "$ui" --omit=dev --no-audit --no-fund --loglevel=error
fi
scripts/with-tools.sh npm run --prefix "$ui" --silent build
touch "$ui/dist/manifest.json"
