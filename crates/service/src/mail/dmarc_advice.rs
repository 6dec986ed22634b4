//! What to do next with a domain, by what receivers report: the way from watching to refusing, one step at a time.

use baluardo_model::dmarc::Disposition;
use baluardo_store::mail::dmarc::DmarcSums;
use serde::Serialize;
use std::time::Duration;

/// Fewer messages than this say nothing.
const ENOUGH: u64 = 100;
/// Nor do fewer days: offices have weeks and ends of months.
const LONG_ENOUGH: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// How many of a thousand messages must be proved before those that are not go to the folder for suspicious mail, ...
const FOR_QUARANTINE: u64 = 980;
/// ... and before they are refused.
const FOR_REJECT: u64 = 995;

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DmarcAdvice {
    /// No reports: the record names no address for them, or nobody brings them here.
    AskForReports,
    /// Too few messages or days to tell.
    Wait,
    /// Own mail goes out unproved: look at the sources, and give each of your own SPF or DKIM first.
    ProveSources,
    /// Nearly all is proved: ask receivers to put the rest aside (`p=quarantine`).
    Quarantine,
    /// Nearly all is proved, and the rest is put aside: have it refused (`p=reject`).
    Reject,
    /// Nothing is left to do but to look now and then.
    Done,
}

impl DmarcAdvice {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::AskForReports, Self::Wait, Self::ProveSources, Self::Quarantine, Self::Reject, Self::Done];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AskForReports => "ask_for_reports",
            Self::Wait => "wait",
            Self::ProveSources => "prove_sources",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
            Self::Done => "done",
        }
    }

    /// The step for a domain of which the reports say this. Mail that nobody at the comune sent counts as unproved too, and cannot
    /// be told apart from here: whoever is attacked much looks at the sources and decides.
    #[must_use]
    pub fn of(sums: &DmarcSums) -> Self {
        let (Some(policy), Some(since), Some(until)) = (sums.policy, sums.since, sums.until) else {
            return Self::AskForReports;
        };
        if policy == Disposition::Reject {
            return Self::Done;
        }
        if sums.count < ENOUGH || until.since(since) < LONG_ENOUGH {
            return Self::Wait;
        }
        let thousandths = sums.proved.saturating_mul(1_000) / sums.count;
        match policy {
            Disposition::None if thousandths >= FOR_QUARANTINE => Self::Quarantine,
            Disposition::Quarantine if thousandths >= FOR_REJECT => Self::Reject,
            _ => Self::ProveSources,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::Timestamp;

    fn sums(policy: Disposition, proved: u64, count: u64, days: i64) -> DmarcSums {
        let until = Timestamp::from_micros(days * 86_400_000_000);
        let (since, until) = (Some(Timestamp::from_micros(0)), Some(until));
        DmarcSums { reports: 1, since, until, policy: Some(policy), count, proved, ..DmarcSums::default() }
    }

    #[test]
    fn a_domain_goes_one_step_at_a_time() {
        use Disposition as D;
        assert_eq!(DmarcAdvice::of(&DmarcSums::default()), DmarcAdvice::AskForReports);
        assert_eq!(DmarcAdvice::of(&sums(D::None, 99, 99, 30)), DmarcAdvice::Wait);
        assert_eq!(DmarcAdvice::of(&sums(D::None, 1_000, 1_000, 13)), DmarcAdvice::Wait);
        assert_eq!(DmarcAdvice::of(&sums(D::None, 979, 1_000, 30)), DmarcAdvice::ProveSources);
        assert_eq!(DmarcAdvice::of(&sums(D::None, 980, 1_000, 30)), DmarcAdvice::Quarantine);
        assert_eq!(DmarcAdvice::of(&sums(D::Quarantine, 994, 1_000, 30)), DmarcAdvice::ProveSources);
        assert_eq!(DmarcAdvice::of(&sums(D::Quarantine, 995, 1_000, 30)), DmarcAdvice::Reject);
        assert_eq!(DmarcAdvice::of(&sums(D::Reject, 0, 1_000, 30)), DmarcAdvice::Done);
    }
}
