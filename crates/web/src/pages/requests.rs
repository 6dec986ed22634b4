//! The operator's queue of requests, and what an operator decides about one.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::clock::{clock, trace};
use crate::pages::identity::field_errors;
use crate::pages::{lists, rows};
use crate::posted::SignedForm;
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::activation::{LogRow, QueueFilter, QueuePage, QueueRow, RequestPage};
use crate::view::chrome::Section;
use crate::view::{FieldErrors, Paging};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use baluardo_model::RequestId;
use baluardo_model::activation::{RequestEvent, RequestEventKind, RequestState, ServiceCode};
use baluardo_service::Error;
use baluardo_service::activation::{self, RequestFilter, RequestShown, RequestView};

routes! {
    own {
        get "/requests" queue, Signed;
        get "/requests/{id}" request, Signed;
        post "/requests/{id}/approve" approve, Signed;
        post "/requests/{id}/refuse" refuse, Signed;
        post "/requests/{id}/pause" pause, Signed;
        post "/requests/{id}/resume" resume, Signed;
    }
    tenant {}
}

async fn queue(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = QueueFilter { q: query.text("q"), state: query.text("state"), service: query.text("service") };
    let page_number = query.text("page").parse().unwrap_or(0);
    let export = query.raw("format") == "csv";
    let wanted = RequestFilter { page: page_number, whole: export, ..narrowed(&filter) };
    let found = activation::list_requests(signed.house(), &signed.actor, &wanted).await;
    let found = found.map_err(|error| signed.fail(error))?;
    if export {
        return Ok(csv::answer("richieste", &HEADS, found.requests.iter().map(cells)));
    }
    let address = |page: usize| lists::with(&signed.visit, "page", &page.to_string());
    let paging = Paging {
        total: found.found as u64,
        previous: page_number.checked_sub(1).map(address),
        next: (page_number + 1 < found.pages).then(|| address(page_number + 1)),
        export: Some(lists::with(&signed.visit, "format", "csv")),
    };
    let rows = found.requests.iter().map(queue_row).collect();
    let view = QueuePage { chrome: signed.chrome(Section::Requests).await?, rows, filter, paging };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// What the filter of the page asks of the service floor.
#[must_use]
pub fn narrowed(filter: &QueueFilter) -> RequestFilter {
    let state = [RequestState::Open, RequestState::Paused, RequestState::Approved, RequestState::Refused]
        .into_iter()
        .find(|state| state.code() == filter.state);
    let shown = match (filter.state.as_str(), state) {
        ("all", _) => RequestShown::All,
        (_, Some(RequestState::Approved | RequestState::Refused)) => RequestShown::Concluded,
        _ => RequestShown::Waiting,
    };
    let service = ServiceCode::from_code(&filter.service);
    RequestFilter { shown, service, text: filter.q.clone(), state, ..RequestFilter::default() }
}

/// A request in a list.
#[must_use]
pub fn queue_row(view: &RequestView) -> QueueRow {
    QueueRow {
        id: view.request.id.to_string(),
        service: view.request.service,
        comune: view.comune.clone(),
        province: view.province.clone(),
        rtd_name: view.request.application.rtd_name.clone(),
        devices: view.request.application.devices.into(),
        clock: clock(&view.sla, view.state),
    }
}

const HEADS: [&str; 12] = [
    "id",
    "servizio",
    "comune",
    "provincia",
    "rtd",
    "email",
    "pec",
    "dispositivi",
    "stato",
    "ricevuta",
    "scadenza",
    "conclusa",
];

fn cells(view: &RequestView) -> Vec<String> {
    let application = &view.request.application;
    let time = |at: Option<baluardo_model::Timestamp>| at.map(baluardo_model::Timestamp::rfc3339).unwrap_or_default();
    vec![
        view.request.id.to_string(),
        view.request.service.code().to_owned(),
        view.comune.clone(),
        view.province.clone(),
        application.rtd_name.clone(),
        application.email.clone(),
        application.pec.clone(),
        application.devices.to_string(),
        view.state.code().to_owned(),
        time(Some(view.sla.started)),
        time(view.sla.deadline),
        time(view.sla.concluded),
    ]
}

async fn request(signed: Signed, Path(id): Path<String>) -> PageResult {
    let id = rows::id(&id).map_err(|error| signed.fail(error))?;
    let view = request_page(&signed, id, FieldErrors::default(), String::new()).await?;
    Ok(page(signed.lang(), &view))
}

async fn request_page(
    signed: &Signed,
    id: RequestId,
    errors: FieldErrors,
    reason: String,
) -> Result<RequestPage, crate::answer::PageError> {
    let found = activation::get_request(signed.house(), &signed.actor, id).await;
    let found = found.map_err(|error| signed.fail(error))?;
    let chrome = signed.chrome(Section::Requests).await?;
    Ok(RequestPage { errors, reason, ..view_from_request(found, chrome) })
}

/// One request with all that is known of it.
#[must_use]
pub fn view_from_request(found: RequestView, chrome: crate::view::Chrome) -> RequestPage {
    let log = found.request.log.iter().map(|event| log_row(event, &found)).collect();
    let (clock, trace) = (clock(&found.sla, found.state), trace(&found.sla));
    let application = found.request.application;
    RequestPage {
        chrome,
        id: found.request.id.to_string(),
        service: found.request.service,
        comune: found.comune,
        province: found.province,
        cadastral_code: application.cadastral_code,
        population: found.population.map(u64::from),
        rtd_name: application.rtd_name,
        rtd_role: application.rtd_role,
        email: application.email,
        pec: application.pec,
        devices: application.devices.into(),
        note: application.note,
        clock,
        trace,
        log,
        errors: FieldErrors::default(),
        reason: String::new(),
    }
}

fn log_row(event: &RequestEvent, found: &RequestView) -> LogRow {
    let reason = match &event.kind {
        RequestEventKind::Paused { reason } | RequestEventKind::Refused { reason } => reason.clone(),
        _ => String::new(),
    };
    let by = event.by.and_then(|by| found.names.get(&by)).cloned().unwrap_or_default();
    LogRow { at: event.at, kind: event.kind.code().to_owned(), by, reason }
}

async fn approve(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let id = rows::id(&id).map_err(|error| form.signed.fail(error))?;
    let done = activation::approve_request(form.signed.house(), &form.signed.actor, id).await;
    decided(form, id, done, "approved").await
}

async fn resume(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let id = rows::id(&id).map_err(|error| form.signed.fail(error))?;
    let done = activation::resume_request(form.signed.house(), &form.signed.actor, id).await;
    decided(form, id, done, "resumed").await
}

async fn refuse(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let id = rows::id(&id).map_err(|error| form.signed.fail(error))?;
    let reason = form.fields.text("reason");
    let done = activation::refuse_request(form.signed.house(), &form.signed.actor, id, &reason).await;
    decided(form, id, done, "refused").await
}

async fn pause(Path(id): Path<String>, form: SignedForm) -> PageResult {
    let id = rows::id(&id).map_err(|error| form.signed.fail(error))?;
    let reason = form.fields.text("reason");
    let done = activation::pause_request(form.signed.house(), &form.signed.actor, id, &reason).await;
    decided(form, id, done, "paused").await
}

/// Back to the request, which tells what was done or what stands in the way.
async fn decided(form: SignedForm, id: RequestId, done: Result<(), Error>, word: &str) -> PageResult {
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/requests/{id}?done={word}")).into_response());
    };
    // Only an operator gets as far as a message on the page: for everybody else the request is not there.
    if matches!(error, Error::Forbidden | Error::NotFound) {
        return Err(form.signed.fail(error));
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let errors = field_errors(error, &form.signed.visit)?;
    let view = request_page(&form.signed, id, errors, form.fields.text("reason")).await?;
    Ok(page_with(status, form.signed.lang(), &view))
}
