//! What `scan` and `sigma` say to people, in Italian where the session speaks it and else in English, from `locale/`.

use baluardo_detect::nature::Language;
use baluardo_detect::sigma::RuleInfo;
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<String, String>;

static ITALIAN: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locale/it.json")).unwrap_or_default());
static ENGLISH: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locale/en.json")).unwrap_or_default());

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    italian: bool,
}

impl Words {
    /// The language of the session (`LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set).
    pub(crate) fn of_session() -> Self {
        let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find(set);
        Self::of(&name.and_then(|name| std::env::var(name).ok()).unwrap_or_default())
    }

    /// The language that a value like `it_IT.UTF-8` asks for.
    pub(crate) fn of(lang: &str) -> Self {
        Self { italian: lang.split(['_', '.', '@']).next().is_some_and(|code| code.eq_ignore_ascii_case("it")) }
    }

    /// The language in which engines tell their reasons.
    pub(crate) const fn language(self) -> Language {
        if self.italian { Language::Italian } else { Language::English }
    }

    /// The title of a rule in this language, where its author gave one.
    pub(crate) fn title(self, rule: &RuleInfo) -> &str {
        if self.italian && !rule.title_it.is_empty() { &rule.title_it } else { rule.label() }
    }

    /// The text, with each `{}` replaced by the next value.
    pub(crate) fn fill(self, key: &str, values: &[&str]) -> String {
        let texts: &Texts = if self.italian { &ITALIAN } else { &ENGLISH };
        let text = texts.get(key).map_or(key, String::as_str);
        let mut values = values.iter();
        let mut filled = String::new();
        for (number, piece) in text.split("{}").enumerate() {
            if number > 0 {
                filled.push_str(values.next().unwrap_or(&""));
            }
            filled.push_str(piece);
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same_things() {
        assert!(ITALIAN.len() > 5, "the locale file is read");
        let shape = |texts: &Texts| -> Vec<(String, usize)> {
            texts.iter().map(|(key, text)| (key.clone(), text.matches("{}").count())).collect()
        };
        assert_eq!(shape(&ITALIAN), shape(&ENGLISH));
    }

    #[test]
    fn the_session_chooses_the_language() {
        let said = |lang| Words::of(lang).fill("malicious", &[]);
        assert_eq!(
            [said("it_IT.UTF-8"), said("it"), said("C"), said("")],
            ["MALEVOLO", "MALEVOLO", "MALICIOUS", "MALICIOUS"]
        );
    }
}
