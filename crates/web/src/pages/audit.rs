//! The audit log of a tenant, for both sides: read, searched, exported, and held against its own chain.

use crate::answer::{PageError, PageResult};
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::csv;
use crate::pages::fleet::back;
use crate::pages::lists;
use crate::posted::SignedForm;
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::Paging;
use crate::view::audit::{AuditFilter, AuditPage, AuditRow, CheckRow};
use crate::view::chrome::Section;
use crate::visit::Signed;
use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse as _, Response};
use baluardo_model::TenantId;
use baluardo_service::audit::{self, AuditLine, AuditQuery, ChainCheck, Extent};
use serde::Serialize;

routes! {
    own {}
    tenant {
        get "/audit" log;
        post "/audit/check" check_whole;
    }
}

async fn log(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    match query.raw("format") {
        "csv" => return Ok(as_csv(signed.tenant, &whole(&signed).await?)),
        "json" => return Ok(as_json(signed.tenant, whole(&signed).await?)),
        _ => {}
    }
    let filter = AuditFilter { q: query.text("q"), act: query.text("act") };
    let before = query.text("before").parse().ok();
    let asked = AuditQuery { before, act: filter.act.clone(), text: filter.q.clone() };
    let found = audit::list_audit(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let found = found.map_err(|error| signed.fail(error))?;
    let chrome = signed.chrome(Section::Audit).await?;
    let check = match before {
        None if !wants_live(&signed.visit.headers) => Some(check(&signed, Extent::New).await?),
        _ => None,
    };
    let paging = Paging {
        total: found.total,
        previous: before.map(|_| lists::with(&signed.visit, "before", "")),
        next: found.next.map(|before| lists::with(&signed.visit, "before", &before.to_string())),
        export: Some(format!("{}?format=csv", lists::bare_path(&signed.visit))),
    };
    let rows = found.lines.iter().map(|line| audit_row(line, signed.tenant)).collect();
    let view = AuditPage { chrome, rows, filter, check, acts: found.acts, paging };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn whole(signed: &Signed) -> Result<Vec<AuditLine>, PageError> {
    let lines = audit::export_audit(signed.house(), &signed.actor, signed.tenant).await;
    lines.map_err(|error| signed.fail(error))
}

/// Checks the chain of the log, as a page shows it.
pub(crate) async fn check(signed: &Signed, extent: Extent) -> Result<CheckRow, PageError> {
    let found = audit::check_log(signed.house(), &signed.actor, signed.tenant, extent).await;
    found.map(|found| check_row(&found)).map_err(|error| signed.fail(error))
}

/// What a check found, as pages and programs see it.
#[must_use]
pub fn check_row(found: &ChainCheck) -> CheckRow {
    CheckRow { at: found.at, whole_at: found.whole_at, lines: found.lines, broken_at: found.broken_at }
}

/// Follows the whole chain once more; the page then says what was found.
async fn check_whole(form: SignedForm) -> PageResult {
    let signed = form.signed;
    check(&signed, Extent::Whole).await?;
    Ok(back(&signed, "/audit"))
}

/// A line of the log, as readers of the log of `tenant` see it.
#[must_use]
pub fn audit_row(line: &AuditLine, tenant: TenantId) -> AuditRow {
    let entry = &line.entry;
    AuditRow {
        seq: line.seq,
        at: entry.at,
        actor_kind: entry.actor_kind.clone(),
        actor_name: entry.actor_name.clone(),
        actor_role: entry.actor_role.clone(),
        from_outside: !entry.actor_tenant.is_empty() && entry.actor_tenant != tenant.to_string(),
        act: entry.act.clone(),
        target: entry.target.clone(),
        detail: entry.detail.clone(),
    }
}

const HEADS: [&str; 11] = [
    "numero",
    "quando",
    "tipo_autore",
    "autore",
    "ruolo",
    "ente_autore",
    "atto",
    "oggetto",
    "dettaglio",
    "impronta_precedente",
    "impronta",
];

fn as_csv(tenant: TenantId, lines: &[AuditLine]) -> Response {
    let cells = |line: &AuditLine| {
        let entry = &line.entry;
        vec![
            line.seq.to_string(),
            entry.at.rfc3339(),
            entry.actor_kind.clone(),
            entry.actor_name.clone(),
            entry.actor_role.clone(),
            entry.actor_tenant.clone(),
            entry.act.clone(),
            entry.target.clone(),
            entry.detail.clone(),
            line.previous.clone(),
            line.digest.clone(),
        ]
    };
    csv::answer(&format!("registro-{tenant}"), &HEADS, lines.iter().map(cells))
}

/// The whole log with its digests, so that whoever keeps it can check it without us.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct AuditExport {
    /// Whose log.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub tenant: TenantId,
    /// Whether every line follows from the one before it.
    pub intact: bool,
    /// Every line, oldest first.
    #[cfg_attr(feature = "document", schema(value_type = Vec<shapes::AuditLine>))]
    pub lines: Vec<AuditLine>,
}

impl AuditExport {
    /// The log of a tenant, held against its own chain.
    #[must_use]
    pub fn of(tenant: TenantId, lines: Vec<AuditLine>) -> Self {
        Self { tenant, intact: audit::check_chain(&lines).is_ok(), lines }
    }
}

fn as_json(tenant: TenantId, lines: Vec<AuditLine>) -> Response {
    let mut response = Json(AuditExport::of(tenant, lines)).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"registro-{tenant}.json\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}
