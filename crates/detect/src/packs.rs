//! Packs of rules and indicators as they travel to devices and lie there: YARA rules as texts, compressed, and digests as the
//! index keeps them. What is read back is bounded, because it may have come from anywhere.
//!
//! A pack is [`MAGIC`] and then sections, each a letter, a length of eight bytes (little end first) and so many bytes:
//! `R` for rules (zlib; lengths of name and text, four bytes each, then both), `B` and `G` for digests that are bad and good
//! (a byte for the kind, then 16 bytes each), `N` for names (16 bytes, a byte for the length, then the name).

mod gather;

pub use gather::{Gathered, Warninglist, rule_text};

use crate::indicators::{Algorithm, IndicatorsBuilder, Short};
use crate::scan::RuleSource;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use std::io::{self, Read};

/// The first bytes of a pack.
pub const MAGIC: &[u8; 16] = b"BALUARDO PACK 1\n";

/// The longest pack, in bytes: five million digests and a large set of rules.
pub const LONGEST: u64 = 128 * 1024 * 1024;

/// The most bytes of rules in one pack, as text.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// The most bytes of rules in one pack, compressed.
const MOST_COMPRESSED: u64 = 32 * 1024 * 1024;

/// How hard rules are compressed: the usual level of zlib.
const LEVEL: u8 = 6;

/// Bytes of a digest in a pack.
const DIGEST: usize = size_of::<Short>();

/// Digests read at once.
const CHUNK: usize = 4_096;

/// Why a pack cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is none, or was cut.
    #[error("this is no whole pack of rules: {0}")]
    Unreadable(&'static str),
    /// Its bytes did not come.
    #[error("the pack could not be read: {0}")]
    Io(#[from] io::Error),
}

/// Writes rules and indicators as one pack.
#[must_use]
pub fn write(rules: &[RuleSource], indicators: &IndicatorsBuilder) -> Vec<u8> {
    let mut pack = MAGIC.to_vec();
    if !rules.is_empty() {
        let mut texts = Vec::new();
        for rule in rules {
            for part in [&rule.name, &rule.text] {
                texts.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            }
            texts.extend(rule.name.as_bytes());
            texts.extend(rule.text.as_bytes());
        }
        section(&mut pack, b'R', &[&compress_to_vec_zlib(&texts, LEVEL)]);
    }
    for (tag, lists) in [(b'B', indicators.bad()), (b'G', indicators.good())] {
        for (kind, list) in (0_u8..).zip(lists).filter(|(_, list)| !list.is_empty()) {
            section(&mut pack, tag, &[&[kind], list.as_flattened()]);
        }
    }
    let mut names = Vec::new();
    for (short, name) in indicators.names() {
        let mut end = name.len().min(usize::from(u8::MAX));
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        names.extend(short);
        names.push(u8::try_from(end).unwrap_or(u8::MAX));
        names.extend(name.get(..end).unwrap_or_default().as_bytes());
    }
    if !names.is_empty() {
        section(&mut pack, b'N', &[&names]);
    }
    pack
}

fn section(pack: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    pack.push(tag);
    pack.extend((parts.iter().map(|part| part.len()).sum::<usize>() as u64).to_le_bytes());
    parts.iter().for_each(|part| pack.extend(*part));
}

/// Reads a pack: its rules are handed back, its digests go into `indicators`. Digests are never held twice.
///
/// # Errors
/// [`PackError`]. What was added to `indicators` until then stays there.
pub fn read(from: &mut dyn Read, indicators: &mut IndicatorsBuilder) -> Result<Vec<RuleSource>, PackError> {
    let mut from = from.take(LONGEST);
    let mut magic = [0; MAGIC.len()];
    fill(&mut from, &mut magic)?;
    if &magic != MAGIC {
        return Err(PackError::Unreadable("its first bytes are others"));
    }
    let mut rules = Vec::new();
    loop {
        let mut tag = [0];
        if from.read(&mut tag)? == 0 {
            return Ok(rules);
        }
        let mut length = [0; 8];
        fill(&mut from, &mut length)?;
        let length = u64::from_le_bytes(length);
        let mut part = (&mut from).take(length);
        match tag {
            [b'R'] => rules.extend(texts(&mut part, length)?),
            [b'B'] => digests(&mut part, &mut |kind, short| indicators.add_short(kind, short))?,
            [b'G'] => digests(&mut part, &mut |kind, short| indicators.add_good_short(kind, short))?,
            [b'N'] => names(&mut part, indicators)?,
            // A later version may have more to tell.
            _ => drop(io::copy(&mut part, &mut io::sink())?),
        }
        if part.limit() > 0 {
            return Err(PackError::Unreadable("it ends in the middle of a part"));
        }
    }
}

fn fill(from: &mut dyn Read, into: &mut [u8]) -> Result<(), PackError> {
    match from.read_exact(into) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(PackError::Unreadable("it was cut")),
        other => Ok(other?),
    }
}

fn texts(part: &mut dyn Read, length: u64) -> Result<Vec<RuleSource>, PackError> {
    if length > MOST_COMPRESSED {
        return Err(PackError::Unreadable("its rules are too long"));
    }
    let mut packed = Vec::new();
    part.read_to_end(&mut packed)?;
    let bytes = decompress_to_vec_zlib_with_limit(&packed, MOST_TEXT)
        .map_err(|_| PackError::Unreadable("its rules cannot be unpacked, or are too long"))?;
    let (mut rest, mut rules) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let cut = || PackError::Unreadable("a rule in it was cut");
        let (lengths, after) = rest.split_at_checked(8).ok_or_else(cut)?;
        let (name, text) = lengths.split_at_checked(4).ok_or_else(cut)?;
        let size = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_le_bytes).and_then(|n| usize::try_from(n).ok());
        let (name, after) = size(name).and_then(|size| after.split_at_checked(size)).ok_or_else(cut)?;
        let (text, after) = size(text).and_then(|size| after.split_at_checked(size)).ok_or_else(cut)?;
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        rules.push(RuleSource { name: words(name), text: words(text) });
        rest = after;
    }
    Ok(rules)
}

fn digests(part: &mut dyn Read, add: &mut dyn FnMut(Algorithm, Short)) -> Result<(), PackError> {
    let mut kind = [0];
    fill(part, &mut kind)?;
    let kind = Algorithm::ALL.into_iter().find(|one| [*one as u8] == kind);
    let kind = kind.ok_or(PackError::Unreadable("it has digests of a kind that is not known"))?;
    let mut chunk = Vec::with_capacity(CHUNK * DIGEST);
    loop {
        chunk.clear();
        part.take((CHUNK * DIGEST) as u64).read_to_end(&mut chunk)?;
        let (shorts, rest) = chunk.as_chunks::<DIGEST>();
        if !rest.is_empty() {
            return Err(PackError::Unreadable("a digest in it was cut"));
        }
        if shorts.is_empty() {
            return Ok(());
        }
        shorts.iter().for_each(|short| add(kind, *short));
    }
}

fn names(part: &mut dyn Read, indicators: &mut IndicatorsBuilder) -> Result<(), PackError> {
    let mut head = [0; DIGEST + 1];
    loop {
        match part.read(head.get_mut(..1).unwrap_or_default())? {
            0 => return Ok(()),
            _ => fill(part, head.get_mut(1..).unwrap_or_default())?,
        }
        let (Some(short), Some(length)) = (head.first_chunk::<DIGEST>(), head.last()) else {
            return Err(PackError::Unreadable("a name in it was cut"));
        };
        let mut name = vec![0; usize::from(*length)];
        fill(part, &mut name)?;
        indicators.name(*short, &String::from_utf8_lossy(&name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::parse_line;

    fn sample() -> (Vec<RuleSource>, IndicatorsBuilder) {
        let rule = |name: &str, text: &str| RuleSource { name: name.to_owned(), text: text.to_owned() };
        let mut indicators = IndicatorsBuilder::default();
        for line in ["900150983cd24fb0d6963f7d28e17f72 prova", &"ab".repeat(32), &"cd".repeat(20)] {
            indicators.add(&parse_line(line).unwrap().unwrap());
        }
        indicators.add_exclusion(&parse_line(&"ef".repeat(32)).unwrap().unwrap());
        (vec![rule("a/è.yar", "rule a { condition: true }"), rule("b.yar", "")], indicators)
    }

    #[test]
    fn what_was_written_is_what_is_read() {
        let (rules, indicators) = sample();
        let mut back = IndicatorsBuilder::default();
        let pack = write(&rules, &indicators);
        assert_eq!(read(&mut pack.as_slice(), &mut back).unwrap(), rules);
        assert_eq!(format!("{back:?}"), format!("{indicators:?}"));
        let index = back.finish();
        let mut digests = index.digests();
        digests.update(b"abc");
        assert_eq!(index.meet(digests).map(|met| met.name), Some("prova".to_owned()));
        assert_eq!(
            read(&mut write(&[], &IndicatorsBuilder::default()).as_slice(), &mut IndicatorsBuilder::default()).unwrap(),
            []
        );
    }

    #[test]
    fn a_pack_that_was_cut_or_changed_is_refused_or_read_but_never_believed_beyond_its_length() {
        let (rules, indicators) = sample();
        let pack = write(&rules, &indicators);
        let first = MAGIC.len() + 1;
        for length in 0..pack.len() {
            let cut = read(&mut &pack[..length], &mut IndicatorsBuilder::default());
            let whole_parts = cut.is_ok();
            assert!(!whole_parts || length == MAGIC.len() || length > first + 8, "{length}");
        }
        for at in 0..pack.len() {
            let mut changed = pack.clone();
            changed[at] ^= 0xFF;
            let _ = read(&mut changed.as_slice(), &mut IndicatorsBuilder::default());
        }
    }

    #[test]
    fn rules_that_swell_are_refused() {
        let mut pack = MAGIC.to_vec();
        section(&mut pack, b'R', &[&compress_to_vec_zlib(&vec![b' '; MOST_TEXT + 1], 1)]);
        let refused = read(&mut pack.as_slice(), &mut IndicatorsBuilder::default());
        assert!(matches!(refused, Err(PackError::Unreadable(why)) if why.contains("too long")));
    }
}
