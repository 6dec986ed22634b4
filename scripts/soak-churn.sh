#!/usr/bin/env bash
# Lets files come and go under the agent's guard for some minutes (120 when not told) and watches its memory: prints a table and the
# slope, and exits with 1 when it grows. Usage: scripts/soak-churn.sh [MINUTES]
#
# BALUARDO_AGENT names another program than target/release/baluardo-agent, BALUARDO_GROWTH_KIB the growth that is forgiven (8192).
# What the vault remembers of the past fills up to its bound first: at this pace that takes some minutes, so that a run of less than
# half an hour mostly measures the filling. Everything lies in a folder of its own, which goes at the end. Root has the gate watched too (fanotify).
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 scripts/soak_churn.py "${1:-120}"
