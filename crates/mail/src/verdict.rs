//! Weighs facts and words into a verdict.

mod local;
mod weigh;
mod wording;

pub use local::{Acquaintance, Local};
pub use weigh::may_be_held;
pub use wording::Language;
pub(crate) use wording::text as reason_text;

use crate::authentic::{Authentic, settle};
use crate::learn::{Model, features};
use crate::look::{Facts, Strength};
use crate::read::Letter;
use serde::Serialize;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing speaks against it.
    Legitimate,
    /// Unwanted, but after no access, money or machine.
    Spam,
    /// After access data or data of people.
    Phishing,
    /// Brings a program, or makes the reader start one.
    Malware,
    /// After money: a changed IBAN, a false superior, extortion.
    Fraud,
}

/// What to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Into the mailbox.
    Deliver,
    /// Into the mailbox, with a warning.
    Tag,
    /// Held until somebody with the right to do so looks at it.
    Quarantine,
    /// Refused, so that its sender hears of it.
    Reject,
}

impl Action {
    /// Whether the message does not reach the mailbox.
    #[must_use]
    pub fn stops(self) -> bool {
        self >= Self::Quarantine
    }
}

/// One reason: a code that stays, and plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable code.
    pub code: String,
    /// For people.
    pub text: String,
}

/// The outcome for one message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What to do.
    #[serde(rename = "verdict")]
    pub action: Action,
    /// What it is.
    pub class: Class,
    /// How sure: 0 is surely legitimate, 1 surely hostile. It orders messages; it is no probability.
    pub score: f32,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// Judges a message with the model that ships.
#[must_use]
pub fn judge(bytes: &[u8], language: Language) -> Verdict {
    judge_with(&Model::shipped(), &Letter::read(bytes), language)
}

/// What a mail server knows of a message that arrives, beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// The sender of the envelope, bare; empty for a notice. Once delivered it stands in `Return-Path`.
    pub sender: &'a str,
    /// What was found of SPF, DKIM and DMARC by somebody who is trusted, as `Authentication-Results` has it (RFC 8601); none
    /// where nobody looked.
    pub results: Option<&'a str>,
    /// What was found of them by who asks for the judgement; it counts before `results`.
    pub authentic: Option<&'a Authentic>,
}

/// Judges a message on its way in, with the model that ships. Nothing that it says itself of its sender's proof is believed:
/// before it is delivered, no line of it was written by a server of ours.
#[must_use]
pub fn judge_arriving(bytes: &[u8], arrival: &Arrival<'_>, language: Language) -> Verdict {
    arrival.consider(bytes).verdict(language)
}

impl Arrival<'_> {
    /// Looks at a message on its way in, once, for whoever asks for more than one verdict.
    #[must_use]
    pub fn consider(&self, bytes: &[u8]) -> Considered {
        let mut letter = Letter::read(bytes);
        letter.authentication = match self.authentic {
            Some(found) => Some(found.for_facts()),
            None => self.results.map(str::to_ascii_lowercase),
        };
        letter.return_path = self.sender.to_ascii_lowercase();
        Considered { authentic: self.authentic.cloned(), ..Considered::of(letter) }
    }
}

/// A letter that was looked at: from it a verdict is told in any language without looking again.
#[derive(Clone, Debug)]
pub struct Considered {
    /// The letter.
    pub letter: Letter,
    facts: Facts,
    words: f32,
    authentic: Option<Authentic>,
}

impl Considered {
    /// Looks at a letter with the model that ships.
    #[must_use]
    pub fn of(letter: Letter) -> Self {
        let facts = Facts::of(&letter);
        let words = Model::shipped().words(&features(&letter));
        Self { letter, facts, words, authentic: None }
    }

    /// The verdict, told in `language`.
    #[must_use]
    pub fn verdict(&self, language: Language) -> Verdict {
        let verdict = weigh::weigh(&Model::shipped(), &self.letter, &self.facts, self.words, language);
        match &self.authentic {
            Some(found) => settle(verdict, found, language),
            None => verdict,
        }
    }

    /// Whether something was found that no acquaintance with its sender excuses.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.facts.of_strength(Strength::Grave) + self.facts.of_strength(Strength::Certain) > 0
    }
}

/// Judges a letter with a model.
#[must_use]
pub fn judge_with(model: &Model<'_>, letter: &Letter, language: Language) -> Verdict {
    let facts = Facts::of(letter);
    let words = model.words(&features(letter));
    weigh::weigh(model, letter, &facts, words, language)
}
