//! A reported message as the engine sees it.

use super::MOST_REPORT;
use crate::error::Error;
use crate::mail::HeldReason;
use crate::mail::content::digest;
use crate::mail::hold_message::{author, reasons, thousandths, tidy, word};
use baluardo_mail::{Action, Class, Considered, Fingerprint, Language, Letter};

/// What is known of a reported message once it was judged.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) author: String,
    /// The author's address alone; empty for none.
    pub(super) address: String,
    pub(super) subject: String,
    pub(super) action: Action,
    pub(super) class: Class,
    pub(super) score: u64,
    pub(super) reasons: Vec<HeldReason>,
    pub(super) size: u64,
    pub(super) content: String,
    pub(super) fingerprint: Fingerprint,
}

/// Judges it, off the threads that serve others.
///
/// # Errors
/// [`Error::Invalid`] `mail.report_empty` and `mail.report_large`.
pub(super) async fn judged(bytes: Vec<u8>) -> Result<Judged, Error> {
    if bytes.trim_ascii().is_empty() {
        return Err(Error::invalid("message", "mail.report_empty", "paste the message, or choose its file"));
    }
    if bytes.len() > MOST_REPORT {
        let message = format!("at most {} MB", MOST_REPORT >> 20);
        return Err(Error::invalid("message", "mail.report_large", message));
    }
    tokio::task::spawn_blocking(move || judge(&bytes)).await.map_err(Error::internal)
}

fn judge(bytes: &[u8]) -> Judged {
    let considered = Considered::of(Letter::read(bytes));
    let italian = considered.verdict(Language::Italian);
    let english = considered.verdict(Language::English);
    let letter = &considered.letter;
    Judged {
        author: author(letter),
        address: letter.from.clone(),
        subject: tidy(&letter.subject),
        action: italian.action,
        class: italian.class,
        score: thousandths(italian.score),
        reasons: reasons(&italian, &english),
        size: bytes.len() as u64,
        content: digest(bytes),
        fingerprint: Fingerprint::of(letter),
    }
}

impl Judged {
    /// The stable words of action and class.
    pub(super) fn words(&self) -> (String, String) {
        (word(self.action), word(self.class))
    }
}
