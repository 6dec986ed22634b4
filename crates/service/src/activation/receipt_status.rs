//! Tells whoever holds a receipt where the request stands.

use crate::activation::form::comune_of;
use crate::error::Error;
use crate::house::House;
use crate::identity::patron_of;
use crate::rights::desk_scope;
use baluardo_model::activation::{RequestEventKind, RequestState, ServiceCode};
use baluardo_model::sla::{SlaView, sla};
use baluardo_model::{RequestId, Timestamp};
use serde::Serialize;

/// Where the console answers to receipts: the id of the request follows it.
pub const RECEIPT_PATH: &str = "/receipt/";

/// A request, as the holder of its receipt sees it: no name, no whole address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptStatus {
    /// Which.
    pub id: RequestId,
    /// What was asked.
    pub service: ServiceCode,
    /// For which comune.
    pub comune: String,
    /// Two letters of its province.
    pub province: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
    /// The clock, with how the deadline came about.
    pub sla: SlaView,
    /// Why it was refused, or is paused.
    pub reason: Option<String>,
    /// Where the answer goes: the domain, and of the name before it the first letter.
    pub email_hint: String,
}

/// An address of which its owner recognises their own, and a stranger learns no name.
fn hint(address: &str) -> String {
    let (name, domain) = address.split_once('@').unwrap_or_default();
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// Where a request stands.
///
/// # Errors
/// [`Error::NotFound`] for an id that no request has.
#[crate::act]
pub async fn receipt_status(house: &House, id: RequestId) -> Result<ReceiptStatus, Error> {
    let mut tx = house.store.read().await?;
    let consortium = tx.platform().find_request(id).await?.ok_or(Error::NotFound)?;
    let request = tx.consortium(desk_scope(consortium)).request(id).await?.ok_or(Error::NotFound)?;
    let patron = patron_of(&mut tx, consortium).await?;
    let comune = comune_of(&request.application.cadastral_code)?;
    let state = RequestState::of(&request.log);
    let view = sla(request.service, &request.log, patron, house.now());
    let reason = request.log.iter().rev().find_map(|event| match (&event.kind, state) {
        (RequestEventKind::Refused { reason }, RequestState::Refused)
        | (RequestEventKind::Paused { reason }, RequestState::Paused) => Some(reason.clone()),
        _ => None,
    });
    Ok(ReceiptStatus {
        id,
        service: request.service,
        comune: comune.name.clone(),
        province: comune.province_code.clone(),
        received_at: view.started,
        state,
        sla: view,
        reason,
        email_hint: hint(&request.application.email),
    })
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_hint_keeps_the_name_to_itself() {
        assert_eq!(hint("anna.bianchi@comune.siena.it"), "a…@comune.siena.it");
        assert_eq!(hint(""), "…@");
    }
}
