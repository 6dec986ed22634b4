//! Lists of bad files by SHA-256, SHA-1 and MD5 in a compact exact index: 5 million of them in 70 MB.
//!
//! Of each digest the first 16 bytes are kept: all of an MD5, and of the others as much as makes a chance meeting (one in
//! 2^106 for a list of 4 million) or a forged one as unlikely as breaking the digest itself.

mod lines;
mod table;

pub use lines::{Entry, LineError, parse_line};

use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;
use table::Table;

/// How many entries may have a name of their own; beyond, a finding names the list alone.
const NAMED_MOST: usize = 100_000;

/// A kind of digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// 16 bytes.
    Md5,
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 3] = [Self::Sha256, Self::Sha1, Self::Md5];

    /// Length in bytes.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The word for it, which is also the engine's name in findings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// The digest of a whole file, cut to what the index keeps.
pub(crate) type Short = [u8; 16];

/// The index while lists are read.
#[derive(Debug, Default)]
pub struct IndicatorsBuilder {
    bad: [Vec<Short>; 3],
    good: [Vec<Short>; 3],
    names: BTreeMap<Short, Box<str>>,
}

/// The finished index.
#[derive(Debug, Default)]
pub struct Indicators {
    bad: [Table; 3],
    good: [Table; 3],
    names: BTreeMap<Short, Box<str>>,
}

/// An indicator that a file meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Which digest is listed.
    pub algorithm: Algorithm,
    /// The name that the list gives; empty where it gives none.
    pub name: String,
}

impl IndicatorsBuilder {
    /// Takes an entry of a list of bad files.
    pub fn add(&mut self, entry: &Entry) {
        self.name(entry.short, &entry.name);
        self.add_short(entry.algorithm, entry.short);
    }

    /// Takes an entry of a list of files that are known to be good: they are never reported for their digest.
    pub fn add_exclusion(&mut self, entry: &Entry) {
        self.add_good_short(entry.algorithm, entry.short);
    }

    /// Takes a digest as the index keeps it.
    pub(crate) fn add_short(&mut self, algorithm: Algorithm, short: Short) {
        if let Some(list) = self.bad.get_mut(algorithm as usize) {
            list.push(short);
        }
    }

    /// Takes a good digest as the index keeps it.
    pub(crate) fn add_good_short(&mut self, algorithm: Algorithm, short: Short) {
        if let Some(list) = self.good.get_mut(algorithm as usize) {
            list.push(short);
        }
    }

    /// Names a digest.
    pub(crate) fn name(&mut self, short: Short, name: &str) {
        if !name.is_empty() && self.names.len() < NAMED_MOST {
            self.names.insert(short, name.into());
        }
    }

    /// The bad digests, by kind.
    pub(crate) const fn bad(&self) -> &[Vec<Short>; 3] {
        &self.bad
    }

    /// The good digests, by kind.
    pub(crate) const fn good(&self) -> &[Vec<Short>; 3] {
        &self.good
    }

    /// The names.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&Short, &str)> {
        self.names.iter().map(|(short, name)| (short, name.as_ref()))
    }

    /// How many digests are bad.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bad.iter().map(Vec::len).sum()
    }

    /// How many digests are good.
    #[must_use]
    pub fn exclusions(&self) -> usize {
        self.good.iter().map(Vec::len).sum()
    }

    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() + self.exclusions() == 0
    }

    /// Sorts everything.
    #[must_use]
    pub fn finish(self) -> Indicators {
        Indicators { bad: self.bad.map(Table::new), good: self.good.map(Table::new), names: self.names }
    }
}

impl Indicators {
    /// How many digests are listed as bad.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bad.iter().map(Table::len).sum()
    }

    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the digests take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bad.iter().chain(&self.good).map(Table::bytes).sum()
    }

    /// Begins to digest a file, by the kinds that are listed and no other.
    #[must_use]
    pub fn digests(&self) -> Digests {
        let wanted = |algorithm: Algorithm| self.bad.get(algorithm as usize).is_some_and(|table| table.len() > 0);
        Digests {
            sha256: wanted(Algorithm::Sha256).then(Sha256::default),
            sha1: wanted(Algorithm::Sha1).then(Sha1::default),
            md5: wanted(Algorithm::Md5).then(Md5::default),
        }
    }

    /// The indicator that the digested bytes meet; nothing when another digest of them is listed as good.
    #[must_use]
    pub fn meet(&self, digests: Digests) -> Option<Met> {
        let shorts = digests.finish();
        let listed = |tables: &[Table; 3], algorithm: Algorithm, short: &Short| {
            tables.get(algorithm as usize).is_some_and(|table| table.contains(short))
        };
        let known =
            || Algorithm::ALL.into_iter().zip(&shorts).filter_map(|(algorithm, short)| Some((algorithm, (*short)?)));
        if known().any(|(algorithm, short)| listed(&self.good, algorithm, &short)) {
            return None;
        }
        let (algorithm, short) = known().find(|(algorithm, short)| listed(&self.bad, *algorithm, short))?;
        let name = self.names.get(&short).map(ToString::to_string).unwrap_or_default();
        Some(Met { algorithm, name })
    }
}

/// Digests in the making; bytes may come in pieces, so that a file need not be in memory.
#[derive(Clone, Debug, Default)]
pub struct Digests {
    sha256: Option<Sha256>,
    sha1: Option<Sha1>,
    md5: Option<Md5>,
}

impl Digests {
    /// Whether any digest is wanted; otherwise nothing need be read for them.
    #[must_use]
    pub const fn wanted(&self) -> bool {
        self.sha256.is_some() || self.sha1.is_some() || self.md5.is_some()
    }

    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(sha256) = &mut self.sha256 {
            sha2::Digest::update(sha256, bytes);
        }
        if let Some(sha1) = &mut self.sha1 {
            sha1::Digest::update(sha1, bytes);
        }
        if let Some(md5) = &mut self.md5 {
            md5::Digest::update(md5, bytes);
        }
    }

    /// In the order of [`Algorithm::ALL`].
    fn finish(self) -> [Option<Short>; 3] {
        [
            self.sha256.and_then(|it| short(&sha2::Digest::finalize(it))),
            self.sha1.and_then(|it| short(&sha1::Digest::finalize(it))),
            self.md5.and_then(|it| short(&md5::Digest::finalize(it))),
        ]
    }
}

/// What the index keeps of a digest.
pub(crate) fn short(digest: &[u8]) -> Option<Short> {
    digest.first_chunk::<16>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(lines: &[&str]) -> Indicators {
        let mut builder = IndicatorsBuilder::default();
        for line in lines {
            builder.add(&parse_line(line).unwrap().unwrap());
        }
        builder.finish()
    }

    fn met(index: &Indicators, bytes: &[u8]) -> Option<Met> {
        let mut digests = index.digests();
        digests.update(bytes);
        index.meet(digests)
    }

    #[test]
    fn every_kind_of_digest_is_met_and_named() {
        // "abc" in RFC 1321, FIPS 180-4.
        for (line, algorithm) in [
            ("900150983CD24FB0D6963F7D28E17F72 prova", Algorithm::Md5),
            ("a9993e364706816aba3e25717850c26c9cd0d89d,prova", Algorithm::Sha1),
            ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  prova", Algorithm::Sha256),
        ] {
            let index = index(&[line]);
            assert_eq!(met(&index, b"abc"), Some(Met { algorithm, name: "prova".to_owned() }));
            assert_eq!(met(&index, b"abd"), None);
        }
        assert!(!index(&[]).digests().wanted(), "nothing listed, nothing digested");
    }

    #[test]
    fn what_is_listed_as_good_is_not_reported() {
        let mut builder = IndicatorsBuilder::default();
        let entry = parse_line("900150983cd24fb0d6963f7d28e17f72").unwrap().unwrap();
        builder.add(&entry);
        builder.add_exclusion(&entry);
        assert_eq!(met(&builder.finish(), b"abc"), None);
    }
}
