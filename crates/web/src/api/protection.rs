//! Findings and quarantine, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::protection::finding_filter;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::fleet::OrderRow;
use crate::view::protection::{FindingFilter, FindingRow, QuarantineRow};
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::DeviceId;
use baluardo_model::protection::{FindingKind, Judgement, QuarantineState, Reason, Severity, Step};
use baluardo_service::protection::{self, FindingState, QuarantineFilter};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(findings, finding, handle, judge, labels, restore, quarantine, release, delete))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/findings" findings, Signed;
        get "/api/v1/tenants/{tenant}/findings/{id}" finding, Signed;
        post "/api/v1/tenants/{tenant}/findings/{id}/handle" handle, Signed;
        post "/api/v1/tenants/{tenant}/findings/{id}/judge" judge, Signed;
        post "/api/v1/tenants/{tenant}/findings/{id}/restore" restore, Signed;
        get "/api/v1/tenants/{tenant}/labels" labels, Signed;
        get "/api/v1/tenants/{tenant}/quarantine" quarantine, Signed;
        post "/api/v1/tenants/{tenant}/quarantine/{id}/release" release, Signed;
        post "/api/v1/tenants/{tenant}/quarantine/{id}/delete" delete, Signed;
    }
    tenant {}
}

/// A page of findings.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct FindingPage {
    /// The findings, newest first.
    findings: Vec<FindingRow>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `before` for the next page; none on the last.
    next: Option<String>,
}

/// Lists findings, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/findings",
    params(("q" = Option<String>, Query, description = "Text in device or path."), ("severity" = Option<String>, Query, description = "The least severity: `info`, `low`, `medium`, `high` or `critical`."), ("kind" = Option<String>, Query, description = "A kind's stable word."), ("state" = Option<String>, Query, description = "`open` or `handled`."), ("lost" = Option<String>, Query, description = "`true` for those that lost files."), ("device" = Option<String>, Query, description = "Only those of the device with this id."), ("before" = Option<String>, Query, description = "Only what lies before this point: `next` of the page before.")),
    responses((status = 200, description = "What was asked for.", body = FindingPage)),
    security(("token" = ["findings.read"])),
))]
async fn findings(caller: Caller, ApiPath(tenant): ApiPath<String>, query: ApiQuery) -> ApiResult<Json<FindingPage>> {
    query.word("severity", Severity::from_code)?;
    query.word("kind", FindingKind::from_code)?;
    query.word("state", FindingState::from_code)?;
    query.word("lost", |word| ["true", "false", "1", "0"].contains(&word).then_some(()))?;
    query.parsed::<DeviceId>("device")?;
    let query = query.fields();
    let filter = FindingFilter {
        q: query.text("q"),
        severity: query.text("severity"),
        kind: query.text("kind"),
        state: query.text("state"),
        lost: query.ticked("lost"),
    };
    let filter = finding_filter(&filter, query)?;
    let found = protection::list_findings(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    let findings = found.findings.iter().map(rows::finding).collect();
    Ok(Json(FindingPage { findings, total: found.total, next: found.next }))
}

/// One finding as a story.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct FindingStory {
    #[serde(flatten)]
    row: FindingRow,
    /// SHA-256, where one file is meant.
    sha256: Option<String>,
    /// Why the verdict fell.
    #[cfg_attr(feature = "document", schema(value_type = Vec<shapes::Reason>))]
    reasons: Vec<Reason>,
    /// ATT&CK techniques.
    techniques: Vec<String>,
    /// What was done, oldest first.
    #[cfg_attr(feature = "document", schema(value_type = Vec<shapes::Step>))]
    steps: Vec<Step>,
    /// What people ordered about it and its files, oldest first.
    orders: Vec<OrderRow>,
}

/// Shows one finding as a story.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/findings/{id}",
    responses((status = 200, description = "What was asked for.", body = FindingStory)),
    security(("token" = ["findings.read"])),
))]
async fn finding(
    caller: Caller,
    ApiPath((tenant, finding)): ApiPath<(String, String)>,
) -> ApiResult<Json<FindingStory>> {
    let found = protection::get_finding(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?).await?;
    Ok(Json(FindingStory {
        row: rows::finding(&found.row),
        sha256: found.row.sha256,
        reasons: found.finding.reasons,
        techniques: found.finding.techniques,
        steps: found.timeline,
        orders: found.orders.iter().map(|order| rows::order(order, caller.house.now())).collect(),
    }))
}

/// What a person notes when they have looked at a finding.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct HandleBody {
    #[serde(default)]
    note: String,
}

/// Notes that somebody has looked at a finding.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/findings/{id}/handle",
    request_body = HandleBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["findings.handle"])),
))]
async fn handle(
    caller: Caller,
    ApiPath((tenant, finding)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<HandleBody>,
) -> ApiResult<StatusCode> {
    protection::mark_handled(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?, &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a person says of the file of a finding.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct JudgeBody {
    /// `harmful`: every device stops it. `harmless`: nothing more is said of it.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    judgement: Judgement,
    #[serde(default)]
    note: String,
}

/// Says whether the file of a finding is malware; the policy follows. The latest word on a content counts.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/findings/{id}/judge",
    request_body = JudgeBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["findings.handle"])),
))]
async fn judge(
    caller: Caller,
    ApiPath((tenant, finding)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<JudgeBody>,
) -> ApiResult<StatusCode> {
    let (tenant, finding) = (id(&tenant)?, id(&finding)?);
    protection::judge_file(&caller.house, &caller.actor, tenant, finding, body.judgement, &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what people said of files, newest first: how often the models were right.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/labels",
    responses((status = 200, description = "What was asked for.", body = Vec<shapes::Label>)),
    security(("token" = ["findings.read"])),
))]
async fn labels(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<protection::Label>>> {
    Ok(Json(protection::list_labels(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// An order was given; the device will say how it ended.
type Ordered = ApiResult<(StatusCode, Json<serde_json::Value>)>;

/// Orders the files of a finding to be put back from the vault.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/findings/{id}/restore",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["findings.handle"])),
))]
async fn restore(caller: Caller, ApiPath((tenant, finding)): ApiPath<(String, String)>) -> Ordered {
    let order = protection::order_restore(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

/// Lists files in quarantine.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/quarantine",
    params(("q" = Option<String>, Query, description = "Text in device or path."), ("state" = Option<String>, Query, description = "A state's stable word."), ("device" = Option<String>, Query, description = "Only those of the device with this id.")),
    responses((status = 200, description = "What was asked for.", body = Vec<QuarantineRow>)),
    security(("token" = ["quarantine.read"])),
))]
async fn quarantine(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    query: ApiQuery,
) -> ApiResult<Json<Vec<QuarantineRow>>> {
    let filter = QuarantineFilter {
        text: query.text("q"),
        state: query.word("state", QuarantineState::from_code)?,
        device: query.parsed("device")?,
    };
    let found = protection::list_quarantine(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(rows::quarantined).collect()))
}

/// Orders a file to be put back to where it was.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/quarantine/{id}/release",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["quarantine.write"])),
))]
async fn release(caller: Caller, ApiPath((tenant, item)): ApiPath<(String, String)>) -> Ordered {
    let order = protection::release_quarantine(&caller.house, &caller.actor, id(&tenant)?, id(&item)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

/// Orders a file to be deleted for good.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/quarantine/{id}/delete",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["quarantine.write"])),
))]
async fn delete(caller: Caller, ApiPath((tenant, item)): ApiPath<(String, String)>) -> Ordered {
    let order = protection::delete_quarantine(&caller.house, &caller.actor, id(&tenant)?, id(&item)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}
