//! What becomes of a message for one recipient: judgement and policy in, fate out.

use super::judging::Opinion;
use baluardo_mail::Action;
use baluardo_model::mail::{MailPolicy, OnSuspicion, OnTrouble};

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Delivered.
    Deliver,
    /// Delivered with a mark.
    Tag,
    /// Held.
    Hold,
    /// Refused.
    Refuse,
    /// Not taken now.
    Later,
}

/// The fate of a message by what was judged, or by why it could not be, for recipients with this policy.
pub(super) fn fate(judged: Result<&Opinion, &str>, policy: &MailPolicy) -> Fate {
    let Ok(opinion) = judged else { return of_trouble(policy) };
    match (opinion.verdict.action, policy.on_suspicion) {
        (Action::Deliver, _) => Fate::Deliver,
        (Action::Tag, _) | (Action::Quarantine | Action::Reject, OnSuspicion::Tag) => Fate::Tag,
        (Action::Quarantine, OnSuspicion::Hold) => Fate::Hold,
        // What is surely malware is of no use to anybody: its sender hears of it, and nobody has to look.
        (Action::Quarantine, OnSuspicion::Refuse) | (Action::Reject, _) => Fate::Refuse,
    }
}

/// The fate of a message for which something of ours failed.
pub(super) fn of_trouble(policy: &MailPolicy) -> Fate {
    match policy.on_trouble {
        OnTrouble::TryLater => Fate::Later,
        OnTrouble::Deliver => Fate::Tag,
    }
}

/// Makes the fates of one message agree, where the mail server can give only one answer for all: one that must come later
/// comes later for all, and those who would refuse what others take hold it, or, where nobody of ours can, take it marked.
pub(super) fn reconcile(fates: &mut [Fate], can_keep: &[bool]) {
    if fates.contains(&Fate::Later) {
        fates.fill(Fate::Later);
        return;
    }
    if fates.iter().all(|fate| *fate == Fate::Refuse) {
        return;
    }
    for fate in fates.iter_mut().filter(|fate| **fate == Fate::Refuse) {
        *fate = Fate::Hold;
    }
    // Held by the mail server it would be held for all, which is right only where all want it.
    let goes_on = fates.iter().any(|fate| matches!(fate, Fate::Deliver | Fate::Tag));
    for (fate, can_keep) in fates.iter_mut().zip(can_keep) {
        if *fate == Fate::Hold && !can_keep && goes_on {
            *fate = Fate::Tag;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::milter::judging::Sketch;
    use baluardo_mail::{Class, Verdict};

    fn opinion(action: Action) -> Opinion {
        let verdict = Verdict { action, class: Class::Phishing, score: 0.9, reasons: Vec::new() };
        Opinion { verdict, english: None, sketch: Sketch::default() }
    }

    fn of(action: Action, on_suspicion: OnSuspicion) -> Fate {
        fate(Ok(&opinion(action)), &MailPolicy { on_suspicion, ..MailPolicy::default() })
    }

    #[test]
    fn the_policy_says_what_happens_to_what_is_suspicious() {
        use OnSuspicion as S;
        assert_eq!([S::Hold, S::Refuse, S::Tag].map(|s| of(Action::Deliver, s)), [Fate::Deliver; 3]);
        assert_eq!([S::Hold, S::Refuse, S::Tag].map(|s| of(Action::Tag, s)), [Fate::Tag; 3]);
        assert_eq!(
            [S::Hold, S::Refuse, S::Tag].map(|s| of(Action::Quarantine, s)),
            [Fate::Hold, Fate::Refuse, Fate::Tag]
        );
        assert_eq!(
            [S::Hold, S::Refuse, S::Tag].map(|s| of(Action::Reject, s)),
            [Fate::Refuse, Fate::Refuse, Fate::Tag]
        );
    }

    #[test]
    fn what_could_not_be_judged_comes_later_or_is_delivered_with_a_mark() {
        let policy = MailPolicy::default();
        assert_eq!(fate(Err("the judge failed"), &policy), Fate::Later);
        let policy = MailPolicy { on_trouble: OnTrouble::Deliver, ..policy };
        assert_eq!(fate(Err("the judge failed"), &policy), Fate::Tag);
    }

    #[test]
    fn one_answer_is_found_for_recipients_who_want_different_things() {
        let agreed = |mut fates: Vec<Fate>, can_keep: &[bool]| {
            reconcile(&mut fates, can_keep);
            fates
        };
        use Fate::{Deliver, Hold, Later, Refuse, Tag};
        assert_eq!(agreed(vec![Deliver, Later], &[true, true]), [Later, Later]);
        assert_eq!(agreed(vec![Refuse, Refuse], &[true, false]), [Refuse, Refuse]);
        assert_eq!(agreed(vec![Tag, Refuse], &[true, true]), [Tag, Hold]);
        assert_eq!(agreed(vec![Tag, Hold], &[true, false]), [Tag, Tag]);
        assert_eq!(agreed(vec![Hold, Hold], &[true, false]), [Hold, Hold]);
        assert_eq!(agreed(vec![Hold, Refuse], &[false, true]), [Hold, Hold]);
    }
}
