//! One letter for a whole domain, as a school gives it.
//!
//! The rule: a domain begins with 100 points, and each topic takes away what its worst check costs.
//!
//! | topic | warning | bad |
//! |---|---|---|
//! | MX | 5 | 40 |
//! | SPF | 10 | 30 |
//! | DKIM | 10 | 25 |
//! | DMARC | 15 | 35 |
//! | MTA-STS | 4 | 10 |
//! | TLS-RPT | 3 | 3 |
//! | DNSSEC | 6 | 40 |
//! | blacklists | 0 | 20 |
//!
//! From 90 points it is A, from 80 B, from 65 C, from 50 D, from 30 E, below that F. What is unknown costs nothing; but without MX,
//! SPF and DMARC there is no mark, and without a key of DKIM none better than B.

use super::{Grade, Health, Topic};
use serde::{Deserialize, Serialize};

/// The mark, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mark {
    /// As good as it can be, but for trifles.
    A,
    /// Good.
    B,
    /// Something of weight is open.
    C,
    /// Much is.
    D,
    /// Anybody can pose as the domain, or its mail is in danger.
    E,
    /// Both, or all of it.
    F,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    /// The letter.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
        }
    }

    /// The one of a letter.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The mark of what was found; none while MX, SPF or DMARC are unknown.
    #[must_use]
    pub fn of(health: &Health) -> Option<Self> {
        let weighty = [Topic::Mx, Topic::Spf, Topic::Dmarc];
        if weighty.iter().any(|topic| matches!(health.worst(*topic), None | Some(Grade::Unknown))) {
            return None;
        }
        let lost: u8 = Topic::ALL.into_iter().map(|topic| cost(topic, health.worst(topic))).fold(0, u8::saturating_add);
        let mark = match 100_u8.saturating_sub(lost) {
            90.. => Self::A,
            80.. => Self::B,
            65.. => Self::C,
            50.. => Self::D,
            30.. => Self::E,
            _ => Self::F,
        };
        let unsigned = health.worst(Topic::Dkim) == Some(Grade::Unknown);
        Some(if unsigned { mark.max(Self::B) } else { mark })
    }
}

const fn cost(topic: Topic, worst: Option<Grade>) -> u8 {
    let (warning, bad) = match topic {
        Topic::Mx => (5, 40),
        Topic::Spf => (10, 30),
        Topic::Dkim => (10, 25),
        Topic::Dmarc => (15, 35),
        Topic::MtaSts => (4, 10),
        Topic::TlsRpt => (3, 3),
        Topic::Dnssec => (6, 40),
        Topic::Blacklist => (0, 20),
    };
    match worst {
        Some(Grade::Warning) => warning,
        Some(Grade::Bad) => bad,
        Some(Grade::Good | Grade::Unknown) | None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Check, Code};
    use super::*;

    fn mark(codes: &[Code]) -> Option<Mark> {
        let checks = codes.iter().map(|code| Check::new(*code, "")).collect();
        Mark::of(&Health { checks, ..Health::default() })
    }

    #[test]
    fn the_rule_is_the_one_that_is_written_down() {
        use Code as C;
        let best = [C::MxGood, C::SpfAllHard, C::DkimGood, C::DmarcReject, C::StsGood, C::RptGood, C::SignedGood];
        assert_eq!(mark(&best), Some(Mark::A));
        for (worse, expected) in [
            (&[C::StsMissing, C::RptMissing][..], Mark::A),
            (&[C::StsMissing, C::RptMissing, C::SignedMissing], Mark::B),
            (&[C::DmarcNone], Mark::B),
            (&[C::DmarcNone, C::StsMissing, C::RptMissing, C::SignedMissing], Mark::C),
            (&[C::DmarcMissing], Mark::C),
            (&[C::DmarcMissing, C::StsMissing, C::RptMissing, C::SignedMissing], Mark::D),
            (&[C::DmarcMissing, C::SpfMissing], Mark::E),
            (&[C::DmarcMissing, C::SpfMissing, C::StsMissing, C::RptMissing], Mark::F),
            (&[C::SignedBroken], Mark::D),
            (&[C::Listed], Mark::B),
        ] {
            assert_eq!(mark(&[&best[..], worse].concat()), Some(expected), "{worse:?}");
        }
        let unseen: Vec<Code> =
            best.iter().copied().filter(|code| *code != C::DkimGood).chain([C::DkimUnseen]).collect();
        assert_eq!(mark(&unseen), Some(Mark::B), "a key that nobody knows of is no proof of one");
    }

    #[test]
    fn what_is_unknown_is_no_mark_and_never_a_bad_one() {
        use Code as C;
        assert_eq!(mark(&[]), None);
        assert_eq!(mark(&[C::MxUnknown, C::SpfUnknown, C::DmarcUnknown, C::SignedUnknown]), None);
        assert_eq!(mark(&[C::MxGood, C::SpfUnknown, C::DmarcReject]), None);
        let rest = [C::MxGood, C::SpfAllHard, C::DkimGood, C::DmarcReject, C::StsUnknown, C::RptUnknown];
        assert_eq!(mark(&[&rest[..], &[C::SignedUnknown, C::ListedUnknown]].concat()), Some(Mark::A));
    }
}
