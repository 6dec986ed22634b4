//! Plain words for what was found, Italian first, from `locale/`.

use super::{Check, Topic};
use crate::verdict::Language;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::LazyLock;

const ITALIAN: &str = include_str!("../../locale/health.it.json");
const ENGLISH: &str = include_str!("../../locale/health.en.json");

static WORDS: LazyLock<[HashMap<String, String>; 2]> =
    LazyLock::new(|| [ITALIAN, ENGLISH].map(|file| serde_json::from_str(file).unwrap_or_default()));

/// What is told of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthWords {
    /// What was found, and what to do.
    pub text: String,
    /// Why it matters at all.
    pub why: String,
}

/// The words for a check.
#[must_use]
pub fn health_words(check: &Check, language: Language) -> HealthWords {
    let [italian, english] = &*WORDS;
    let words = match language {
        Language::Italian => italian,
        Language::English => english,
    };
    let known = |key: &str| words.get(key).cloned().unwrap_or_else(|| key.to_owned());
    let text = known(check.code.code()).replace("{}", &check.found);
    HealthWords { text, why: known(why(check.code.topic())) }
}

const fn why(topic: Topic) -> &'static str {
    match topic {
        Topic::Mx => "why_mx",
        Topic::Spf => "why_spf",
        Topic::Dkim => "why_dkim",
        Topic::Dmarc => "why_dmarc",
        Topic::MtaSts => "why_mta_sts",
        Topic::TlsRpt => "why_tls_rpt",
        Topic::Dnssec => "why_dnssec",
        Topic::Blacklist => "why_blacklist",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    #[test]
    fn everything_that_can_be_found_has_words_in_both_languages_and_no_others_are_kept() {
        let [italian, english] = &*WORDS;
        for code in Code::ALL.iter().map(|code| code.code()).chain(Topic::ALL.map(why)) {
            assert!(italian.contains_key(code), "Italian words for {code} are missing");
            assert!(english.contains_key(code), "English words for {code} are missing");
            let marks = [italian, english].map(|words| words[code].matches("{}").count());
            assert_eq!(marks[0], marks[1], "{code}");
        }
        assert_eq!(italian.len(), Code::ALL.len() + Topic::ALL.len());
        assert_eq!(english.len(), italian.len());
    }

    #[test]
    fn codes_come_back_from_their_words() {
        for code in Code::ALL {
            assert_eq!(Code::from_code(code.code()), Some(*code));
            assert_eq!(serde_json::from_str::<Code>(&serde_json::to_string(code).unwrap()).unwrap(), *code);
        }
        assert!(serde_json::from_str::<Code>("\"nothing\"").is_err());
    }
}
