//! What weighed most, in plain words, Italian first, from `locale/`.

use super::model::{Part, weight_of};
use super::program::reason_of;
use super::script::FACTS;
use super::trees::Forest;
use super::{Kind, Seen};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Reasons told.
const TOLD: usize = 5;

/// What weighs less than this share of the heaviest reason is told only to come to three.
const LIGHT: f32 = 0.1;

type Texts = BTreeMap<String, String>;

static ITALIAN: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locale/it.json")).unwrap_or_default());
static ENGLISH: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locale/en.json")).unwrap_or_default());

/// A language in which reasons are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Italian.
    Italian,
    /// English.
    #[default]
    English,
}

/// One reason and how much it weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The stable code.
    pub code: &'static str,
    /// How much it weighed, in natural logarithms of the odds.
    pub weight: f32,
}

impl Said {
    /// The reason as a sentence without a full stop.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        sentence(self.code, language)
    }
}

/// The words for a code; the code itself where there are none, which a test rules out.
pub(super) fn sentence(code: &str, language: Language) -> String {
    let texts: &Texts = match language {
        Language::Italian => &ITALIAN,
        Language::English => &ENGLISH,
    };
    texts.get(code).map_or(code, String::as_str).to_owned()
}

/// Heaviest first, no more than are told.
fn heaviest(mut all: Vec<Said>) -> Vec<Said> {
    all.sort_by(|left, right| right.weight.total_cmp(&left.weight).then(left.code.cmp(right.code)));
    let most = all.first().map_or(0.0, |said| said.weight);
    let mut number = 0;
    all.retain(|said| {
        number += 1;
        number <= TOLD && said.weight > 0.0 && (number <= 3 || said.weight >= most * LIGHT)
    });
    all
}

/// What weighed in a script: facts that hold, and its words as one.
pub(super) fn of_script(part: &Part, words: f32, seen: &Seen) -> Vec<Said> {
    let known = |number: &u16| FACTS.get(usize::from(*number)).map(|fact| (fact.code, weight_of(part, *number)));
    let facts = seen.facts.iter().filter_map(known).map(|(code, weight)| Said { code, weight });
    let words = Said { code: "words_like_malware", weight: part.words * words };
    heaviest(facts.chain([words]).collect())
}

/// What weighed in a program: the steps of all trees, summed up for each reason.
pub(super) fn of_program(forest: &Forest, seen: &Seen) -> Vec<Said> {
    let mut sums: BTreeMap<&'static str, f32> = BTreeMap::new();
    forest.ask(&seen.values, &mut |feature, step| {
        *sums.entry(reason_of(seen.kind, feature)).or_default() += step;
    });
    heaviest(sums.into_iter().map(|(code, weight)| Said { code, weight }).collect())
}

/// Every code that can be told.
#[cfg(test)]
pub(super) fn codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = FACTS.iter().map(|fact| fact.code).collect();
    codes.push("words_like_malware");
    for kind in [Kind::Pe, Kind::Elf] {
        codes.extend((0..=u8::MAX).map(|feature| reason_of(kind, feature)));
    }
    codes.extend(Kind::ALL.map(Kind::code));
    codes
}

/// What the models found, as a sentence before the reasons.
pub(super) fn kind_in_words(kind: Kind, language: Language) -> String {
    sentence(kind.code(), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_words_for_every_reason() {
        let mut wanted = codes();
        wanted.sort_unstable();
        wanted.dedup();
        for texts in [&*ITALIAN, &*ENGLISH] {
            let have: Vec<&str> = texts.keys().map(String::as_str).collect();
            assert_eq!(have, wanted, "words and codes are the same set");
            assert!(texts.values().all(|text| !text.is_empty() && !text.ends_with('.')));
        }
    }

    #[test]
    fn the_heaviest_reasons_are_told_first_and_light_ones_only_to_come_to_three() {
        let said = |code, weight| Said { code, weight };
        let told = heaviest(vec![said("a", 0.1), said("b", 4.0), said("c", 0.2), said("d", 0.05), said("e", -1.0)]);
        assert_eq!(told.iter().map(|said| said.code).collect::<Vec<_>>(), ["b", "c", "a"]);
    }
}
