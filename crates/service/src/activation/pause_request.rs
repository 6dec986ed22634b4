//! Stops the clock of a request with a reason, and lets it go on.

use crate::activation::decision::Decision;
use crate::activation::form::comune_of;
use crate::activation::letters;
use crate::error::Error;
use crate::house::House;
use crate::identity::check_text;
use baluardo_model::RequestId;
use baluardo_model::activation::RequestEventKind;
use baluardo_model::identity::Actor;

/// The longest reason, in characters.
pub(super) const LONGEST_REASON: usize = 2_000;

/// Stops the clock; the reason goes to the comune by mail.
///
/// # Errors
/// As [`consortium_scope`](crate::rights::consortium_scope); [`Error::NotFound`]; `required`, `too_long` and
/// `control_chars` in the field `reason`; `request_concluded`, `request_paused`.
#[crate::act]
pub async fn pause_request(house: &House, actor: &Actor, id: RequestId, reason: &str) -> Result<(), Error> {
    let reason = check_reason(reason)?;
    let mut decision = Decision::begin(house, actor, id).await?;
    decision.add(RequestEventKind::Paused { reason: reason.clone() }).await?;
    let comune = comune_of(&decision.request.application.cadastral_code)?;
    let mail = letters::paused(house, &decision.request, &comune.name, &reason);
    // A request can be paused many times, and each pause is told.
    let occasion = format!("paused {}", decision.request.log.len());
    decision.write(&occasion, &mail).await?;
    decision.end().await
}

/// Lets the clock go on.
///
/// # Errors
/// As [`consortium_scope`](crate::rights::consortium_scope); [`Error::NotFound`]; `request_concluded`,
/// `request_not_paused`.
#[crate::act]
pub async fn resume_request(house: &House, actor: &Actor, id: RequestId) -> Result<(), Error> {
    let mut decision = Decision::begin(house, actor, id).await?;
    decision.add(RequestEventKind::Resumed).await?;
    decision.end().await
}

/// A reason that the comune will read.
pub(super) fn check_reason(typed: &str) -> Result<String, Error> {
    let reason = check_text("reason", typed, LONGEST_REASON)?;
    if reason.is_empty() {
        return Err(Error::invalid("reason", "required", "the comune must be told why"));
    }
    Ok(reason)
}
