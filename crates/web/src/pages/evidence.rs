//! Evidence of a device: order it, see where it stands, download and delete it.

use crate::answer::{PageError, PageResult};
use crate::pages::fleet::{back, device_id, may};
use crate::pages::{lists, rows};
use crate::posted::SignedForm;
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::evidence::{AboutFinding, EvidencePage, EvidenceRow};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use baluardo_model::{DeviceId, EvidenceId};
use baluardo_service::rights::Act;
use baluardo_service::{Error, fleet, protection};
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/devices/{id}/evidence" evidence;
        post "/devices/{id}/evidence" collect;
        get "/devices/{id}/evidence/{evidence}" download;
        post "/devices/{id}/evidence/{evidence}/delete" delete;
    }
}

type Names = HashMap<String, String>;

async fn evidence(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let about = about(&signed, id, &lists::query(&signed.visit).text("finding")).await?;
    let view = EvidencePage { about, ..listed(&signed, id, FieldErrors::default()).await? };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn listed(signed: &Signed, id: DeviceId, errors: FieldErrors) -> Result<EvidencePage, PageError> {
    let found = protection::list_evidence(signed.house(), &signed.actor, signed.tenant, id).await;
    let found = found.map_err(|e| signed.fail(e))?;
    let detail = fleet::get_device(signed.house(), &signed.actor, signed.tenant, id).await;
    Ok(EvidencePage {
        chrome: signed.chrome(Section::Devices).await?,
        device: id.to_string(),
        hostname: detail.map_err(|e| signed.fail(e))?.row.device.hostname,
        rows: found.iter().map(row).collect(),
        about: None,
        errors,
        may_collect: may(signed, Act::CollectEvidence).await,
        may_delete: may(signed, Act::DeleteEvidence).await,
    })
}

/// The finding that a package is to be about, if one of this device was named.
async fn about(signed: &Signed, device: DeviceId, named: &str) -> Result<Option<AboutFinding>, PageError> {
    let Ok(id) = rows::id(named) else { return Ok(None) };
    match protection::get_finding(signed.house(), &signed.actor, signed.tenant, id).await {
        Ok(found) if found.row.device == device => {
            Ok(Some(AboutFinding { id: id.to_string(), kind: found.row.kind, path: found.row.path }))
        }
        Ok(_) | Err(Error::NotFound | Error::Forbidden) => Ok(None),
        Err(error) => Err(signed.fail(error)),
    }
}

async fn collect(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let (reason, sealed) = (fields.text("reason"), fields.ticked("sealed"));
    let asked = (reason.as_str(), sealed);
    let named = fields.text("finding");
    let finding = if named.is_empty() { None } else { Some(rows::id(&named).map_err(|e| signed.fail(e))?) };
    match protection::order_evidence(signed.house(), &signed.actor, signed.tenant, id, finding, asked).await {
        Ok(_) => Ok(back(&signed, &format!("/devices/{id}/evidence?done=evidence_ordered"))),
        Err(error) => {
            let errors = super::identity::field_errors(error, &signed.visit)?;
            let view = EvidencePage { about: about(&signed, id, &named).await?, ..listed(&signed, id, errors).await? };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn download(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let ids = ids(&path).map_err(|e| signed.fail(e))?;
    let found = protection::download_evidence(signed.house(), &signed.actor, signed.tenant, ids).await;
    let (_, bytes) = found.map_err(|e| signed.fail(e))?;
    Ok(package(ids.1, bytes))
}

/// A package as a browser and a program get it.
pub(crate) fn package(id: EvidenceId, bytes: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"evidence-{id}.tar.gz\"");
    let headers = [(header::CONTENT_TYPE, "application/gzip".to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, bytes).into_response()
}

async fn delete(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let ids = ids(&path).map_err(|e| signed.fail(e))?;
    let reason = fields.text("reason");
    let done = protection::delete_evidence(signed.house(), &signed.actor, signed.tenant, ids, &reason).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{}/evidence?done=evidence_deleted", ids.0)))
}

fn ids(path: &Names) -> Result<(DeviceId, EvidenceId), Error> {
    let evidence = path.get("evidence").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    Ok((device_id(path)?, evidence))
}

/// A package as pages and programs see it.
pub(crate) fn row(found: &protection::EvidenceRow) -> EvidenceRow {
    EvidenceRow {
        id: found.id.to_string(),
        finding: found.finding.map(|finding| finding.to_string()),
        state: found.state.clone(),
        ordered_by: found.ordered_by.clone(),
        reason: found.reason.clone(),
        ordered_at: found.ordered_at,
        collected_at: found.collected_at,
        size: found.size,
        sha256: found.sha256.clone(),
        received: found.received,
        received_at: found.received_at,
        keep_until: found.keep_until,
    }
}
