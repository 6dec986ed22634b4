//! Refuses a request, with the reason.

use crate::activation::decision::Decision;
use crate::activation::form::comune_of;
use crate::activation::letters;
use crate::activation::pause_request::check_reason;
use crate::error::Error;
use crate::house::House;
use baluardo_model::RequestId;
use baluardo_model::activation::RequestEventKind;
use baluardo_model::identity::Actor;

/// Refuses a request: a concluding act, after which the comune may ask again. The reason goes to the comune by mail.
///
/// # Errors
/// As [`consortium_scope`](crate::rights::consortium_scope); [`Error::NotFound`]; `required`, `too_long` and
/// `control_chars` in the field `reason`; `request_concluded`.
#[crate::act]
pub async fn refuse_request(house: &House, actor: &Actor, id: RequestId, reason: &str) -> Result<(), Error> {
    let reason = check_reason(reason)?;
    let mut decision = Decision::begin(house, actor, id).await?;
    decision.add(RequestEventKind::Refused { reason: reason.clone() }).await?;
    let comune = comune_of(&decision.request.application.cadastral_code)?;
    let mail = letters::refused(house, &decision.request, &comune.name, &reason);
    decision.write("refused", &mail).await?;
    decision.end().await
}
