//! What is asked of the DNS, and what it answered, as plain values. Whoever may ask keeps a [`Book`]: a look writes down what it
//! misses, the asker fills that in, and the look is taken again until nothing is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The most questions about one domain. An honest one needs some forty.
const MOST_QUESTIONS: usize = 400;

/// One question. Names are in lower case, without a dot at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// The mail servers of a domain (MX).
    Mx(String),
    /// The addresses of a host, old and new (A and AAAA).
    Addresses(String),
    /// What a blacklist says: addresses of the old kind only (RFC 5782 section 2.1).
    Listed(String),
    /// Texts (TXT).
    Txt(String),
    /// Whether the answers about a domain are signed (DNSSEC).
    Signed(String),
    /// The policy file of MTA-STS that a domain serves by HTTPS (RFC 8461 section 3.3).
    Policy(String),
}

/// Whether the answers about a domain can be held against the root's key (RFC 4033 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// They are signed, and the signatures hold.
    Secure,
    /// They are proven not to be signed.
    Insecure,
    /// They should be signed, and the signatures do not hold.
    Broken,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Preference and name of each mail server; the name is empty for "no mail here" (RFC 7505).
    Mx(Vec<(u16, String)>),
    /// Addresses.
    Addresses(Vec<IpAddr>),
    /// The bytes of each text, its pieces put together.
    Txt(Vec<Vec<u8>>),
    /// How the signatures stand.
    Signed(Chain),
    /// The file.
    Policy(Vec<u8>),
    /// There is none: the name, the records or the file.
    Nothing,
    /// There is something that nobody can use, such as a certificate for another name. What it is.
    Refused(String),
    /// It could not be found out now; why, as far as that is known.
    Unknown(String),
}

/// What is known, and what is missing.
#[derive(Clone, Debug, Default)]
pub struct Book {
    answers: BTreeMap<Question, Answer>,
    missing: BTreeSet<Question>,
}

impl Book {
    /// The answer to a question; unknown, and noted as missing, while nobody brought it.
    pub(super) fn ask(&mut self, question: Question) -> Answer {
        if let Some(answer) = self.answers.get(&question) {
            return answer.clone();
        }
        if self.answers.len() + self.missing.len() < MOST_QUESTIONS {
            self.missing.insert(question);
        }
        Answer::Unknown(String::new())
    }

    /// The texts under a name; none where they could not be found out.
    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<Vec<u8>>> {
        match self.ask(Question::Txt(name.to_owned())) {
            Answer::Txt(texts) => Some(texts),
            Answer::Nothing => Some(Vec::new()),
            _ => None,
        }
    }

    /// What has to be asked before the next look; nothing when the last one knew all that it wanted.
    #[must_use]
    pub fn missing(&mut self) -> Vec<Question> {
        std::mem::take(&mut self.missing).into_iter().collect()
    }

    /// Writes an answer down.
    pub fn learn(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_once_and_never_without_end() {
        let mut book = Book::default();
        let question = || Question::Txt("a.test".to_owned());
        assert_eq!(book.ask(question()), Answer::Unknown(String::new()));
        book.ask(question());
        assert_eq!(book.missing(), [question()]);
        assert!(book.missing().is_empty());
        book.learn(question(), Answer::Nothing);
        assert_eq!(book.ask(question()), Answer::Nothing);
        for number in 0..1_000 {
            book.ask(Question::Mx(format!("{number}.test")));
        }
        assert!(book.missing().len() < MOST_QUESTIONS);
    }
}
