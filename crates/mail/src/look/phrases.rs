//! What the words ask for, in Italian and English.
//!
//! Each rule in `phrases.txt` wants words of several groups: one word alone says nothing, and offices write about payments,
//! deadlines and passwords all day.

use super::fact::{Fact, Facts};
use crate::read::Letter;
use std::sync::LazyLock;

/// Characters that are read; what a letter wants stands near its beginning.
const HEAD: usize = 6_000;

/// A rule: one phrase of each group must stand in the text.
struct Rule {
    fact: Fact,
    groups: Vec<Vec<&'static str>>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| read(include_str!("../../phrases.txt")));

/// Reads the rules: a line with the fact's code in brackets, then one line for each group.
fn read(text: &'static str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(code) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let fact = Fact::ALL.iter().find(|fact| fact.code() == code);
            rules.extend(fact.map(|fact| Rule { fact: *fact, groups: Vec::new() }));
        } else if let Some(rule) = rules.last_mut() {
            rule.groups.push(line.split('|').collect());
        }
    }
    rules
}

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let words = words_of(letter);
    for rule in RULES.iter() {
        let mut seen = "";
        let all = rule.groups.iter().all(|group| {
            let hit = group.iter().find(|phrase| holds(&words, phrase));
            if seen.is_empty() {
                seen = hit.copied().unwrap_or_default();
            }
            hit.is_some()
        });
        facts.add_if(all, rule.fact, seen);
    }
}

/// Subject and text in lower case, runs of space made one, typographic apostrophes made plain.
fn words_of(letter: &Letter) -> String {
    let mut out = String::with_capacity(HEAD);
    let all = letter.subject.chars().chain([' ', '.', ' ']).chain(letter.text.chars());
    for one in all.take(HEAD).flat_map(char::to_lowercase) {
        match one {
            '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' | '\u{2060}' => {}
            '’' | '`' | '´' => out.push('\''),
            space if space.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a phrase stands in the text at the beginning of a word.
fn holds(text: &str, phrase: &str) -> bool {
    let starts_word =
        |at: usize| !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric);
    let symbol = phrase.starts_with(['$', '€', '£', '-']);
    text.match_indices(phrase).any(|(at, _)| symbol || starts_word(at))
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use crate::read::Letter;

    fn facts(text: &str) -> Facts {
        Facts::of(&Letter::read(format!("From: a@b.it\nSubject: x\n\n{text}\n").as_bytes()))
    }

    #[test]
    fn every_rule_names_a_fact_and_has_groups() {
        let heads = include_str!("../../phrases.txt").lines().filter(|line| line.starts_with('[')).count();
        assert_eq!(super::RULES.len(), heads);
        assert!(super::RULES.iter().all(|rule| !rule.groups.is_empty()));
    }

    #[test]
    fn orders_to_paste_into_a_system_window_are_known() {
        assert!(facts("Premere tasto Windows + R, poi Ctrl + V e Invio.").has(Fact::ClickFix));
        assert!(!facts("La riunione si tiene sul terminale del porto.").has(Fact::ClickFix));
    }

    #[test]
    fn new_bank_details_are_known_and_a_plain_invoice_is_not() {
        assert!(
            facts("Vi comunichiamo che il nostro IBAN è cambiato: il bonifico va fatto sulle nuove coordinate.")
                .has(Fact::BankChange)
        );
        assert!(!facts("In allegato la fattura n. 12 del mese di maggio.").has(Fact::BankChange));
    }
}
