//! Findings and quarantine, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::pages::protection::finding_filter;
use crate::pages::rows::{self, id};
use crate::posted::Fields;
use crate::routes::routes;
use crate::view::protection::{FindingFilter, FindingRow, QuarantineRow};
use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use baluardo_model::protection::{QuarantineState, Reason, Step};
use baluardo_service::protection::{self, QuarantineFilter};
use serde::{Deserialize, Serialize};

routes! {
    own {
        get "/api/v1/tenants/{tenant}/findings" findings, Signed;
        get "/api/v1/tenants/{tenant}/findings/{id}" finding, Signed;
        post "/api/v1/tenants/{tenant}/findings/{id}/handle" handle, Signed;
        post "/api/v1/tenants/{tenant}/findings/{id}/restore" restore, Signed;
        get "/api/v1/tenants/{tenant}/quarantine" quarantine, Signed;
        post "/api/v1/tenants/{tenant}/quarantine/{id}/release" release, Signed;
        post "/api/v1/tenants/{tenant}/quarantine/{id}/delete" delete, Signed;
    }
    tenant {}
}

/// A page of findings.
#[derive(Debug, Serialize)]
struct FindingPage {
    /// The findings, newest first.
    findings: Vec<FindingRow>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `before` for the next page; none on the last.
    next: Option<String>,
}

async fn findings(
    caller: Caller,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<FindingPage>> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let filter = FindingFilter {
        q: query.text("q"),
        severity: query.text("severity"),
        kind: query.text("kind"),
        state: query.text("state"),
        lost: query.ticked("lost"),
    };
    let filter = finding_filter(&filter, &query)?;
    let found = protection::list_findings(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    let findings = found.findings.iter().map(rows::finding).collect();
    Ok(Json(FindingPage { findings, total: found.total, next: found.next }))
}

/// One finding as a story.
#[derive(Debug, Serialize)]
struct FindingStory {
    #[serde(flatten)]
    row: FindingRow,
    /// SHA-256, where one file is meant.
    sha256: Option<String>,
    /// Why the verdict fell.
    reasons: Vec<Reason>,
    /// ATT&CK techniques.
    techniques: Vec<String>,
    /// What was done, oldest first.
    steps: Vec<Step>,
}

async fn finding(caller: Caller, Path((tenant, finding)): Path<(String, String)>) -> ApiResult<Json<FindingStory>> {
    let found = protection::get_finding(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?).await?;
    Ok(Json(FindingStory {
        row: rows::finding(&found.row),
        sha256: found.row.sha256,
        reasons: found.finding.reasons,
        techniques: found.finding.techniques,
        steps: found.timeline,
    }))
}

/// What a person notes when they have looked at a finding.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HandleBody {
    #[serde(default)]
    note: String,
}

async fn handle(
    caller: Caller,
    Path((tenant, finding)): Path<(String, String)>,
    ApiJson(body): ApiJson<HandleBody>,
) -> ApiResult<StatusCode> {
    protection::mark_handled(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?, &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An order was given; the device will say how it ended.
type Ordered = ApiResult<(StatusCode, Json<serde_json::Value>)>;

async fn restore(caller: Caller, Path((tenant, finding)): Path<(String, String)>) -> Ordered {
    let order = protection::order_restore(&caller.house, &caller.actor, id(&tenant)?, id(&finding)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

async fn quarantine(
    caller: Caller,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Vec<QuarantineRow>>> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let filter = QuarantineFilter {
        text: query.text("q"),
        state: QuarantineState::from_code(query.raw("state")),
        device: query.text("device").parse().ok(),
    };
    let found = protection::list_quarantine(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(rows::quarantined).collect()))
}

async fn release(caller: Caller, Path((tenant, item)): Path<(String, String)>) -> Ordered {
    let order = protection::release_quarantine(&caller.house, &caller.actor, id(&tenant)?, id(&item)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

async fn delete(caller: Caller, Path((tenant, item)): Path<(String, String)>) -> Ordered {
    let order = protection::delete_quarantine(&caller.house, &caller.actor, id(&tenant)?, id(&item)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}
