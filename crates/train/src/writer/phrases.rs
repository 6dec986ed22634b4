//! Reads the phrase files: templates with alternatives for every line, and the names and figures that fill them.

use crate::learner::Dice;
use std::collections::HashMap;

const SLOTS: &str = include_str!("../../phrases/slots.txt");
const GOOD: &[&str] = &[
    include_str!("../../phrases/ham_offices.txt"),
    include_str!("../../phrases/ham_services.txt"),
    include_str!("../../phrases/ham_world.txt"),
    include_str!("../../phrases/ham_comuni.txt"),
    include_str!("../../phrases/ham_letters.txt"),
];
const BAD: &[&str] = &[
    include_str!("../../phrases/hostile.txt"),
    include_str!("../../phrases/hostile_world.txt"),
    include_str!("../../phrases/hostile_comuni.txt"),
    include_str!("../../phrases/hostile_english.txt"),
    include_str!("../../phrases/hostile_german.txt"),
    include_str!("../../phrases/hostile_iberian.txt"),
    include_str!("../../phrases/hostile_french_dutch.txt"),
];

/// One kind of message.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) hostile: bool,
    /// Lines as they stand: a letter that says what for, and alternatives.
    pub(super) lines: Vec<(char, Vec<String>)>,
}

impl Template {
    /// The language that the name begins with, where it is not Italian.
    pub(super) fn language(&self) -> Option<&'static str> {
        const LANGUAGES: &[&str] = &["en", "de", "fr", "es", "pt", "nl"];
        let (first, _) = self.name.split_once('-')?;
        // `nl-` began the names of newsletters before Dutch had templates.
        let newsletter =
            ["nl-comuni", "nl-mailup", "nl-tech", "nl-shop"].iter().any(|name| self.name.starts_with(name));
        LANGUAGES.iter().find(|language| **language == first && !newsletter).copied()
    }

    /// Every template of every file, in their order.
    pub(super) fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (text, hostile) in GOOD.iter().map(|text| (*text, false)).chain(BAD.iter().map(|text| (*text, true))) {
            for line in text.lines() {
                if let Some(head) = line.strip_prefix("== ") {
                    let name = head.split(' ').next().unwrap_or(head).to_owned();
                    all.push(Self { name, hostile, lines: Vec::new() });
                } else if let (Some(template), Some((mark, rest))) = (all.last_mut(), line.split_once(": ")) {
                    let mark = mark.chars().next().unwrap_or('P');
                    template.lines.push((mark, rest.split('|').map(str::to_owned).collect()));
                }
            }
        }
        all
    }
}

/// What fills `{name}`.
pub(super) struct Slots(HashMap<String, Vec<String>>);

impl Slots {
    pub(super) fn read() -> Self {
        let lines = SLOTS.lines().filter_map(|line| line.split_once(" = "));
        Self(lines.map(|(name, values)| (name.to_owned(), values.split('|').map(str::to_owned).collect())).collect())
    }

    /// Whether there is a slot of this name.
    #[cfg(test)]
    pub(super) fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Fills the slots of a phrase. Within one message a slot of `kept` has one value.
    pub(super) fn fill(&self, phrase: &str, kept: &mut HashMap<String, String>, dice: &mut Dice) -> String {
        let mut out = String::new();
        let mut rest = phrase;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(before);
            out.push_str(&self.value(name, kept, dice));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str, kept: &mut HashMap<String, String>, dice: &mut Dice) -> String {
        const STEADY: &[&str] = &[
            "paese",
            "paesed",
            "ditta",
            "dittad",
            "dittade",
            "dittafr",
            "dittanl",
            "dittaes",
            "dittapt",
            "cattivo",
            "oggetto",
            "anno",
            "brand",
            "servizio",
            "cattivolink",
        ];
        if let Some(known) = kept.get(name) {
            return known.clone();
        }
        // Dates and closing words are those of the message's language, where there are such.
        let foreign = kept.get("lingua").map(|language| format!("{name}-{language}"));
        let values = foreign.and_then(|name| self.0.get(&name)).or_else(|| self.0.get(name));
        let Some(values) = values else { return format!("({name})") };
        let value = match name {
            // Figures must not repeat themselves, or they would be learned as words.
            "num" if dice.chance(70) => (dice.below(9_000) + 3).to_string(),
            "sigla" if dice.chance(80) => {
                (0..5 + dice.below(5)).map(|_| char::from(b"abcdefghiklmnoprstuvz0123456789"[dice.below(31)])).collect()
            }
            _ => dice.pick(values).clone(),
        };
        let value = self.fill(&value, kept, dice);
        if STEADY.contains(&name) {
            kept.insert(name.to_owned(), value.clone());
        }
        value
    }
}
