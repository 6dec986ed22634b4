//! Takes a request in, from anybody.

use crate::activation::{form, letters};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::{ClientHint, FORMS_OF_NETWORK, charge_network, day_and_time, not_founded, patron_of};
use crate::live::Topic;
use crate::rights::{desk_scope, platform_scope};
use baluardo_model::activation::{Application, Request, RequestEvent, RequestEventKind, RequestState, ServiceCode};
use baluardo_model::identity::Actor;
use baluardo_model::sla::{TraceStep, sla};
use baluardo_model::{OutboxId, RequestId, TenantId, Timestamp};
use baluardo_store::Tx;
use serde::Serialize;

/// A request, as the form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitRequest {
    /// What is asked.
    pub service: ServiceCode,
    /// What the comune wrote.
    pub application: Application,
}

/// What the comune gets for its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Names the request; nobody can guess it, and who has it may ask where the request stands.
    pub id: RequestId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When it must be answered by.
    pub deadline: Option<Timestamp>,
    /// How the deadline came about.
    pub trace: Vec<TraceStep>,
}

/// Takes a request in, logs it and puts a receipt into the outbox.
///
/// # Errors
/// Field errors as the form's check gives them; `not_founded` before there is a consortium; `request_open` when the same
/// is asked for already; `already_member` and `not_a_member` when the other service is meant; [`Error::Throttled`].
#[crate::act]
pub async fn submit_request(house: &House, form: &SubmitRequest, client: &ClientHint) -> Result<Receipt, Error> {
    let (application, comune) = form::check(form.service, &form.application)?;
    let now = house.now();
    let mut tx = house.store.write().await?;
    charge_network(house, &mut tx, &FORMS_OF_NETWORK, client).await?;
    let consortium = tx.platform().first_consortium().await?.ok_or_else(not_founded)?;
    let request = Request {
        id: RequestId::new(now, &*house.chance),
        consortium: consortium.id,
        service: form.service,
        application,
        log: vec![RequestEvent { at: now, by: None, kind: RequestEventKind::Received }],
    };
    refuse_a_double(&mut tx, &request).await?;
    tx.consortium(desk_scope(consortium.id)).insert_request(&request).await?;
    let scope = platform_scope(consortium.id);
    let detail = format!("{} {}", form.service.code(), comune.cadastral_code);
    record(house, &mut tx, scope, &Actor::Public, "requests.submit", format!("request {}", request.id), &detail)
        .await?;
    let view = sla(request.service, &request.log, patron_of(&mut tx, consortium.id).await?, now);
    let receipt = Receipt { id: request.id, received_at: now, deadline: view.deadline, trace: view.trace };
    let mail = letters::receipt(house, &request, &comune.name, receipt.deadline);
    let key = format!("request {} received", request.id);
    tx.tenant(scope).put_mail(OutboxId::new(now, &*house.chance), &key, &mail, now).await?;
    tx.commit().await?;
    house.live.tell(consortium.id, Topic::Request, request.id);
    Ok(receipt)
}

/// One request of a kind waits at a time, and each kind has its time: activation before the comune is a member, updates
/// afterwards.
async fn refuse_a_double(tx: &mut Tx, new: &Request) -> Result<(), Error> {
    let code = &new.application.cadastral_code;
    let mut desk = tx.consortium(desk_scope(new.consortium));
    desk.hold_comune(code).await?;
    for earlier in desk.requests_of_comune(code, new.service).await? {
        if matches!(RequestState::of(&earlier.log), RequestState::Open | RequestState::Paused) {
            let since = earlier.log.first().map(|event| day_and_time(event.at)).unwrap_or_default();
            let why = format!("the same was asked on {since} and waits for its answer: look for the receipt by mail");
            return Err(Error::conflict("request_open", why));
        }
    }
    let is_member = is_member(tx, new.consortium, code).await?;
    match (new.service, is_member) {
        (ServiceCode::Activation, true) => {
            Err(Error::conflict("already_member", "this comune is active already: ask for an update (17.1) instead"))
        }
        (ServiceCode::Update, false) => {
            Err(Error::conflict("not_a_member", "this comune is not active yet: ask for activation (17) first"))
        }
        _ => Ok(()),
    }
}

async fn is_member(tx: &mut Tx, consortium: TenantId, cadastral_code: &str) -> Result<bool, Error> {
    Ok(tx.consortium(desk_scope(consortium)).member_by_code(cadastral_code).await?.is_some())
}
