#!/usr/bin/env bash
# Trains the mail model and prints how it does on mail that it did not see: scripts/train-mail.sh FOLDER [options]
#
# FOLDER holds the collections named in data/mail/README.md, each as NAME.tar.zst.
set -euo pipefail
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: scripts/train-mail.sh FOLDER: FOLDER with the collections is missing (make train-mail MAIL_DATA=folder)" >&2; exit 2; }
data="$(cd "$1" && pwd)"
shift
cd "$(dirname "$0")/.."
scripts/unpack-mail.sh "$data"
exec scripts/with-tools.sh cargo run --release --locked -p baluardo-train -- --data target/mail-data --model data/mail/model.bin "$@"
