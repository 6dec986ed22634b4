//! Requests, for programs: the search in the register, the request and its receipt, the queue, the terms kept and missed.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
use crate::app::App;
use crate::locale::Lang;
use crate::pages::activation::{FOUND, choice, receipt_view, sla_rows};
use crate::pages::requests::{narrowed, queue_row, view_from_request};
use crate::pages::rows::id;
use crate::peer::Peer;
use crate::routes::routes;
use crate::view::Chrome;
use crate::view::activation::{ComuneChoice, QueueFilter, QueueRow, ReceiptPage, RequestPage, SlaRow};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::register::Register;
use baluardo_service::activation::{self, RequestFilter, SubmitRequest};
use baluardo_service::identity::ClientHint;
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(comuni, submit, receipt, sla, requests, request, approve, refuse, pause, resume))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/public/comuni" comuni, Public;
        post "/api/v1/public/requests" submit, Public;
        get "/api/v1/public/requests/{id}" receipt, Public;
        get "/api/v1/sla" sla, Public;
        get "/api/v1/requests" requests, Signed;
        get "/api/v1/requests/{id}" request, Signed;
        post "/api/v1/requests/{id}/approve" approve, Signed;
        post "/api/v1/requests/{id}/refuse" refuse, Signed;
        post "/api/v1/requests/{id}/pause" pause, Signed;
        post "/api/v1/requests/{id}/resume" resume, Signed;
    }
    tenant {}
}

/// What a search in the register found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct Comuni {
    /// At most twenty, the best first.
    items: Vec<ComuneChoice>,
}

/// Searches the register of comuni.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/public/comuni",
    params(("q" = Option<String>, Query, description = "What is typed of the name.")),
    responses((status = 200, description = "What was asked for.", body = Comuni)),
    security(()),
))]
async fn comuni(asked: ApiQuery) -> Json<Comuni> {
    let found = Register::shipped().search(&asked.text("q"), FOUND);
    Json(Comuni { items: found.into_iter().map(choice).collect() })
}

/// A request of a comune.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct RequestBody {
    /// `17` for activation, `17.1` for an update.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    service: ServiceCode,
    /// Cadastral code of the comune in the register.
    cadastral_code: String,
    /// Name of the RTD.
    rtd_name: String,
    /// Their office or title.
    rtd_role: String,
    /// Institutional mail address: the answer goes there.
    email: String,
    /// Certified mail address of the comune.
    pec: String,
    /// How many devices are to be protected.
    devices: u32,
    /// What else; for an update what has changed.
    #[serde(default)]
    note: String,
}

/// Asks for activation (17) or tells that information changed (17.1).
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/public/requests",
    request_body = RequestBody,
    responses((status = 201, description = "Made.", body = ReceiptPage)),
    security(()),
))]
async fn submit(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    ApiJson(body): ApiJson<RequestBody>,
) -> ApiResult<impl IntoResponse> {
    let application = Application {
        cadastral_code: body.cadastral_code,
        rtd_name: body.rtd_name,
        rtd_role: body.rtd_role,
        email: body.email,
        pec: body.pec,
        devices: body.devices,
        note: body.note,
    };
    let asked = SubmitRequest { service: body.service, application };
    let client = ClientHint { ip: Some(peer.address.ip()) };
    let receipt = activation::submit_request(&app.house, &asked, &client).await?;
    let status = activation::receipt_status(&app.house, receipt.id).await?;
    let place = [(header::LOCATION, format!("/api/v1/public/requests/{}", receipt.id))];
    Ok((StatusCode::CREATED, place, Json(receipt_view(status, Chrome::bare(Lang::It)))))
}

/// Tells whoever holds a receipt where the request stands.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/public/requests/{id}",
    responses((status = 200, description = "What was asked for.", body = ReceiptPage)),
    security(()),
))]
async fn receipt(State(app): State<App>, ApiPath(receipt): ApiPath<String>) -> ApiResult<Json<ReceiptPage>> {
    let status = activation::receipt_status(&app.house, id(&receipt)?).await?;
    Ok(Json(receipt_view(status, Chrome::bare(Lang::It))))
}

/// Tells the terms kept and missed, month by month.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/sla",
    responses((status = 200, description = "What was asked for.", body = Vec<SlaRow>)),
    security(()),
))]
async fn sla(State(app): State<App>) -> ApiResult<Json<Vec<SlaRow>>> {
    Ok(Json(sla_rows(&activation::sla_figures(&app.house).await?)))
}

/// A page of the queue.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct Queue {
    /// The requests, least time left first.
    requests: Vec<QueueRow>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `page` for the next ones; none on the last page.
    next: Option<u64>,
}

/// Lists requests with their clocks.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/requests",
    params(("q" = Option<String>, Query, description = "Text in comune, RTD or address."), ("state" = Option<String>, Query, description = "`open`, `paused`, `approved`, `refused` or `all`; those that wait when missing."), ("service" = Option<String>, Query, description = "`17` or `17.1`."), ("page" = Option<String>, Query, description = "Which page, from 0.")),
    responses((status = 200, description = "What was asked for.", body = Queue)),
    security(("token" = ["requests.read"])),
))]
async fn requests(caller: Caller, asked: ApiQuery) -> ApiResult<Json<Queue>> {
    let states = ["open", "paused", "approved", "refused", "all"];
    asked.word("state", |word| states.contains(&word).then_some(()))?;
    asked.word("service", ServiceCode::from_code)?;
    let filter = QueueFilter { q: asked.text("q"), state: asked.text("state"), service: asked.text("service") };
    let page = asked.parsed("page")?.unwrap_or(0_usize);
    let wanted = RequestFilter { page, ..narrowed(&filter) };
    let found = activation::list_requests(&caller.house, &caller.actor, &wanted).await?;
    Ok(Json(Queue {
        requests: found.requests.iter().map(queue_row).collect(),
        total: found.found as u64,
        next: (page + 1 < found.pages).then_some(page as u64 + 1),
    }))
}

/// Shows one request with its log.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/requests/{id}",
    responses((status = 200, description = "What was asked for.", body = RequestPage)),
    security(("token" = ["requests.read"])),
))]
async fn request(caller: Caller, ApiPath(request): ApiPath<String>) -> ApiResult<Json<RequestPage>> {
    let found = activation::get_request(&caller.house, &caller.actor, id(&request)?).await?;
    Ok(Json(view_from_request(found, Chrome::bare(Lang::It))))
}

/// Grants a request: the comune joins and its link leaves.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/requests/{id}/approve",
    responses((status = 204, description = "Done.")),
    security(("token" = ["requests.decide"])),
))]
async fn approve(caller: Caller, ApiPath(request): ApiPath<String>) -> ApiResult<StatusCode> {
    activation::approve_request(&caller.house, &caller.actor, id(&request)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why; the comune reads it.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    /// The words that the comune will read.
    #[serde(default)]
    reason: String,
}

/// Refuses a request, with the reason.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/requests/{id}/refuse",
    request_body = ReasonBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["requests.decide"])),
))]
async fn refuse(
    caller: Caller,
    ApiPath(request): ApiPath<String>,
    ApiJson(body): ApiJson<ReasonBody>,
) -> ApiResult<StatusCode> {
    activation::refuse_request(&caller.house, &caller.actor, id(&request)?, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stops the clock of a request, with the reason.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/requests/{id}/pause",
    request_body = ReasonBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["requests.decide"])),
))]
async fn pause(
    caller: Caller,
    ApiPath(request): ApiPath<String>,
    ApiJson(body): ApiJson<ReasonBody>,
) -> ApiResult<StatusCode> {
    activation::pause_request(&caller.house, &caller.actor, id(&request)?, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the clock of a request go on.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/requests/{id}/resume",
    responses((status = 204, description = "Done.")),
    security(("token" = ["requests.decide"])),
))]
async fn resume(caller: Caller, ApiPath(request): ApiPath<String>) -> ApiResult<StatusCode> {
    activation::resume_request(&caller.house, &caller.actor, id(&request)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
