//! What a comune knows beside the message: its rules for senders, what its people reported, who writes to it.

use super::wording::{Language, text};
use super::{Action, Class, Reason, Verdict};
use crate::learn::{HOLD, MARK};

/// The codes of what is said here, beside those of facts.
#[cfg(test)]
pub(super) const CODES: [&str; 5] =
    ["sender_allowed", "sender_blocked", "reported_alike", "sender_known", "sender_near_known"];

/// Score from which a message is certainly hostile: nothing that is known of its sender lowers it.
const CERTAIN: f32 = 0.97;
/// The most by which the score of a known sender's mail is lowered.
const TRUST: f32 = 0.12;
/// The least by which that of somebody is raised who looks like a known sender.
const DOUBT: f32 = 0.15;

/// How well a sender is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acquaintance {
    /// Not at all, or nothing shows that the message is theirs.
    #[default]
    Unknown,
    /// They wrote on several days, and nobody complained.
    Known,
    /// Somebody who looks like them is known.
    NearKnown,
}

/// What a comune knows of one message beside the message itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// It blocked the sender.
    pub blocked: bool,
    /// It allowed the sender, and something shows that the message is theirs.
    pub allowed: bool,
    /// Messages like this one are held because people reported them: as this.
    pub reported: Option<Class>,
    /// How well the sender is known.
    pub acquaintance: Acquaintance,
}

impl Local {
    /// The verdict with what the comune knows. What it blocked or reported is held; what it allowed is delivered unless it is
    /// malware, or people reported its like; a known sender's mail is a little less suspicious, unless the message is `grave`,
    /// is after money, carries malware or is certainly hostile.
    #[must_use]
    pub fn weigh(&self, verdict: &Verdict, grave: bool, language: Language) -> Verdict {
        let mut told = verdict.clone();
        if self.blocked {
            stop(&mut told, Class::Spam, "sender_blocked", language);
        } else if let Some(class) = self.reported {
            stop(&mut told, class, "reported_alike", language);
        } else if self.allowed && verdict.class != Class::Malware && verdict.action < Action::Reject {
            told.action = Action::Deliver;
            tell(&mut told, "sender_allowed", language);
        } else {
            self.acquaint(&mut told, grave, language);
        }
        told
    }

    fn acquaint(&self, told: &mut Verdict, grave: bool, language: Language) {
        match self.acquaintance {
            Acquaintance::Known if told.action > Action::Deliver => {
                let excused = matches!(told.class, Class::Spam | Class::Phishing);
                if !excused || grave || told.score >= CERTAIN {
                    return;
                }
                told.score -= TRUST;
                let allowed = match told.score {
                    score if score < MARK => Action::Deliver,
                    score if score < HOLD => Action::Tag,
                    _ => told.action,
                };
                told.action = told.action.min(allowed);
                tell(told, "sender_known", language);
            }
            Acquaintance::NearKnown => {
                told.score = (told.score + DOUBT).clamp(MARK, 1.0);
                told.action = told.action.max(Action::Tag);
                if told.class == Class::Legitimate {
                    told.class = Class::Phishing;
                }
                if told.score >= HOLD && told.action == Action::Tag {
                    told.action = Action::Quarantine;
                }
                tell(told, "sender_near_known", language);
            }
            Acquaintance::Known | Acquaintance::Unknown => {}
        }
    }
}

/// Holds a message that was not stopped yet.
fn stop(told: &mut Verdict, class: Class, code: &str, language: Language) {
    told.action = told.action.max(Action::Quarantine);
    told.score = told.score.max(HOLD);
    if told.class == Class::Legitimate {
        told.class = class;
    }
    tell(told, code, language);
}

fn tell(told: &mut Verdict, code: &str, language: Language) {
    told.reasons.insert(0, Reason { code: code.to_owned(), text: text(code, "", language) });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(action: Action, class: Class, score: f32) -> Verdict {
        Verdict { action, class, score, reasons: Vec::new() }
    }

    fn weigh(local: Local, verdict: &Verdict) -> Verdict {
        local.weigh(verdict, false, Language::Italian)
    }

    const ALLOWED: Local = Local { blocked: false, allowed: true, reported: None, acquaintance: Acquaintance::Unknown };
    const KNOWN: Local = Local { allowed: false, acquaintance: Acquaintance::Known, ..ALLOWED };

    #[test]
    fn an_allowed_sender_is_delivered_but_never_with_malware() {
        let phish = verdict(Action::Quarantine, Class::Phishing, 0.99);
        assert_eq!(weigh(ALLOWED, &phish).action, Action::Deliver);
        assert_eq!(weigh(ALLOWED, &phish).reasons[0].code, "sender_allowed");
        let malware = verdict(Action::Quarantine, Class::Malware, 0.8);
        assert_eq!(weigh(ALLOWED, &malware), malware);
        let test = verdict(Action::Reject, Class::Malware, 1.0);
        assert_eq!(weigh(ALLOWED, &test), test);
    }

    #[test]
    fn what_is_blocked_or_reported_is_held_even_from_an_allowed_sender() {
        let honest = verdict(Action::Deliver, Class::Legitimate, 0.01);
        let blocked = weigh(Local { blocked: true, ..ALLOWED }, &honest);
        assert_eq!((blocked.action, blocked.class), (Action::Quarantine, Class::Spam));
        let reported = weigh(Local { reported: Some(Class::Phishing), ..ALLOWED }, &honest);
        assert_eq!((reported.action, reported.class), (Action::Quarantine, Class::Phishing));
        assert!(reported.score >= HOLD && reported.reasons[0].text.contains("segnalato"));
    }

    #[test]
    fn a_known_sender_is_trusted_a_little_and_never_with_what_is_certain_grave_malware_or_fraud() {
        let doubtful = verdict(Action::Quarantine, Class::Phishing, 0.8);
        let eased = weigh(KNOWN, &doubtful);
        assert_eq!(eased.action, Action::Tag);
        assert!(eased.score >= doubtful.score - TRUST - f32::EPSILON);
        assert_eq!(weigh(KNOWN, &verdict(Action::Tag, Class::Spam, 0.55)).action, Action::Deliver);
        for (class, score) in [(Class::Malware, 0.8), (Class::Fraud, 0.76), (Class::Phishing, 0.97)] {
            let held = verdict(Action::Quarantine, class, score);
            assert_eq!(weigh(KNOWN, &held), held, "{class:?}");
        }
        assert_eq!(KNOWN.weigh(&doubtful, true, Language::Italian), doubtful);
        assert_eq!(weigh(KNOWN, &verdict(Action::Quarantine, Class::Phishing, 0.95)).action, Action::Quarantine);
    }

    #[test]
    fn who_looks_like_a_known_sender_is_at_least_marked() {
        let near = Local { acquaintance: Acquaintance::NearKnown, ..Local::default() };
        let marked = weigh(near, &verdict(Action::Deliver, Class::Legitimate, 0.1));
        assert_eq!((marked.action, marked.class, marked.score), (Action::Tag, Class::Phishing, MARK));
        assert_eq!(weigh(near, &verdict(Action::Tag, Class::Phishing, 0.65)).action, Action::Quarantine);
    }

    #[test]
    fn what_nobody_knows_anything_of_stays_as_it_was_judged() {
        let judged = verdict(Action::Tag, Class::Spam, 0.6);
        assert_eq!(weigh(Local::default(), &judged), judged);
    }
}
