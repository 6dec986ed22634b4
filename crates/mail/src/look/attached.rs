//! Attached files: what they are, told by name and by content.

use super::fact::{Fact, Facts};
use super::inside;
use crate::read::{Attachment, Letter};
use baluardo_detect::content::{ContentKind, Features, Sample};
use baluardo_detect::scan::eicar_test_file;

/// Endings that run when they are opened.
pub(super) const PROGRAMS: &[&str] = &[
    "exe",
    "scr",
    "pif",
    "bat",
    "cmd",
    "js",
    "jse",
    "vbs",
    "vbe",
    "wsf",
    "wsh",
    "hta",
    "ps1",
    "lnk",
    "msi",
    "msp",
    "cpl",
    "jar",
    "reg",
    "iso",
    "img",
    "vhd",
    "vhdx",
    "chm",
    "xll",
    "one",
    "application",
    "appref-ms",
    "library-ms",
    "search-ms",
    "settingcontent-ms",
    "url",
    "scf",
    "inf",
    "dll",
    "apk",
    "udf",
    "ace",
    "mht",
    "wim",
    "sct",
    "ws",
    "msix",
    "appx",
];
/// Endings of documents, which programs like to wear.
const DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "jpg", "jpeg", "png", "txt", "p7m", "odt", "ods", "rtf", "csv", "xml", "ppt",
    "pptx", "zip", "html",
];
const ARCHIVES: &[&str] = &["zip", "rar", "7z", "gz", "tar", "tgz", "cab", "arj", "z", "xz", "bz2", "lzh", "r00"];
const MACROS: &[&str] = &["docm", "xlsm", "pptm", "dotm", "xlam", "xltm", "ppam", "xlsb"];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let mut locked = false;
    for file in &letter.attachments {
        locked |= one(file, facts);
    }
    inside::look(letter, facts);
    facts.add_if(locked && tells_password(&letter.text), Fact::AttachedLockedPassword, "");
}

/// Facts of one file; true when it is a locked archive.
fn one(file: &Attachment, facts: &mut Facts) -> bool {
    let name = file.name.to_lowercase();
    let bare: String = name.chars().filter(|letter| !is_turning(*letter)).collect();
    let bare = bare.trim_end_matches(['.', ' ']);
    let endings: Vec<&str> = bare.rsplit('.').take(3).collect();
    let last = if bare.contains('.') { endings.first().copied().unwrap_or_default() } else { "" };
    let kind = if file.head.is_empty() { ContentKind::Empty } else { Features::of(&Sample::of_bytes(&file.head)).kind };
    let program = PROGRAMS.contains(&last) || matches!(kind, ContentKind::Pe | ContentKind::Elf);
    facts.add_if(program, Fact::AttachedProgram, &file.name);
    let second = endings.get(1).map(|ending| ending.trim()).unwrap_or_default();
    facts.add_if(program && endings.len() > 2 && DOCUMENTS.contains(&second), Fact::AttachedDouble, &file.name);
    facts.add_if(name.chars().any(is_turning), Fact::AttachedReversed, &file.name);
    facts.add_if(
        matches!(kind, ContentKind::Pe | ContentKind::Elf) && DOCUMENTS.contains(&last),
        Fact::AttachedDisguised,
        &file.name,
    );
    facts.add_if(file.head.starts_with(&eicar_test_file()), Fact::AttachedTest, &file.name);
    page(file, last, facts);
    let macros = MACROS.contains(&last) && last != "xlsb"
        || holds(file, b"vbaProject.bin")
        || (kind == ContentKind::Ole
            && (holds(file, b"_VBA_PROJECT") || holds(file, b"_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0")));
    facts.add_if(macros, Fact::AttachedMacro, &file.name);
    if kind.is_archive() || ARCHIVES.contains(&last) {
        return archive(file, kind, facts);
    }
    false
}

/// What stands behind the last dot of a name, in lower case.
pub(super) fn ending_of(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.trim().to_lowercase())
}

/// HTML and SVG files.
fn page(file: &Attachment, last: &str, facts: &mut Facts) {
    let svg = last == "svg" || file.media_type == "image/svg+xml";
    let html =
        matches!(last, "html" | "htm" | "shtml" | "xhtml") || (file.media_type == "text/html" && !file.name.is_empty());
    if !svg && !html {
        return;
    }
    let text = String::from_utf8_lossy(&file.head).to_ascii_lowercase();
    let acts =
        ["<script", "onload=", "onerror=", "<foreignobject", "javascript:"].iter().any(|mark| text.contains(mark));
    facts.add_if(svg && acts, Fact::AttachedSvg, &file.name);
    if html {
        facts.add(Fact::AttachedPage, &file.name);
        const BUILDS: &[&str] = &[
            "atob(",
            "fromcharcode",
            "createobjecturl",
            "mssaveoropenblob",
            "unescape(",
            "eval(",
            "document.write(",
            "type=\"password\"",
            "type='password'",
            "type=password",
            "location.href",
            "location.replace",
            "http-equiv=\"refresh\"",
        ];
        facts.add_if(BUILDS.iter().any(|mark| text.contains(mark)), Fact::AttachedSmuggling, &file.name);
    }
}

/// Looks at the entries of an archive that the head shows; true when it is locked.
fn archive(file: &Attachment, kind: ContentKind, facts: &mut Facts) -> bool {
    let mut locked = false;
    let mut rest = file.head.as_slice();
    let mut entries = 0;
    while let Some(at) = rest.windows(4).position(|mark| mark == b"PK\x03\x04").filter(|_| entries < 100) {
        let entry = rest.get(at..).unwrap_or_default();
        locked |= entry.get(6).is_some_and(|flags| flags & 1 == 1);
        let length = entry
            .get(26)
            .zip(entry.get(27))
            .map(|(low, high)| usize::from(u16::from_le_bytes([*low, *high])))
            .unwrap_or_default();
        let name = String::from_utf8_lossy(entry.get(30..30 + length).unwrap_or_default()).to_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let program = PROGRAMS.contains(&ending) && !matches!(ending, "url" | "inf");
        facts.add_if(program, Fact::AttachedArchiveProgram, &name);
        facts.add_if(matches!(ending, "html" | "htm"), Fact::AttachedPage, &name);
        rest = entry.get(30..).unwrap_or_default();
        entries += 1;
    }
    // 7-Zip and RAR name what they hold in plain text unless they hide that too; RAR 5 marks encryption with header type 4.
    locked |= kind == ContentKind::Rar
        && file.head.get(..64).is_some_and(|head| {
            head.starts_with(b"Rar!\x1A\x07\x01\x00") && head.get(12..16).is_some_and(|types| types.contains(&4))
        });
    locked |= kind == ContentKind::SevenZip && holds(file, b"\x06\xF1\x07\x01");
    facts.add_if(locked, Fact::AttachedLocked, &file.name);
    locked
}

fn holds(file: &Attachment, mark: &[u8]) -> bool {
    let within = |bytes: &[u8]| bytes.len() >= mark.len() && bytes.windows(mark.len()).any(|window| window == mark);
    within(&file.head) || within(&file.tail)
}

/// Right-to-left override and its kin.
fn is_turning(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// Whether the text says with what to open a file: the word, and soon after it something that can be typed. A password that was
/// told otherwise ("già concordata") is no such thing.
fn tells_password(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "parola chiave",
        "passwort",
        "codice di apertura",
        "pwd",
        "pin ",
        "codice per aprire",
        "chiave di accesso",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| {
        text.match_indices(word).take(20).any(|(at, _)| {
            let after: String = text.get(at + word.len()..).unwrap_or_default().chars().take(45).collect();
            let before_end = after.split(['.', '\n']).next().unwrap_or_default();
            let typed = |word: &str| word.len() >= 3 && word.chars().any(|letter| letter.is_ascii_digit());
            before_end.split_whitespace().any(typed) || before_end.trim_start().starts_with([':', '='])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::tells_password;

    #[test]
    fn a_password_in_the_text_is_told_from_one_that_was_agreed_elsewhere() {
        assert!(tells_password("La password per aprire l'archivio è 7781.") && tells_password("Password: gatto"));
        assert!(!tells_password("L'archivio si apre con la password già concordata per telefono."));
    }
}
