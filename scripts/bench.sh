#!/usr/bin/env bash
# Measures the product beside named peers: scripts/bench.sh [exchange|lines|idle|console|scan|endpoint|overhead|honest|ransomware|sigma]... [-- options of the one]
#
# Without a name all run but sigma, which needs rules from outside (-- --rules FOLDER...), one after the other: about 50
# minutes. Each prints a table of min, median and max over its runs, and then a line of JSON for each figure.
# docs/benchmarks.md says what they mean. Root measures more than an ordinary user: what the agent can only do with its
# rights, and ClamAV beside it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh

all=(exchange lines idle console scan endpoint overhead honest ransomware)
names=()
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
  case " ${all[*]} sigma " in *" $1 "*) names+=("$1") ;; *) fail "there is no benchmark $1: choose from ${all[*]} sigma" ;; esac
  shift
done
[ "${1:-}" != -- ] || shift
[ "${#names[@]}" -gt 0 ] || names=("${all[@]}")
[ "$#" = 0 ] || [ "${#names[@]}" = 1 ] || fail "options after -- are for one benchmark: name just one"

say "Building in release"
scripts/with-tools.sh cargo build --release --locked --jobs "${JOBS:-2}" -p baluardo-server -p baluardo-agent -p baluardo-bench
say "$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2- | xargs), $(nproc) cores, $(uname -sr), load $(cut -d ' ' -f 1 /proc/loadavg), $(date -I)"
for name in "${names[@]}"; do
  say "$name"
  target/release/baluardo-bench "$name" "$@"
done
