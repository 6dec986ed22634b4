//! What receivers all over the world say of mail in the name of a domain: DMARC aggregate reports (RFC 7489, section 7.2 and
//! appendix C).

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a receiver did with messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Delivered as any other.
    #[default]
    None,
    /// Put aside as suspicious.
    Quarantine,
    /// Refused.
    Reject,
}

impl Disposition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Quarantine, Self::Reject];

    /// The stable word, the one that reports and records use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    /// The one of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// Messages that came from one address and fared alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcRow {
    /// From which address.
    pub source: IpAddr,
    /// How many.
    pub count: u64,
    /// What was done with them.
    pub disposition: Disposition,
    /// Whether a signature of the domain's own was right (DKIM, aligned).
    pub dkim: bool,
    /// Whether the domain allows that sender (SPF, aligned).
    pub spf: bool,
    /// The domain in the author's address.
    pub header_from: String,
    /// Who signed, as far as the report says.
    pub signed_by: String,
    /// Whose envelope it was, as far as the report says.
    pub envelope: String,
}

/// A report of one receiver about one domain and, as a rule, one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcReport {
    /// Who reports.
    pub org: String,
    /// The report's own number, unique for its maker.
    pub id: String,
    /// About which domain, in lower case.
    pub domain: String,
    /// From when.
    pub begin: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// What the domain asked for in that time.
    pub policy: Disposition,
    /// What was seen.
    pub rows: Vec<DmarcRow>,
    /// The names of the keys with which good signatures of this very domain were made, each once.
    pub selectors: Vec<String>,
}
