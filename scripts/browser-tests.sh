#!/usr/bin/env bash
# Walks the whole way in Debian's Chromium against the real server and the real agent.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh

scripts/with-tools.sh cargo build --workspace --bins --features baluardo-web/document --locked --quiet
cd tests/browser
../../scripts/with-tools.sh npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
exec ../../scripts/with-tools.sh node --test --test-reporter=spec walk.test.mjs
