//! What the words ask for, in Italian and English.
//!
//! Each rule in `phrases.txt` wants words of several groups: one word alone says nothing, and offices write about payments,
//! deadlines and passwords all day.

use super::fact::{Fact, Facts};
use crate::read::Letter;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Characters that are read; what a letter wants stands near its beginning.
const HEAD: usize = 2_500;

/// A rule: one phrase of each group must stand in the text.
struct Rule {
    fact: Fact,
    groups: usize,
}

/// A phrase, and the rule and group that want it.
struct Phrase {
    words: &'static str,
    rule: usize,
    group: usize,
}

/// All rules, and their phrases by the first two bytes, so that a text is read once however many phrases there are.
struct Rules {
    rules: Vec<Rule>,
    phrases: HashMap<[u8; 2], Vec<Phrase>>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::read(include_str!("../../phrases.txt")));

impl Rules {
    /// Reads the rules: a line with the fact's code in brackets, then one line for each group; `+` begins a line that goes on
    /// with the group before it.
    fn read(text: &'static str) -> Self {
        let mut all = Self { rules: Vec::new(), phrases: HashMap::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            if let Some(code) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                let fact = Fact::ALL.iter().find(|fact| fact.code() == code);
                all.rules.extend(fact.map(|fact| Rule { fact: *fact, groups: 0 }));
                continue;
            }
            let Some(last) = all.rules.len().checked_sub(1) else { continue };
            let Some(rule) = all.rules.get_mut(last) else { continue };
            rule.groups += usize::from(!line.starts_with('+'));
            let group = rule.groups.saturating_sub(1);
            for words in line.trim_start_matches('+').split('|') {
                if let Some(head) = head_of(words.as_bytes()) {
                    all.phrases.entry(head).or_default().push(Phrase { words, rule: last, group });
                }
            }
        }
        all
    }
}

/// The first two bytes; of a single sign the sign and nothing.
fn head_of(bytes: &[u8]) -> Option<[u8; 2]> {
    match bytes {
        [one] => Some([*one, 0]),
        [one, two, ..] => Some([*one, *two]),
        [] => None,
    }
}

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let words = words_of(letter);
    let rules = &*RULES;
    // For each rule the groups met so far, and the first phrase met, which the reason names.
    let mut met: Vec<(u32, &str)> = vec![(0, ""); rules.rules.len()];
    let mut before = ' ';
    for (at, letter) in words.char_indices() {
        let begins = !before.is_alphanumeric() || matches!(letter, '$' | '€' | '£' | '-');
        before = letter;
        let Some(rest) = words.get(at..).filter(|_| begins) else { continue };
        let two = head_of(rest.as_bytes()).and_then(|head| rules.phrases.get(&head));
        let one = rest.bytes().next().and_then(|byte| rules.phrases.get(&[byte, 0]));
        for phrase in two.into_iter().chain(one).flatten().filter(|phrase| rest.starts_with(phrase.words)) {
            if let Some((groups, first)) = met.get_mut(phrase.rule) {
                *groups |= 1 << phrase.group;
                if first.is_empty() && phrase.group == 0 {
                    *first = phrase.words;
                }
            }
        }
    }
    for (rule, (groups, first)) in rules.rules.iter().zip(met) {
        // What is said not to have changed has not.
        const SAME: &[&str] = &[
            "non è cambiat",
            "non sono cambiat",
            "identica a quella",
            "già comunicato",
            "già in vostro possesso",
            "iban invariato",
        ];
        let same = rule.fact == Fact::BankChange && SAME.iter().any(|same| words.contains(same));
        let real = rule.fact == Fact::FalseAuthority && facts.has(Fact::SenderOfficial) || same;
        facts.add_if(groups.count_ones() as usize == rule.groups && !real, rule.fact, first);
    }
}

/// Subject and text in lower case, runs of space made one, typographic apostrophes made plain.
fn words_of(letter: &Letter) -> String {
    let mut out = String::with_capacity(HEAD);
    let all = letter.subject.chars().chain([' ', '.', ' ']).chain(letter.text.chars());
    for one in all.take(HEAD).flat_map(char::to_lowercase) {
        match one {
            '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' | '\u{2060}' | '\u{34F}' | '\u{73F}' => {}
            '’' | '`' | '´' => out.push('\''),
            // Whoever has no accents on the keyboard writes "e'" for "è".
            space if space.is_whitespace() && out.ends_with('\'') => {
                accent(&mut out);
                out.push(' ');
            }
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

/// Makes a vowel with an apostrophe at the end of a word the accented letter that it stands for.
fn accent(out: &mut String) {
    const ACCENTS: &[(&str, char)] = &[("a'", 'à'), ("e'", 'è'), ("i'", 'ì'), ("o'", 'ò'), ("u'", 'ù')];
    if let Some((written, letter)) = ACCENTS.iter().find(|(written, _)| out.ends_with(written)) {
        out.truncate(out.len() - written.len());
        out.push(*letter);
    }
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
        assert_eq!(super::RULES.rules.len(), heads);
        assert!(super::RULES.rules.iter().all(|rule| (1..32).contains(&rule.groups)));
    }

    #[test]
    fn orders_to_paste_into_a_system_window_are_known() {
        assert!(facts("Premere tasto Windows + R, poi Ctrl + V e Invio.").has(Fact::ClickFix));
        assert!(!facts("La riunione si tiene sul terminale del porto.").has(Fact::ClickFix));
    }

    #[test]
    fn accents_written_as_apostrophes_are_read() {
        let words = super::words_of(&Letter::read(b"Subject: x\n\nL'identita' e' gia' qui"));
        assert_eq!(words.trim_end(), "x . l'identità è già qui");
    }

    #[test]
    fn new_bank_details_are_known_and_a_plain_invoice_is_not() {
        assert!(
            facts("Vi comunichiamo che il nostro IBAN è cambiato: il bonifico va fatto sulle nuove coordinate.")
                .has(Fact::BankChange)
        );
        assert!(!facts("In allegato la fattura n. 12 del mese di maggio.").has(Fact::BankChange));
        let same =
            "Il bonifico va fatto sul conto corrente già comunicato, l'IBAN non è cambiato con la nuova fattura.";
        assert!(!facts(same).has(Fact::BankChange));
    }
}
