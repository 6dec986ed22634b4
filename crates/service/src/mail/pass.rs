//! The mark on a released message by which our own milter knows it when it comes back.

use super::content::open;
use super::destinations::destinations;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use crate::secret::hex;
use baluardo_model::HeldMailId;
use baluardo_model::mail::HeldState;
use ring::hmac;

/// The header that carries the mark. Whoever else writes it into a message has it removed.
pub const RELEASE_HEADER: &str = "X-Baluardo-Release";

/// The mark of a message: its id, and a code over id and content that only this house can make.
pub(super) fn mark(house: &House, id: HeldMailId, content: &str) -> String {
    format!("{id} {}", hex(hmac::sign(&key(house), signed(id, content).as_bytes()).as_ref()))
}

/// Whether a message that comes with `mark` is one that was released, for all or for just these recipients, and has not been handed on yet. Once the mail server's
/// yes was noted, the mark is worth nothing; a copy with another body or for other recipients never passes. Headers may
/// differ: some mail servers complete and rewrite those of mail that comes from their own machine.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn may_pass(house: &House, mark: &str, recipients: &[String], bytes: &[u8]) -> Result<bool, Error> {
    let Some((id, code)) = mark.trim().split_once(' ') else { return Ok(false) };
    let (Ok(id), Some(code)) = (id.parse::<HeldMailId>(), unhex(code.trim())) else { return Ok(false) };
    let Some(first) = destinations(house, recipients).await?.into_iter().next().flatten() else { return Ok(false) };
    let scope = platform_scope(first.tenant);
    let mut tx = house.store.read().await?;
    let Some(row) = tx.tenant(scope).held_mail(id).await? else { return Ok(false) };
    let ours = hmac::verify(&key(house), signed(id, &row.content).as_bytes(), &code).is_ok();
    let theirs = recipients.iter().all(|recipient| row.recipients.contains(recipient));
    if !ours || !theirs {
        return Ok(false);
    }
    if row.state != HeldState::Releasing {
        let parts = tx.tenant(scope).held_parts(id).await?;
        let leaves = |to: &String| {
            parts.iter().any(|part| part.recipient == to.to_lowercase() && part.state == HeldState::Releasing)
        };
        if !recipients.iter().all(leaves) {
            return Ok(false);
        }
    }
    let kept = open(house, &mut tx, scope, &row).await?;
    Ok(kept.is_some_and(|kept| body(&kept) == body(bytes)))
}

/// What stands below the headers.
fn body(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    end.and_then(|end| message.get(end + 4..)).unwrap_or_default()
}

fn key(house: &House) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &house.seal.derive("released mail 1"))
}

fn signed(id: HeldMailId, content: &str) -> String {
    format!("{id} {content}")
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
