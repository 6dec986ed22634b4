#!/usr/bin/env bash
# Passes the same mail through Debian's Postfix without a filter, with ours and with rspamd's: scripts/bench-milter.sh [options of bench_milter.py]
#
# Everything runs on loopback, in a folder that goes again, with the configuration of the gateway that ships and with messages
# of the project's own generator, so nothing from outside is needed but Debian's packages. Postfix needs root.
# docs/benchmarks.md says what the figures mean.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh
[ "$(id -u)" = 0 ] || fail "Postfix and rspamd give up their rights when they start: run this as root, best in a virtual machine"
scripts/install-deps.sh bench-milter

say "Building in release"
scripts/with-tools.sh cargo build --release --locked --jobs "${JOBS:-2}" -p baluardo-server -p baluardo-train -p baluardo-bench
say "$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2- | xargs), $(nproc) cores, $(uname -sr), load $(cut -d ' ' -f 1 /proc/loadavg), $(date -I)"
exec python3 scripts/bench_milter.py target/release "$@"
