//! The health of a mail domain, by what its owner publishes: where mail goes, who may send in its name, whether anybody hears of
//! those who may not, and whether answers of the DNS can be forged.
//!
//! Pure: a look reads a [`Book`] of answers and notes what it misses; the server's `names` asks. Everything in an answer was
//! written by strangers and is bounded. What cannot be found out is unknown, and never bad.

mod ask;
mod code;
mod dkim;
mod dmarc;
mod key;
mod listed;
mod mark;
mod mx;
mod reporting;
mod spf;
mod sts;
mod suggest;
mod tags;
mod walk;
mod words;

pub use ask::{Answer, Book, Chain, Question};
pub use code::{Code, Grade, Topic};
pub use mark::Mark;
pub use sts::{StsMode, StsPolicy};
pub use words::{HealthWords, health_words};

use baluardo_model::dmarc::Disposition;
use serde::{Deserialize, Serialize};

/// Letters of a foreign text that are shown.
const MOST_SHOWN: usize = 300;

/// A record to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// Under which name; for a file its address.
    pub name: String,
    /// `TXT`, `MX`, or `file` for one that a web server gives out.
    #[serde(rename = "type")]
    pub kind: String,
    /// What stands in it.
    pub value: String,
}

impl Publish {
    fn txt(name: String, value: impl Into<String>) -> Self {
        Self { name, kind: "TXT".to_owned(), value: value.into() }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What.
    pub code: Code,
    /// The part of it that is foreign, to be shown: a record, a name, a number. Bounded, without letters that show nothing.
    pub found: String,
    /// What to publish instead, where that can be said; empty otherwise.
    pub publish: Vec<Publish>,
}

impl Check {
    fn new(code: Code, found: impl AsRef<[u8]>) -> Self {
        Self { code, found: shown(found.as_ref()), publish: Vec::new() }
    }

    fn with(mut self, publish: impl IntoIterator<Item = Publish>) -> Self {
        self.publish.extend(publish);
        self
    }
}

/// Where a DKIM selector is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody here named it: there has to be a key.
    Named,
    /// Receivers saw mail that was signed with it.
    Reported,
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The domain, in lower case, without a dot at the end.
    pub domain: String,
    /// Its selectors, as far as they are known; the usual names are tried in any case.
    pub selectors: Vec<(String, Origin)>,
    /// Blacklists to ask, such as `zen.example.org`.
    pub blacklists: Vec<String>,
    /// The policy for which the domain is ready, by what receivers report; `None` where they say nothing.
    pub ready: Disposition,
}

impl Subject {
    /// Whether a text in lower case can be the name of a DKIM key: labels with dots between them (RFC 6376 section 3.1).
    #[must_use]
    pub fn is_selector(text: &str) -> bool {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        let label = |label: &str| !label.is_empty() && label.len() <= 63 && label.bytes().all(letter);
        text.len() <= 100 && text.split('.').all(label)
    }
}

/// How a domain stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The domain.
    pub domain: String,
    /// The mark; none while the weightiest things are unknown.
    pub mark: Option<Mark>,
    /// Everything that was found, by topic.
    pub checks: Vec<Check>,
}

impl Health {
    /// The worst of what was found about something; none where it was not looked at.
    #[must_use]
    pub fn worst(&self, topic: Topic) -> Option<Grade> {
        self.checks.iter().filter(|check| check.code.topic() == topic).map(|check| check.code.grade()).max()
    }

    /// Whether anything is to be mended.
    #[must_use]
    pub fn has_defects(&self) -> bool {
        self.checks.iter().any(|check| check.code.grade() >= Grade::Warning)
    }
}

/// Looks at a domain. What the book does not know yet is taken for unknown and can be asked of it
/// ([`Book::missing`]); then the look is taken again.
#[must_use]
pub fn examine(subject: &Subject, book: &mut Book) -> Health {
    let servers = mx::look(book, &subject.domain);
    let policy = dmarc::look(book, subject);
    let mut checks = servers.checks.clone();
    checks.extend(spf::look(book, subject, &servers, policy.enforced));
    if !servers.null {
        checks.extend(dkim::look(book, subject));
    }
    checks.extend(policy.checks);
    if !servers.null {
        checks.extend(sts::look(book, &subject.domain, &servers.hosts));
        checks.extend(reporting::look(book, &subject.domain));
    }
    checks.push(signed(book, &subject.domain));
    checks.extend(listed::look(book, subject, &servers.hosts));
    let mut health = Health { domain: subject.domain.clone(), mark: None, checks };
    health.mark = Mark::of(&health);
    health
}

/// Whether answers about the domain can be forged on their way.
fn signed(book: &mut Book, domain: &str) -> Check {
    let code = match book.ask(Question::Signed(domain.to_owned())) {
        Answer::Signed(Chain::Secure) => Code::SignedGood,
        Answer::Signed(Chain::Insecure) | Answer::Nothing => Code::SignedMissing,
        Answer::Signed(Chain::Broken) => Code::SignedBroken,
        _ => Code::SignedUnknown,
    };
    Check::new(code, domain)
}

/// A foreign text as it may be shown.
fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.get(..bytes.len().min(MOST_SHOWN * 4)).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let mut letters = text.chars().filter(|letter| !letter.is_control());
    let mut out: String = letters.by_ref().take(MOST_SHOWN).collect();
    if letters.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests;
