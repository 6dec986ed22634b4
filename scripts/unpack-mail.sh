#!/usr/bin/env bash
# Unpacks collections of mail, NAME.tar.zst in FOLDER, to target/mail-data, which git ignores: scripts/unpack-mail.sh FOLDER
#
# No message of a collection is ever committed.
set -euo pipefail
data="$(cd "$1" && pwd)"
cd "$(dirname "$0")/.."
for archive in "$data"/*.tar.zst; do
    name="$(basename "$archive" .tar.zst)"
    folder="target/mail-data/$name"
    [ -e "$folder" ] && continue
    echo "unpacking $name"
    rm -rf "$folder.part"
    mkdir -p "$folder.part"
    zstd -dc --long=27 "$archive" | tar -x -C "$folder.part"
    mv "$folder.part" "$folder"
done
