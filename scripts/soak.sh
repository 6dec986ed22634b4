#!/usr/bin/env bash
# Kills the real server and the real agent at random moments, N times (500 when not told), and checks that nothing is lost
# and nothing is done twice. A failure prints its seed; BALUARDO_SEED=SEED gives it again. Usage: scripts/soak.sh [N]
set -euo pipefail
cd "$(dirname "$0")/.."
BALUARDO_KILLS="${1:-500}" exec scripts/with-tools.sh cargo test --workspace --locked --test faults -- --nocapture random_kills
