//! Holds a message for a comune, for good before anybody is told so.

use super::HeldReason;
use super::content::{digest, seal};
use super::senders::count_seen;
use crate::error::Error;
use crate::fleet::foreign_text::{bound, name};
use crate::house::House;
use crate::rights::platform_scope;
use crate::secret::hex;
use baluardo_mail::{Letter, Verdict};
use baluardo_model::mail::senders::SenderSeen;
use baluardo_model::mail::{HeldState, Outcome};
use baluardo_model::{HeldMailId, TenantId};
use baluardo_store::Tx;
use baluardo_store::mail::held::HeldMail;
use sha2::{Digest as _, Sha256};

/// The most bytes of a subject or an address in a row.
const MOST_TEXT: usize = 1_000;
/// The most recipients that a row names; servers take a thousand at most.
const MOST_RECIPIENTS: usize = 1_000;

/// A message on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Arriving<'a> {
    /// The sender of the envelope, bare; empty for a notice.
    pub sender: &'a str,
    /// The recipients in the comune, bare.
    pub recipients: &'a [String],
    /// The whole message.
    pub bytes: &'a [u8],
    /// What was judged, in Italian.
    pub verdict: &'a Verdict,
    /// The same in English.
    pub english: &'a Verdict,
}

/// A message that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: HeldMailId,
    /// Whether it is new, and not a delivery that is tried again.
    pub new: bool,
    /// Where it stands: a delivery that is tried again may find that somebody decided already.
    pub state: HeldState,
}

/// By what a delivery is known when it is tried again: the digest of sender, recipients in any order, and content.
#[must_use]
pub fn identity(sender: &str, recipients: &[String], bytes: &[u8]) -> String {
    let mut recipients: Vec<String> = recipients.iter().map(|recipient| recipient.to_lowercase()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    let mut hasher = Sha256::new();
    for field in std::iter::once(sender).chain(recipients.iter().map(String::as_str)) {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.update(Sha256::digest(bytes));
    hex(&hasher.finalize())
}

/// Keeps the message. When this returns, it lies in the database, committed; whoever brought it may be told that it was taken.
/// The same delivery again, to the last byte, is the same held message, whatever became of it meanwhile.
///
/// # Errors
/// What the store says; then nothing was kept.
#[crate::act]
pub async fn hold_message(house: &House, tenant: TenantId, mail: &Arriving<'_>) -> Result<Held, Error> {
    let mut tx = house.store.write().await?;
    let held = hold_within(house, &mut tx, tenant, mail).await?;
    tx.commit().await?;
    Ok(held)
}

/// The same within a transaction of the caller's.
pub(crate) async fn hold_within(
    house: &House,
    tx: &mut Tx,
    tenant: TenantId,
    mail: &Arriving<'_>,
) -> Result<Held, Error> {
    let now = house.now();
    let id = HeldMailId::new(now, house.chance.as_ref());
    let letter = Letter::read(mail.bytes);
    let new = HeldMail {
        id,
        identity: identity(mail.sender, mail.recipients, mail.bytes),
        sender: name(mail.sender),
        recipients: mail.recipients.iter().take(MOST_RECIPIENTS).map(|recipient| name(recipient)).collect(),
        author: author(&letter),
        subject: tidy(&letter.subject),
        class: word(mail.verdict.class),
        score: thousandths(mail.verdict.score),
        reasons: reasons(mail.verdict, mail.english),
        size: mail.bytes.len() as u64,
        content: digest(mail.bytes),
    };
    let pieces = seal(house, tenant, id, mail.bytes)?;
    let mut rows = tx.tenant(platform_scope(tenant));
    let is_new = rows.hold_mail(&new, pieces, now).await?;
    let row = rows.held_mail_by_identity(&new.identity).await?.ok_or_else(|| Error::internal("a held row is gone"))?;
    if is_new {
        rows.count_mail(Outcome::Held, 1, now).await?;
        count_seen(house, tx, tenant, &letter.from, SenderSeen::Held, 1).await?;
    }
    Ok(Held { id: row.id, new: is_new, state: row.state })
}

/// Who a message says wrote it.
pub(super) fn author(letter: &Letter) -> String {
    match letter.from_name.as_str() {
        "" => tidy(&letter.from),
        name => tidy(&format!("{name} <{}>", letter.from)),
    }
}

/// The stable word of a class or an action.
pub(crate) fn word(of: impl serde::Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn thousandths(score: f32) -> u64 {
    (score.clamp(0.0, 1.0) * 1_000.0).round() as u64
}

/// The reasons in both languages: both verdicts are of the same message, so they stand in the same order.
pub(crate) fn reasons(italian: &Verdict, english: &Verdict) -> Vec<HeldReason> {
    let both = italian.reasons.iter().zip(&english.reasons);
    both.map(|(it, en)| HeldReason { code: it.code.clone(), it: tidy(&it.text), en: tidy(&en.text) }).collect()
}

pub(crate) fn tidy(text: &str) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    bound(&mut text, MOST_TEXT);
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn a_delivery_is_known_by_sender_recipients_and_content() {
        let to = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let first = identity("a@b.it", &to(&["c@d.it", "e@d.it"]), b"ciao");
        assert_eq!(identity("a@b.it", &to(&["E@D.it", "c@d.it"]), b"ciao"), first);
        assert_ne!(identity("a@b.it", &to(&["c@d.it"]), b"ciao"), first);
        assert_ne!(identity("x@b.it", &to(&["c@d.it", "e@d.it"]), b"ciao"), first);
        assert_ne!(identity("a@b.it", &to(&["c@d.it", "e@d.it"]), b"ciao!"), first);
        // What moves from one field to the next is another delivery.
        assert_ne!(identity("a", &to(&["bc"]), b""), identity("ab", &to(&["c"]), b""));
    }
}
