//! The literals for which rules wait in one field, found in one pass over its value.

use super::fnv::Fnv;
use super::grams::Grams;
use super::pattern::Place;
use std::collections::HashMap;

/// The literals of one field.
#[derive(Debug, Default)]
pub(super) struct Index {
    whole: HashMap<Box<str>, u32, Fnv>,
    /// Length of the longest of them: what is longer is none.
    longest: usize,
    starts: Edge,
    ends: Edge,
    inside: Grams,
}

impl Index {
    /// Puts literals in order: where each must stand, its text in the form in which values are compared, its number. Each
    /// text stands at most once for each place.
    ///
    /// # Errors
    /// When there are more of them than can be held.
    pub(super) fn new(literals: Vec<(Place, Box<str>, u32)>) -> Result<Self, String> {
        let mut index = Self::default();
        let (mut starts, mut ends, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for (place, text, number) in literals {
            match place {
                Place::Whole => {
                    index.longest = index.longest.max(text.len());
                    index.whole.insert(text, number);
                }
                Place::Start => starts.push((text.bytes().collect(), number)),
                Place::End => ends.push((text.bytes().rev().collect(), number)),
                Place::Inside => inside.push((text, number)),
            }
        }
        index.whole.shrink_to_fit();
        (index.starts, index.ends) = (Edge::new(starts), Edge::new(ends));
        index.inside = Grams::new(inside)?;
        Ok(index)
    }

    /// Tells each literal that `value` has. A literal may be told several times.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(u32)) {
        if value.len() <= self.longest
            && let Some(literal) = self.whole.get(value)
        {
            found(*literal);
        }
        self.starts.find(value.bytes(), found);
        self.ends.find(value.bytes().rev(), found);
        self.inside.find(value, found);
    }
}

/// Texts at one edge of a value, read from there, in order.
#[derive(Debug, Default)]
struct Edge {
    texts: Box<[(Box<[u8]>, u32)]>,
}

impl Edge {
    fn new(mut texts: Vec<(Box<[u8]>, u32)>) -> Self {
        texts.sort();
        Self { texts: texts.into() }
    }

    /// Narrows the texts down, byte by byte, to those that go on as the value does.
    fn find(&self, value: impl Iterator<Item = u8>, found: &mut impl FnMut(u32)) {
        let mut left = &*self.texts;
        for (depth, byte) in value.enumerate() {
            let at = |text: &[u8]| text.get(depth).copied();
            let from = left.partition_point(|(text, _)| at(text) < Some(byte));
            let rest = left.get(from..).unwrap_or_default();
            let to = rest.partition_point(|(text, _)| at(text) == Some(byte));
            left = rest.get(..to).unwrap_or_default();
            if left.is_empty() {
                return;
            }
            // What ends here stands before what goes on.
            left.iter().take_while(|(text, _)| text.len() == depth + 1).for_each(|(_, literal)| found(*literal));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_finds_every_literal_at_its_place() {
        let literal = |place, text: &str, number| (place, text.into(), number);
        let index = Index::new(vec![
            literal(Place::Whole, "cmd", 0),
            literal(Place::Start, "cm", 1),
            literal(Place::End, "md", 2),
            literal(Place::Inside, "m", 3),
            literal(Place::Inside, "cm", 4),
            literal(Place::Whole, "", 5),
            literal(Place::End, "cmd", 6),
            literal(Place::End, "d", 7),
            literal(Place::End, "xd", 8),
            literal(Place::Start, "cmx", 9),
        ])
        .unwrap();
        let found = |value: &str| {
            let mut numbers = Vec::new();
            index.find(value, &mut |number| numbers.push(number));
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        assert_eq!(found("cmd"), [0, 1, 2, 3, 4, 6, 7]);
        assert_eq!(found("xcmdx"), [3, 4]);
        assert_eq!(found("cmxd"), [1, 3, 4, 7, 8, 9]);
        assert_eq!(found(""), [5]);
        assert!(found("abc").is_empty());
    }
}
