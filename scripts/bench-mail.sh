#!/usr/bin/env bash
# Judges the same messages with Baluardo, rspamd and SpamAssassin: scripts/bench-mail.sh FOLDER [-- options of bench_mail.py]
#
# FOLDER holds the collections named in data/mail/README.md. Ours are the verdicts of models that did not see the collection
# in question; they are made first, in some minutes, and kept in target/mail-verdicts.tsv until the trainer is newer. The
# peers come from Debian, run on loopback with nothing that asks the network, and need root. docs/benchmarks.md says what
# the figures mean.
set -euo pipefail
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: scripts/bench-mail.sh FOLDER: FOLDER with the collections is missing (make bench-mail MAIL_DATA=folder)" >&2; exit 2; }
data="$(cd "$1" && pwd)"
shift
[ "${1:-}" != -- ] || shift
cd "$(dirname "$0")/.."
# shellcheck source=scripts/tools.sh
source scripts/tools.sh
[ "$(id -u)" = 0 ] || fail "rspamd and spamd give up their rights when they start: run this as root, best in a virtual machine"
scripts/install-deps.sh bench-mail

scripts/unpack-mail.sh "$data"
scripts/with-tools.sh cargo build --release --locked --jobs "${JOBS:-2}" -p baluardo-train
verdicts=target/mail-verdicts.tsv
if [ ! -e "$verdicts" ] || [ target/release/baluardo-train -nt "$verdicts" ]; then
    say "Leaving out one group of collections after the other (some minutes)"
    target/release/baluardo-train --data target/mail-data --verdicts "$verdicts" >target/mail-training.txt
fi
say "$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2- | xargs), $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg), $(date -I)"
exec python3 scripts/bench_mail.py "$verdicts" target/release/baluardo-train "$@"
