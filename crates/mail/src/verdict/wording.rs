//! Plain words for the reasons, Italian first, from `locale/`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// In which language reasons are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Italian.
    #[default]
    Italian,
    /// English.
    English,
}

const ITALIAN: &str = include_str!("../../locale/it.json");
const ENGLISH: &str = include_str!("../../locale/en.json");

static WORDS: LazyLock<[HashMap<String, String>; 2]> =
    LazyLock::new(|| [ITALIAN, ENGLISH].map(|file| serde_json::from_str(file).unwrap_or_default()));

/// The words for a code; `detail` stands where the words have `{}`.
pub(crate) fn text(code: &str, detail: &str, language: Language) -> String {
    let [italian, english] = &*WORDS;
    let words = match language {
        Language::Italian => italian,
        Language::English => english,
    };
    words.get(code).map_or_else(|| code.to_owned(), |words| words.replace("{}", detail))
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use crate::authentic::CODES;
    use crate::look::Fact;
    use crate::verdict::local;

    #[test]
    fn every_fact_has_words_in_both_languages_and_no_others_are_kept() {
        let [italian, english] = &*WORDS;
        let codes = Fact::ALL.iter().map(|fact| fact.code()).chain(["learned", "cut"]).chain(CODES).chain(local::CODES);
        for code in codes {
            assert!(italian.contains_key(code), "Italian words for {code} are missing");
            assert!(english.contains_key(code), "English words for {code} are missing");
        }
        assert_eq!(italian.len(), Fact::ALL.len() + 2 + CODES.len() + local::CODES.len());
        assert_eq!(english.len(), italian.len());
    }
}
