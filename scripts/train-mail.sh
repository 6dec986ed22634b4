#!/usr/bin/env bash
# Trains the mail model: scripts/train-mail.sh FOLDER [--leave-out]
#
# FOLDER holds the collections named in data/mail/README.md, each as NAME.tar.zst. They are unpacked under target/mail-data,
# which git ignores: no message of a collection is ever committed.
set -euo pipefail
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: scripts/train-mail.sh FOLDER [--leave-out]: FOLDER with the collections is missing (make train-mail MAIL_DATA=folder)" >&2; exit 2; }
data="$(cd "$1" && pwd)"
shift
cd "$(dirname "$0")/.."
unpacked=target/mail-data
for archive in "$data"/*.tar.zst; do
    name="$(basename "$archive" .tar.zst)"
    [ -e "$unpacked/$name" ] && continue
    echo "unpacking $name"
    rm -rf "$unpacked/$name.part"
    mkdir -p "$unpacked/$name.part"
    zstd -dc --long=27 "$archive" | tar -x -C "$unpacked/$name.part"
    mv "$unpacked/$name.part" "$unpacked/$name"
done
exec scripts/with-tools.sh cargo run --release --locked -p baluardo-train -- --data "$unpacked" --model data/mail/model.bin "$@"
