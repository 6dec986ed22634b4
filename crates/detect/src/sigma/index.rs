//! All literals that rules look for in one field, found in one pass over its value.

use super::pattern::Place;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::{BTreeMap, HashMap};

/// The literals of one field.
#[derive(Debug, Default)]
pub(super) struct Index {
    whole: HashMap<Box<str>, u32>,
    search: Option<Search>,
}

/// The literals that are part of a value, in one automaton.
#[derive(Debug)]
struct Search {
    automaton: AhoCorasick,
    /// Which literals each text of the automaton stands for: those from one number of `starts` up to the next.
    starts: Box<[u32]>,
    literals: Box<[(Place, u32)]>,
}

impl Index {
    /// Puts literals in order: where each must stand, its text in the form in which values are compared, its number.
    ///
    /// # Errors
    /// When there are more of them than an automaton can hold.
    pub(super) fn new(literals: Vec<(Place, Box<str>, u32)>) -> Result<Self, String> {
        let mut whole = HashMap::new();
        let mut texts: BTreeMap<Box<str>, Vec<(Place, u32)>> = BTreeMap::new();
        for (place, text, number) in literals {
            if place == Place::Whole {
                whole.insert(text, number);
            } else {
                texts.entry(text).or_default().push((place, number));
            }
        }
        whole.shrink_to_fit();
        let search = if texts.is_empty() { None } else { Some(Search::new(texts)?) };
        Ok(Self { whole, search })
    }

    /// Tells each literal that `value` has. A literal may be told several times.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(u32)) {
        if let Some(literal) = self.whole.get(value) {
            found(*literal);
        }
        if let Some(search) = &self.search {
            search.find(value, found);
        }
    }
}

impl Search {
    fn new(texts: BTreeMap<Box<str>, Vec<(Place, u32)>>) -> Result<Self, String> {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .prefilter(false)
            .build(texts.keys().map(AsRef::<str>::as_ref))
            .map_err(|error| format!("the rules ask for too much text at once: {error}"))?;
        let (mut starts, mut literals) = (vec![0], Vec::new());
        for meant in texts.into_values() {
            literals.extend(meant);
            starts.push(u32::try_from(literals.len()).map_err(|_| "the rules ask for too much text at once")?);
        }
        Ok(Self { automaton, starts: starts.into(), literals: literals.into() })
    }

    fn find(&self, value: &str, found: &mut impl FnMut(u32)) {
        for hit in self.automaton.find_overlapping_iter(value) {
            let text = hit.pattern().as_usize();
            let bounds = self.starts.get(text).zip(self.starts.get(text + 1));
            let meant = bounds.and_then(|(from, to)| self.literals.get(*from as usize..*to as usize));
            for (place, literal) in meant.unwrap_or_default() {
                let stands = match place {
                    Place::Whole => hit.start() == 0 && hit.end() == value.len(),
                    Place::Start => hit.start() == 0,
                    Place::End => hit.end() == value.len(),
                    Place::Inside => true,
                };
                if stands {
                    found(*literal);
                }
            }
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
        ])
        .unwrap();
        let found = |value: &str| {
            let mut numbers = Vec::new();
            index.find(value, &mut |number| numbers.push(number));
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        assert_eq!(found("cmd"), [0, 1, 2, 3, 4]);
        assert_eq!(found("xcmdx"), [3, 4]);
        assert_eq!(found(""), [5]);
        assert!(found("abc").is_empty());
    }
}
