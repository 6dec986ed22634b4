//! What is known about a file besides its bytes: the variables that public rules ask for.

use crate::content::{ContentKind, Features, Sample};
use std::borrow::Cow;

/// Name, place and owner of a file, as rules see them. Empty texts stand for what is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    filename: String,
    filepath: String,
    extension: String,
    filetype: &'static str,
    owner: String,
}

impl Subject {
    /// The names of the variables.
    pub(super) const VARIABLES: [&'static str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

    /// A file at `path` (whole, with slashes either way) that belongs to `owner`, and that begins with `head`.
    ///
    /// The words follow what the writers of signature-base run their rules with: the extension has its dot and is in
    /// lower case, the type is `EXE`, `ELF`, `PDF` and the like.
    #[must_use]
    pub fn new(path: &str, owner: &str, head: &[u8]) -> Self {
        let filename = path.rsplit(['/', '\\', '!']).next().unwrap_or_default();
        let extension =
            filename.rfind('.').filter(|dot| *dot > 0).and_then(|dot| filename.get(dot..)).unwrap_or_default();
        Self {
            filename: filename.to_owned(),
            filepath: path.to_owned(),
            extension: extension.to_lowercase(),
            filetype: type_word(head),
            owner: owner.to_owned(),
        }
    }

    /// Its name without its folder; empty when it is not known.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.filename
    }

    /// The same file's inner part: `inside` is its path within.
    #[must_use]
    pub fn part(&self, inside: &str, head: &[u8]) -> Self {
        Self::new(&format!("{}!{inside}", self.filepath.split('!').next().unwrap_or_default()), &self.owner, head)
    }

    /// Variables and values.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let values: [Cow<'_, str>; 5] = [
            self.filename.as_str().into(),
            self.filepath.as_str().into(),
            self.extension.as_str().into(),
            self.filetype.into(),
            self.owner.as_str().into(),
        ];
        Self::VARIABLES.into_iter().zip(values.map(Cow::into_owned)).filter(|(_, value)| !value.is_empty())
    }
}

/// The word for a file that begins with `head`.
fn type_word(head: &[u8]) -> &'static str {
    let near = head.get(..head.len().min(4096)).unwrap_or_default();
    if near.starts_with(b"{\\rt") {
        return "RTF";
    }
    if near.starts_with(b"MZ") {
        return "EXE";
    }
    if near.starts_with(b"MDMP") {
        return "MDMP";
    }
    if near.starts_with(b"<?php") {
        return "PHP";
    }
    match Features::of(&Sample::of_bytes(near)).kind {
        ContentKind::Elf => "ELF",
        ContentKind::Pdf => "PDF",
        ContentKind::Zip | ContentKind::Ooxml | ContentKind::Odf => "ZIP",
        ContentKind::Gif => "GIF",
        ContentKind::Jpeg => "JPEG",
        ContentKind::Png => "PNG",
        ContentKind::Rar => "RAR",
        ContentKind::SevenZip => "7Z",
        ContentKind::Gzip => "GZIP",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_see_name_place_and_type_as_their_writers_expect() {
        let subject = Subject::new("/srv/Documenti/Fattura.PDF.Exe", "anna", b"MZ\x90\0");
        let told: Vec<_> = subject.variables().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            told,
            [
                "filename=Fattura.PDF.Exe",
                "filepath=/srv/Documenti/Fattura.PDF.Exe",
                "extension=.exe",
                "filetype=EXE",
                "owner=anna"
            ]
        );
        let inner = subject.part("a/b.js", b"var a");
        assert!(inner.variables().any(|(name, value)| name == "filename" && value == "b.js"));
        assert!(Subject::new("/etc/.profile", "", b"").variables().all(|(name, _)| name != "extension"));
    }
}
