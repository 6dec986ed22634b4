//! A rule for a sender as a person asks for it, and what is wrong with it.

use crate::error::{Error, Faults};
use crate::identity::check_line;
use baluardo_mail::{is_free, organisation};
use baluardo_model::mail::senders::{MOST_RULE_DAYS, SenderAct, SenderSubject};
use baluardo_store::mail::domains::MailDomain;

/// The most characters of a reason.
const MOST_REASON: usize = 300;

/// A rule that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSenderRule {
    /// What it is to do.
    pub act: SenderAct,
    /// Address or domain, as it was typed.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: u32,
}

/// What is good about the form.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) subject: SenderSubject,
    pub(super) reason: String,
}

/// Checks a form; `own` are the comune's domains.
///
/// # Errors
/// [`Error::Invalid`] `mail.sender_bad`, `mail.sender_wide`, `mail.sender_public`, `mail.sender_own`, `mail.rule_days`, and as
/// [`check_line`] for the reason.
pub(super) fn checked(new: &NewSenderRule, own: &[MailDomain]) -> Result<Checked, Error> {
    let mut faults = Faults::default();
    let subject = faults.take(checked_subject(new, own));
    let reason = faults.take(check_line("reason", &new.reason, MOST_REASON));
    let days = faults.take(match new.days {
        1..=MOST_RULE_DAYS => Ok(()),
        _ => Err(Error::invalid("days", "mail.rule_days", format!("give a number from 1 to {MOST_RULE_DAYS}"))),
    });
    match (subject, reason, days) {
        (Some(subject), Some(reason), Some(())) => Ok(Checked { subject, reason }),
        _ => Err(faults.joined()),
    }
}

/// The subject alone, for a preview that comes before the reason.
pub(super) fn checked_subject(new: &NewSenderRule, own: &[MailDomain]) -> Result<SenderSubject, Error> {
    let wrong = |code, message: &str| Error::invalid("subject", code, message);
    let subject = SenderSubject::read(&new.subject).ok_or_else(|| {
        wrong("mail.sender_bad", "write an address such as nome@esempio.it, or a domain such as esempio.it")
    })?;
    let domain = subject.domain();
    // Below such an ending everybody registers names: a rule on it would be about strangers.
    let below = format!("x.{domain}");
    if organisation(&below) == below {
        return Err(wrong("mail.sender_wide", "many different bodies have names below this one: name one of them"));
    }
    if new.act == SenderAct::Allow && !subject.is_address() && is_free(domain) {
        return Err(wrong("mail.sender_public", "everybody can have a mailbox there: allow one address"));
    }
    if new.act == SenderAct::Allow && own.iter().any(|known| subject.covers(&format!("x@{}", known.domain))) {
        return Err(wrong("mail.sender_own", "whoever attacks likes to write in your own name: allow one address"));
    }
    Ok(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(act: SenderAct, subject: &str) -> Option<&'static str> {
        let new = NewSenderRule { act, subject: subject.to_owned(), ..NewSenderRule::default() };
        checked_subject(&new, &[]).err().map(|error| error.code())
    }

    #[test]
    fn a_rule_is_about_somebody_and_not_about_everybody() {
        use SenderAct::{Allow, Block};
        for wide in ["gov.it", "co.uk", "si.it"] {
            assert_eq!(refused(Block, wide), Some("mail.sender_wide"), "{wide}");
        }
        assert_eq!(refused(Allow, "gmail.com"), Some("mail.sender_public"));
        assert_eq!(refused(Allow, "anna@gmail.com"), None);
        assert_eq!(refused(Block, "gmail.com"), None);
        assert_eq!(refused(Allow, "fornitore.it"), None);
        assert_eq!(refused(Allow, "comune.fano.pu.it"), None);
        assert_eq!(refused(Block, "fornitore"), Some("mail.sender_bad"));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let Err(Error::Invalid { field, more, .. }) = checked(&NewSenderRule::default(), &[]) else {
            panic!("an empty form is refused");
        };
        assert_eq!(field, "subject");
        assert_eq!(more.iter().map(|one| one.field).collect::<Vec<_>>(), ["reason", "days"]);
    }
}
