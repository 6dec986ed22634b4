#!/usr/bin/env bash
# Trains the models that know malware by its nature: scripts/train-nature.sh FOLDER HONEST...
#
# FOLDER holds the repositories named in data/nature/README.md as bare git repositories, each as OWNER+NAME/repo. Nothing of
# them is written out or run: files are read out of git's packs into memory. HONEST are folders of honest files, such as /usr.
# The model in data/nature is replaced only by one that is no worse on the frozen set.
set -euo pipefail
[ $# -ge 2 ] && [ -d "$1" ] || { echo "usage: scripts/train-nature.sh FOLDER HONEST...: FOLDER with the repositories is missing (make train-nature NATURE_DATA=folder HONEST=\"/usr\")" >&2; exit 2; }
data="$(cd "$1" && pwd)"
shift
honest=()
for folder in "$@"; do honest+=(--benign "$(cd "$folder" && pwd)"); done
cd "$(dirname "$0")/.."
exec scripts/with-tools.sh cargo run --release --locked -p baluardo-train --bin baluardo-train-nature -- \
  --data "$data" "${honest[@]}" --model data/nature/model.bin
