//! What a file's name promises: which kind, which extension, whether a note to the victim.

use crate::content::ContentKind;
use std::path::Path;

/// Whether a kind is what an extension promises.
type Fits = fn(ContentKind) -> bool;

/// Extensions of documents, and what they promise.
const DOCUMENTS: &[(&str, Fits)] = &[
    ("pdf", |kind| matches!(kind, ContentKind::Pdf)),
    ("docx xlsx pptx docm xlsm pptm", |kind| matches!(kind, ContentKind::Ooxml | ContentKind::Zip | ContentKind::Ole)),
    ("odt ods odp odg", |kind| matches!(kind, ContentKind::Odf | ContentKind::Zip | ContentKind::Text)),
    ("doc xls ppt msg mdb rtf", |kind| kind.is_known()),
    ("jpg jpeg png gif tif tiff webp bmp heic", |kind| kind.is_known()),
    ("txt csv xml json html htm md log eml ics vcf svg sql", |kind| kind.is_known()),
    ("p7m mp4 mov mp3 wav avi", |kind| kind.is_known()),
    ("zip 7z gz xz bz2 rar sqlite db", |kind| kind.is_known()),
];

/// Extensions that programs give to files they are busy with or keep as a spare: changing to one means nothing.
const BUSY: &str = "tmp temp part partial crdownload download bak backup old orig save swp swo lock new ok done \
                    gz xz bz2 zst zip 7z tar tgz rar gpg asc pgp p7s torrent ini conf cfg";

/// Words in the name of a note to the victim. A readme alone is no sign.
const NOTE_WORDS: &[&str] = &[
    "decrypt",
    "decript",
    "ransom",
    "riscatto",
    "recover",
    "restore",
    "unlock",
    "encrypted",
    "your_files",
    "your-files",
    "how_to",
    "how-to",
    "how to",
    "decifra",
    "recuper",
    "istruzioni",
];

/// The extension in lower case; empty where there is none or it is not UTF-8.
pub(super) fn extension(path: &Path) -> String {
    path.extension().and_then(|ext| ext.to_str()).map(str::to_ascii_lowercase).unwrap_or_default()
}

/// Whether `kind` is what the name promises; `None` where the name promises nothing.
pub(super) fn keeps_promise(path: &Path, kind: ContentKind) -> Option<bool> {
    let ext = extension(path);
    DOCUMENTS.iter().find(|(exts, _)| exts.split(' ').any(|known| known == ext)).map(|(_, fits)| fits(kind))
}

/// Whether the name is a document's.
pub(super) fn is_document(path: &Path) -> bool {
    keeps_promise(path, ContentKind::Unknown).is_some()
}

/// The new extension, where a document was renamed to one that nobody knows.
pub(super) fn strange_extension(from: &Path, to: &Path) -> Option<String> {
    let new = extension(to);
    let strange = !new.is_empty()
        && new != extension(from)
        && is_document(from)
        && !is_document(to)
        && !BUSY.split_ascii_whitespace().any(|busy| busy == new)
        // Log rotation and dated copies: report.log.1, report.log.20261121.
        && !new.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    strange.then_some(new)
}

/// The file name in lower case, where it reads like a note to the victim.
pub(super) fn note_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let texts = ["txt", "html", "htm", "hta", "rtf", "md", ""];
    let reads = texts.contains(&extension(path).as_str()) && NOTE_WORDS.iter().any(|word| name.contains(word));
    reads.then_some(name)
}

/// The name without its last extension, without its last two, and so on: how an encrypted copy and its original are
/// matched. The name itself comes first, and at most three shorter ones follow.
pub(super) fn stems(path: &Path) -> impl Iterator<Item = &Path> {
    let mut names = path.file_name().map(Path::new);
    std::iter::from_fn(move || {
        let name = names?;
        names = name.extension().is_some().then(|| name.file_stem().map(Path::new)).flatten();
        Some(name)
    })
    .take(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_rotation_is_no_strange_extension() {
        let strange = |from: &str, to: &str| strange_extension(Path::new(from), Path::new(to));
        assert_eq!(strange("/l/a.log", "/l/a.log.1"), None);
        assert_eq!(strange("/l/a.log", "/l/a.log.2026-11-21"), None);
        assert_eq!(strange("/l/a.jpeg", "/l/a.jpg"), None);
        assert_eq!(strange("/l/a.docx", "/l/a.docx.bak"), None);
        assert_eq!(strange("/l/a.docx", "/l/a.docx.lokd"), Some("lokd".to_owned()));
        assert_eq!(strange("/l/a.docx", "/l/a.LOKD"), Some("lokd".to_owned()));
    }

    #[test]
    fn stems_run_from_the_whole_name_to_the_bare_one() {
        let stems: Vec<_> = stems(Path::new("/d/a.docx.id-1.lokd")).map(|stem| stem.display().to_string()).collect();
        assert_eq!(stems, ["a.docx.id-1.lokd", "a.docx.id-1", "a.docx", "a"]);
        assert_eq!(super::stems(Path::new("/d/.profile")).count(), 1);
    }

    #[test]
    fn a_readme_is_no_note_and_instructions_are() {
        assert_eq!(note_name(Path::new("/d/README.md")), None);
        assert_eq!(note_name(Path::new("/d/HOW_TO_DECRYPT.txt")), Some("how_to_decrypt.txt".to_owned()));
        assert_eq!(note_name(Path::new("/d/restore.sh")), None);
    }
}
