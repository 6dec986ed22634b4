//! Many texts looked for inside a value at once, by four bytes of each that few others have.
//!
//! An automaton over all of them would be larger than the caches, and wait for memory at nearly every byte. Four bytes at a
//! time are looked up in a small filter instead, and what passes is compared with the few texts that have them.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::HashMap;

/// Bytes of a text that are looked up.
const GRAM: usize = 4;

/// The texts of one field.
#[derive(Debug, Default)]
pub(super) struct Grams {
    /// A bit for each hash that some text has; its size is a power of two.
    filter: Box<[u64]>,
    /// Which of `texts` have a hash: those from one number of `starts` up to the next.
    starts: Box<[u32]>,
    texts: Box<[Text]>,
    /// Texts too short for this, in an automaton that is small.
    short: Option<(AhoCorasick, Box<[u32]>)>,
}

#[derive(Debug)]
struct Text {
    bytes: Box<[u8]>,
    /// Where in it the four bytes stand that are looked up.
    at: usize,
    literal: u32,
}

impl Grams {
    /// Puts texts in order, each with the number of its literal.
    ///
    /// # Errors
    /// When there are more of them than can be held.
    pub(super) fn new(all: Vec<(Box<str>, u32)>) -> Result<Self, String> {
        let (long, short): (Vec<_>, Vec<_>) = all.into_iter().partition(|(text, _)| text.len() >= GRAM);
        let mut grams = Self::default();
        if !short.is_empty() {
            let automaton = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .prefilter(false)
                .dense_depth(GRAM)
                .build(short.iter().map(|(text, _)| text.as_bytes()))
                .map_err(|error| format!("the rules ask for too much text at once: {error}"))?;
            grams.short = Some((automaton, short.into_iter().map(|(_, literal)| literal).collect()));
        }
        if long.is_empty() {
            return Ok(grams);
        }
        let mut uses: HashMap<u32, u32> = HashMap::new();
        for (text, _) in &long {
            each(text.as_bytes()).for_each(|(_, gram)| *uses.entry(gram).or_default() += 1);
        }
        let slots = long.len().next_power_of_two() * 2;
        grams.filter = vec![0; (slots * 8).div_ceil(64)].into();
        let mut by_slot: Vec<Vec<Text>> = Vec::new();
        by_slot.resize_with(slots, Vec::new);
        for (text, literal) in long {
            let rarest = each(text.as_bytes()).min_by_key(|(_, gram)| uses.get(gram).copied().unwrap_or(0));
            let Some((at, gram)) = rarest else { continue };
            let (word, bit) = grams.bit(gram);
            grams.filter.get_mut(word).into_iter().for_each(|bits| *bits |= bit);
            if let Some(texts) = by_slot.get_mut(slot(gram, slots)) {
                texts.push(Text { bytes: text.into_boxed_bytes(), at, literal });
            }
        }
        let mut starts = vec![0];
        let mut texts = Vec::new();
        for of_slot in by_slot {
            texts.extend(of_slot);
            starts.push(u32::try_from(texts.len()).map_err(|_| "the rules ask for too much text at once")?);
        }
        (grams.starts, grams.texts) = (starts.into(), texts.into());
        Ok(grams)
    }

    /// Tells each literal whose text stands in `value`. A literal may be told several times.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(u32)) {
        let bytes = value.as_bytes();
        if !self.texts.is_empty() {
            for (at, gram) in each(bytes) {
                let (word, bit) = self.bit(gram);
                if self.filter.get(word).is_some_and(|bits| bits & bit != 0) {
                    self.compare(bytes, at, gram, found);
                }
            }
        }
        if let Some((automaton, literals)) = &self.short {
            for hit in automaton.find_overlapping_iter(value) {
                literals.get(hit.pattern().as_usize()).into_iter().for_each(|literal| found(*literal));
            }
        }
    }

    fn compare(&self, value: &[u8], at: usize, gram: u32, found: &mut impl FnMut(u32)) {
        let slot = slot(gram, self.starts.len() - 1);
        let bounds = self.starts.get(slot).zip(self.starts.get(slot + 1));
        let texts = bounds.and_then(|(from, to)| self.texts.get(*from as usize..*to as usize));
        for text in texts.unwrap_or_default() {
            let rest = at.checked_sub(text.at).and_then(|from| value.get(from..));
            if rest.is_some_and(|rest| rest.starts_with(&text.bytes)) {
                found(text.literal);
            }
        }
    }

    /// The bit of the filter for four bytes: in which word, and which.
    fn bit(&self, gram: u32) -> (usize, u64) {
        let hash = mixed(gram);
        ((hash >> 6) as usize & (self.filter.len() - 1), 1 << (hash & 63))
    }
}

/// Every four bytes of a text as a number, with where they stand.
fn each(bytes: &[u8]) -> impl Iterator<Item = (usize, u32)> {
    let grams = bytes.windows(GRAM).map(|window| window.first_chunk().map_or(0, |gram| u32::from_le_bytes(*gram)));
    grams.enumerate()
}

fn slot(gram: u32, slots: usize) -> usize {
    (mixed(gram) >> 7) as usize & (slots - 1)
}

/// Spreads neighbouring numbers.
fn mixed(gram: u32) -> u32 {
    let product = gram.wrapping_mul(0x9E37_79B1);
    product ^ (product >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grams(texts: &[String]) -> Grams {
        Grams::new(texts.iter().map(|text| text.as_str().into()).zip(0..).collect()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_the_value_contains(
            texts in prop::collection::btree_set("[ab.è]{1,7}", 0..40),
            value in "[ab.è]{0,60}",
        ) {
            let texts: Vec<String> = texts.into_iter().collect();
            let mut found = Vec::new();
            grams(&texts).find(&value, &mut |literal| found.push(literal as usize));
            found.sort_unstable();
            found.dedup();
            let there: Vec<usize> = (0..texts.len()).filter(|number| value.contains(&texts[*number])).collect();
            prop_assert_eq!(found, there);
        }
    }
}
