//! Judges messages that lie in mailboxes, off the threads that talk to servers; a judge that panics is an answer.

use baluardo_mail::pec::PecMessage;
use baluardo_mail::{Action, Arrival, Delivered, Language, Verdict, judge_arriving};
use baluardo_model::mail::{MailPolicy, OnSuspicion};

/// What was judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) bytes: Vec<u8>,
    pub(super) delivered: Delivered,
    pub(super) italian: Verdict,
    pub(super) english: Verdict,
}

/// Judges a delivered message; none when the judge failed, and then the message stays where it is.
pub(super) async fn judge(bytes: Vec<u8>, authserv: String) -> Option<Judged> {
    let work = move || {
        let delivered = Delivered::read(&bytes, &authserv);
        let arrival = Arrival { sender: &delivered.sender, results: delivered.results.as_deref(), authentic: None };
        let italian = judge_arriving(&bytes, &arrival, Language::Italian);
        let english = if italian.action == Action::Deliver {
            italian.clone()
        } else {
            judge_arriving(&bytes, &arrival, Language::English)
        };
        Judged { italian, english, delivered, bytes }
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// A message of a PEC mailbox that was judged.
#[derive(Debug)]
pub(super) struct JudgedPec {
    pub(super) bytes: Vec<u8>,
    pub(super) message: PecMessage,
    pub(super) verdicts: Option<(Verdict, Verdict)>,
}

/// The same for certified mail.
pub(super) async fn judge_pec(bytes: Vec<u8>) -> Option<JudgedPec> {
    let work = move || {
        let message = PecMessage::read(&bytes);
        let both = |it: Verdict| Some((it, message.judge(&bytes, Language::English)?));
        let verdicts = message.judge(&bytes, Language::Italian).and_then(both);
        JudgedPec { message, verdicts, bytes }
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// What becomes of a message that was delivered already: it cannot be refused any more, so what would be is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Leave,
    Mark,
    Hold,
}

pub(super) fn fate(action: Action, policy: &MailPolicy) -> Fate {
    match (action, policy.on_suspicion) {
        (Action::Deliver, _) => Fate::Leave,
        (Action::Tag, _) | (Action::Quarantine | Action::Reject, OnSuspicion::Tag) => Fate::Mark,
        (Action::Quarantine | Action::Reject, OnSuspicion::Hold | OnSuspicion::Refuse) => Fate::Hold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_delivered_is_held_where_it_would_have_been_refused() {
        let of = |action, on_suspicion| fate(action, &MailPolicy { on_suspicion, ..MailPolicy::default() });
        assert_eq!(of(Action::Reject, OnSuspicion::Refuse), Fate::Hold);
        assert_eq!(of(Action::Quarantine, OnSuspicion::Hold), Fate::Hold);
        assert_eq!(of(Action::Reject, OnSuspicion::Tag), Fate::Mark);
        assert_eq!(of(Action::Tag, OnSuspicion::Hold), Fate::Mark);
        assert_eq!(of(Action::Deliver, OnSuspicion::Refuse), Fate::Leave);
    }
}
