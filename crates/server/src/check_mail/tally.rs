//! Counts verdicts and tells the sums.

use baluardo_mail::{Action, Class, Language, Verdict};
use std::collections::BTreeMap;

/// Counts by action and class.
#[derive(Debug, Default)]
pub(super) struct Tally {
    all: usize,
    actions: BTreeMap<Action, usize>,
    classes: Vec<(Class, usize)>,
}

impl Tally {
    pub(super) fn take(&mut self, verdict: &Verdict) {
        self.all += 1;
        *self.actions.entry(verdict.action).or_default() += 1;
        match self.classes.iter_mut().find(|(class, _)| *class == verdict.class) {
            Some((_, count)) => *count += 1,
            None => self.classes.push((verdict.class, 1)),
        }
    }

    /// How many messages would not reach the mailbox.
    pub(super) fn stopped(&self) -> usize {
        self.actions.iter().filter(|(action, _)| action.stops()).map(|(_, count)| count).sum()
    }

    /// The summary.
    pub(super) fn tell(&self, out: &mut impl std::io::Write, language: Language) -> std::io::Result<()> {
        let messages = match (language, self.all) {
            (Language::Italian, 1) => "messaggio",
            (Language::Italian, _) => "messaggi",
            (Language::English, 1) => "message",
            (Language::English, _) => "messages",
        };
        writeln!(out, "\n{} {messages}", self.all)?;
        let share = |count: usize| 100.0 * count as f64 / self.all.max(1) as f64;
        for (action, count) in &self.actions {
            writeln!(out, "  {:<12} {count:>6}  {:>6.2} %", action_word(*action, language), share(*count))?;
        }
        for (class, count) in &self.classes {
            writeln!(out, "  {:<12} {count:>6}  {:>6.2} %", class_word(*class, language), share(*count))?;
        }
        Ok(())
    }
}

/// An action for people.
pub(super) fn action_word(action: Action, language: Language) -> &'static str {
    let (italian, english) = match action {
        Action::Deliver => ("consegna", "deliver"),
        Action::Tag => ("avviso", "tag"),
        Action::Quarantine => ("quarantena", "quarantine"),
        Action::Reject => ("rifiuto", "reject"),
    };
    if language == Language::Italian { italian } else { english }
}

/// A class for people.
pub(super) fn class_word(class: Class, language: Language) -> &'static str {
    let (italian, english) = match class {
        Class::Legitimate => ("legittimo", "legitimate"),
        Class::Spam => ("spam", "spam"),
        Class::Phishing => ("phishing", "phishing"),
        Class::Malware => ("malware", "malware"),
        Class::Fraud => ("frode", "fraud"),
    };
    if language == Language::Italian { italian } else { english }
}
