//! What the proof of its sender makes of a verdict.
//!
//! That everything passes says little: criminals prove domains of their own, and more than half of phishing passes SPF. That the
//! author's domain disowns a message says much.

use super::{Authentic, Proof, Wish};
use crate::learn::{HOLD, MARK};
use crate::look::Fact;
use crate::verdict::{Action, Class, Language, Reason, Verdict, reason_text};

/// Score of a message that poses as one of our own.
const SPOOFED: f32 = 0.95;
/// The most reasons of one verdict.
const MOST_REASONS: usize = 6;

/// What can be held against a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    /// It says that it comes from a domain of ours, and that domain does not allow it.
    OwnSpoofed,
    /// It says so, and that domain does not say who may send for it.
    OwnUnproven,
    /// The author's domain wants such mail refused or set aside.
    Disowned,
    /// Nobody can say who the author is.
    AuthorUnclear,
}

impl Against {
    const fn code(self) -> &'static str {
        match self {
            Self::OwnSpoofed => "own_domain_spoofed",
            Self::OwnUnproven => "own_domain_unproven",
            Self::Disowned => "author_disowns",
            Self::AuthorUnclear => "author_unclear",
        }
    }

    const fn holds(self) -> bool {
        matches!(self, Self::OwnSpoofed | Self::Disowned)
    }

    const fn least_score(self) -> f32 {
        match self {
            Self::OwnSpoofed => SPOOFED,
            Self::Disowned => HOLD,
            Self::OwnUnproven | Self::AuthorUnclear => MARK,
        }
    }
}

/// The codes of the reasons that stand here.
#[cfg(test)]
pub(crate) const CODES: [&str; 4] =
    [Against::OwnSpoofed.code(), Against::OwnUnproven.code(), Against::Disowned.code(), Against::AuthorUnclear.code()];

/// What is to be held against a message, if anything.
fn against(found: &Authentic) -> Option<Against> {
    if found.vouched.is_some() {
        return None;
    }
    if found.author_unclear {
        return Some(if found.own { Against::OwnSpoofed } else { Against::AuthorUnclear });
    }
    if found.own && !found.speaks_for(&found.author) && found.dmarc != Proof::Pass {
        // Where the DNS does not answer nobody knows, and mail goes its way.
        return match found.author_spf {
            _ if found.is_uncertain() => None,
            Proof::Pass => None,
            Proof::Fail | Proof::SoftFail => Some(Against::OwnSpoofed),
            _ if found.dmarc == Proof::Fail => Some(Against::OwnSpoofed),
            _ => Some(Against::OwnUnproven),
        };
    }
    (found.dmarc == Proof::Fail && found.wish > Wish::Nothing).then_some(Against::Disowned)
}

/// Settles a verdict that was made of the message alone. What is held, refused or marked is for the comune's policy; here is
/// said only that it is no ordinary mail.
pub(crate) fn settle(mut verdict: Verdict, found: &Authentic, language: Language) -> Verdict {
    let Some(against) = against(found) else { return verdict };
    verdict.score = verdict.score.max(against.least_score());
    let least = if against.holds() { Action::Quarantine } else { Action::Tag };
    verdict.action = verdict.action.max(least);
    if matches!(verdict.class, Class::Legitimate | Class::Spam) {
        verdict.class = Class::Phishing;
    }
    // Said by the new reason in other words.
    let said = [Fact::SenderOwnDomain, Fact::DmarcFail, Fact::SpfFail].map(Fact::code);
    verdict.reasons.retain(|reason| !said.contains(&reason.code.as_str()));
    let code = against.code();
    verdict.reasons.insert(0, Reason { code: code.to_owned(), text: reason_text(code, &found.author, language) });
    verdict.reasons.truncate(MOST_REASONS);
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authentic::Signed;
    use crate::{Arrival, judge_arriving};

    const NOTE: &[u8] = b"From: Anna Bianchi <anna@comune.siena.it>\r\nTo: carla@comune.siena.it\r\nSubject: Verbale di ieri\r\n\r\nCiao Carla, ti mando il verbale della riunione di ieri. Anna\r\n";

    fn verdict(found: &Authentic, language: Language) -> Verdict {
        let arrival = Arrival { sender: &found.sender, results: None, authentic: Some(found) };
        judge_arriving(NOTE, &arrival, language)
    }

    fn own() -> Authentic {
        Authentic {
            author: "comune.siena.it".to_owned(),
            own: true,
            sender: "x@evil.example".to_owned(),
            spf: Proof::Pass,
            spf_domain: "evil.example".to_owned(),
            author_spf: Proof::Fail,
            ..Authentic::default()
        }
    }

    #[test]
    fn a_spoof_of_a_domain_of_ours_is_held_and_the_reason_is_plain() {
        let italian = verdict(&own(), Language::Italian);
        assert_eq!((italian.action, italian.class), (Action::Quarantine, Class::Phishing));
        assert_eq!(italian.reasons[0].code, "own_domain_spoofed");
        let text = &italian.reasons[0].text;
        assert!(text.contains("dice di scrivere da comune.siena.it") && text.contains("non autorizza"), "{text}");
        let text = &verdict(&own(), Language::English).reasons[0].text;
        assert!(text.contains("claims to write from comune.siena.it"), "{text}");
    }

    #[test]
    fn mail_of_a_domain_of_ours_passes_when_anything_proves_it() {
        let signed = Signed { domain: "comune.siena.it".to_owned(), selector: "a".to_owned(), proof: Proof::Pass };
        for found in [
            Authentic { author_spf: Proof::Pass, ..own() },
            Authentic { dkim: vec![signed], ..own() },
            Authentic { spf_domain: "posta.comune.siena.it".to_owned(), ..own() },
            Authentic { vouched: Some("liste.example".to_owned()), dmarc: Proof::Fail, wish: Wish::Reject, ..own() },
        ] {
            assert_eq!(verdict(&found, Language::Italian).action, Action::Deliver, "{found:?}");
        }
    }

    #[test]
    fn a_domain_of_ours_that_publishes_nothing_is_marked_not_held() {
        let found = Authentic { author_spf: Proof::None, ..own() };
        let verdict = verdict(&found, Language::Italian);
        assert_eq!((verdict.action, verdict.reasons[0].code.as_str()), (Action::Tag, "own_domain_unproven"));
    }

    #[test]
    fn what_the_authors_domain_disowns_is_held_and_what_it_only_watches_is_not() {
        let foreign = Authentic { own: false, author_spf: Proof::None, dmarc: Proof::Fail, ..own() };
        for (wish, action) in [
            (Wish::Reject, Action::Quarantine),
            (Wish::Quarantine, Action::Quarantine),
            (Wish::Nothing, Action::Deliver),
        ] {
            let found = Authentic { wish, ..foreign.clone() };
            assert_eq!(verdict(&found, Language::Italian).action, action, "{wish:?}");
        }
        let list = Authentic { wish: Wish::Reject, vouched: Some("liste.example".to_owned()), ..foreign };
        assert_eq!(verdict(&list, Language::Italian).action, Action::Deliver);
    }

    #[test]
    fn where_the_dns_does_not_answer_nothing_is_held_for_it() {
        for found in [
            Authentic { spf: Proof::TempError, author_spf: Proof::TempError, dmarc: Proof::TempError, ..own() },
            Authentic { author_spf: Proof::TempError, ..own() },
            Authentic { own: false, dmarc: Proof::TempError, wish: Wish::Reject, ..own() },
        ] {
            assert_eq!(verdict(&found, Language::Italian).action, Action::Deliver, "{found:?}");
        }
    }

    #[test]
    fn a_sender_whose_own_name_servers_do_not_answer_is_not_excused() {
        let slow = Signed { domain: "evil.example".to_owned(), selector: "a".to_owned(), proof: Proof::TempError };
        let found = Authentic { spf: Proof::TempError, dkim: vec![slow], ..own() };
        assert_eq!(verdict(&found, Language::Italian).action, Action::Quarantine);
        let ours = Signed { domain: "comune.siena.it".to_owned(), selector: "a".to_owned(), proof: Proof::TempError };
        let found = Authentic { dkim: vec![ours], ..own() };
        assert_eq!(verdict(&found, Language::Italian).action, Action::Deliver);
    }

    #[test]
    fn a_message_with_two_authors_is_marked_and_held_when_one_is_ours() {
        let found = Authentic { own: false, author_unclear: true, ..own() };
        assert_eq!(verdict(&found, Language::Italian).action, Action::Tag);
        let found = Authentic { author_unclear: true, ..own() };
        assert_eq!(verdict(&found, Language::Italian).action, Action::Quarantine);
    }

    #[test]
    fn that_everything_passes_makes_no_phish_honest() {
        let bait = b"From: \"Poste Italiane\" <avvisi@sicurezza-clienti.top>\nTo: a@comune.siena.it\nSubject: Conto sospeso\nContent-Type: text/html\n\n<p>Gentile cliente, il suo conto e' stato sospeso. Clicchi <a href=\"https://poste-it.verifica.top/a\">https://www.poste.it</a> entro 24 ore per confermare i dati.</p>";
        let found = Authentic {
            author: "sicurezza-clienti.top".to_owned(),
            spf: Proof::Pass,
            spf_domain: "sicurezza-clienti.top".to_owned(),
            dmarc: Proof::Pass,
            wish: Wish::Reject,
            ..Authentic::default()
        };
        let arrival = Arrival { sender: "avvisi@sicurezza-clienti.top", results: None, authentic: Some(&found) };
        assert!(judge_arriving(bait, &arrival, Language::Italian).action.stops());
    }
}
