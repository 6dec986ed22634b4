//! Readers of what is publicly known of vulnerabilities: Debian's security tracker (its `data/json`) and OSV records.
//!
//! Read as a stream, and only what can be about a distribution that we know is kept, because the tracker alone is some
//! 60 MB. What is passed over is counted by its reason.

mod cvss;
mod debian;
mod json;
mod osv;

pub use json::{read_json, read_lines};

use baluardo_model::vulnerability::Advisory;
use std::collections::BTreeMap;

/// The most bytes of a name.
const MAX_NAME: usize = 100;
/// The most bytes of the words about one vulnerability.
const MAX_WORDS: usize = 400;
/// The most advisories that are kept: some ten times what Debian's releases have today.
const MAX_ADVISORIES: usize = 2_000_000;

/// Why an input cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryError {
    /// No JSON, or none of a known form.
    #[error("this is neither Debian's security tracker (data/json) nor an OSV record or a list of them: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The input could not be read to its end.
    #[error("it could not be read: {0}")]
    Broken(#[from] std::io::Error),
    /// More than is kept.
    #[error("it holds more than {MAX_ADVISORIES} entries: is it what Debian or OSV publish?")]
    TooMany,
}

/// What was read so far, of one input or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// By release (`debian:12`) and source package.
    pub known: BTreeMap<(String, String), Vec<Advisory>>,
    /// What each vulnerability is, by its name.
    pub words: BTreeMap<String, String>,
    /// Entries that were looked at: a vulnerability of a source in one release.
    pub entries: u64,
    /// What was passed over, by its reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Whether it was Debian's tracker.
    pub tracker: bool,
    /// Entries that are kept.
    kept: usize,
}

impl Reading {
    fn skip(&mut self, why: &'static str) {
        *self.skipped.entry(why).or_default() += 1;
    }

    /// Keeps one entry; false when there is no more room.
    fn keep(&mut self, release: String, source: &str, advisory: Advisory, words: &str) -> bool {
        self.entries += 1;
        if source.is_empty() || source.len() > MAX_NAME || advisory.id.is_empty() || advisory.id.len() > MAX_NAME {
            self.skip("a name is missing or too long");
            return true;
        }
        if self.kept >= MAX_ADVISORIES {
            return false;
        }
        self.kept += 1;
        if !self.words.contains_key(&advisory.id) {
            self.words.insert(advisory.id.clone(), shortened(words));
        }
        self.known.entry((release, source.to_owned())).or_default().push(advisory);
        true
    }

    /// How many entries are kept.
    #[must_use]
    pub const fn kept(&self) -> usize {
        self.kept
    }
}

/// On one line, cut at the end of a character.
fn shortened(words: &str) -> String {
    let mut line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.retain(|c| !c.is_control());
    if line.len() > MAX_WORDS {
        line.truncate(line.floor_char_boundary(MAX_WORDS));
        line.push('…');
    }
    line
}
