//! Reported messages, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
use crate::locale::Lang;
use crate::pages::mail::reasons;
use crate::pages::reports::{answer, report_row};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::mail::MailReason;
use crate::view::reports::{ReportAnswer, ReportListRow};
use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use baluardo_model::mail::reports::ReportState;
use baluardo_service::Error;
use baluardo_service::mail::{self, ReportFilter};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(reports, report, one, decide))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mail/reports" reports, Signed;
        post "/api/v1/tenants/{tenant}/mail/reports" report, Signed;
        get "/api/v1/tenants/{tenant}/mail/reports/{id}" one, Signed;
        post "/api/v1/tenants/{tenant}/mail/reports/{id}/decide" decide, Signed;
    }
    tenant {}
}

/// Lists reports: those of which the RTD said nothing first, then the newest.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/reports",
    params(("q" = Option<String>, Query, description = "Text in subject, author or reporter."), ("state" = Option<String>, Query, description = "`open`, `hostile` or `harmless`.")),
    responses((status = 200, description = "What was asked for.", body = Vec<ReportListRow>)),
    security(("token" = ["mail.reports"])),
))]
async fn reports(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    query: ApiQuery,
) -> ApiResult<Json<Vec<ReportListRow>>> {
    let filter = ReportFilter { text: query.text("q"), state: query.word("state", ReportState::from_code)? };
    let found = mail::list_reports(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(report_row).collect()))
}

/// Reports a message: the body is the message as it was received, up to 25 MB. It is judged at once and not kept.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/reports",
    request_body(content = String, content_type = "message/rfc822"),
    responses((status = 200, description = "What it is.", body = ReportAnswer)),
    security(("token" = ["mail.report"])),
))]
async fn report(caller: Caller, ApiPath(tenant): ApiPath<String>, body: Bytes) -> ApiResult<Json<ReportAnswer>> {
    let row = mail::report_message(&caller.house, &caller.actor, id(&tenant)?, body.to_vec()).await?;
    Ok(Json(answer(&row, Lang::It)))
}

/// A report and why the judge says so.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct ReportDetail {
    #[serde(flatten)]
    row: ReportListRow,
    /// Why, the weightiest first, in Italian.
    reasons: Vec<MailReason>,
    /// Who said what it is; empty for nobody.
    decided_by: String,
    /// What they wrote.
    note: String,
}

/// Shows one report.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/reports/{id}",
    responses((status = 200, description = "What was asked for.", body = ReportDetail)),
    security(("token" = ["mail.reports"])),
))]
async fn one(caller: Caller, ApiPath((tenant, report)): ApiPath<(String, String)>) -> ApiResult<Json<ReportDetail>> {
    let found = mail::get_report(&caller.house, &caller.actor, id(&tenant)?, id(&report)?).await?;
    Ok(Json(ReportDetail {
        row: report_row(&found),
        reasons: reasons(&found.report.reasons, Lang::It),
        decided_by: found.decided_by,
        note: found.note,
    }))
}

/// What a reported message is.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct DecideBody {
    /// `hostile` or `harmless`.
    #[serde(default)]
    state: String,
    /// A note.
    #[serde(default)]
    note: String,
}

/// Says what a reported message is: of hostile ones more are held, of harmless ones none for the reports' sake.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/reports/{id}/decide",
    request_body = DecideBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.reports.decide"])),
))]
async fn decide(
    caller: Caller,
    ApiPath((tenant, report)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<DecideBody>,
) -> ApiResult<StatusCode> {
    let state = ReportState::from_code(&body.state).unwrap_or_default();
    if state == ReportState::Open {
        return Err(Error::invalid("state", "choice_missing", "give hostile or harmless").into());
    }
    mail::decide_report(&caller.house, &caller.actor, id(&tenant)?, id(&report)?, state, &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}
