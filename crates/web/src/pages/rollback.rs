//! A folder of a device back to a moment: ask the device, read what it says, confirm, and follow it.

use crate::answer::{PageError, PageResult};
use crate::pages::fleet::{back, device_id};
use crate::pages::{lists, rows};
use crate::posted::SignedForm;
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::rollback::{MomentChoice, RollbackConfirmPage, RollbackPage, RollbackRow, RollbacksPage};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::{DeviceId, RollbackId, Timestamp};
use baluardo_service::protection::{self, FindingFilter};
use baluardo_service::rights::Act;
use baluardo_service::{Error, fleet};
use std::collections::HashMap;
use std::time::Duration;

routes! {
    own {}
    tenant {
        get "/devices/{id}/rollbacks" rollbacks;
        post "/devices/{id}/rollbacks" preview;
        get "/devices/{id}/rollbacks/{rollback}" rollback;
        get "/devices/{id}/rollbacks/{rollback}/confirm" confirm;
        post "/devices/{id}/rollbacks/{rollback}" roll_back;
    }
}

/// So long before a finding's first sign all was still well.
const BEFORE_SIGN: Duration = Duration::from_secs(1);

type Names = HashMap<String, String>;

async fn rollbacks(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let folder = lists::query(&signed.visit).text("folder");
    let view = asking(&signed, id, folder, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn asking(
    signed: &Signed,
    id: DeviceId,
    folder: String,
    errors: FieldErrors,
) -> Result<RollbacksPage, PageError> {
    let found = fleet::rollbacks(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    let hostname = hostname(signed, id).await?;
    let policy = fleet::get_policy(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let oldest = signed.house().now().minus(Duration::from_secs(policy.superseded_hours.saturating_mul(3_600)));
    let mut moments = finding_moments(signed, id).await;
    let told = found.iter().find_map(|row| row.told.as_ref()).map_or(&[][..], |told| &told.moments);
    moments.extend(told.iter().map(|moment| choice(moment.at, Some(moment.documents))));
    moments.retain(|moment| moment.at > oldest);
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    let first = policy.guard_folders.first().cloned().unwrap_or_default();
    Ok(RollbacksPage {
        chrome: signed.chrome(Section::Devices).await?,
        device: id.to_string(),
        hostname,
        folder: if folder.is_empty() { first } else { folder },
        folders: policy.guard_folders,
        moments,
        hours: policy.superseded_hours,
        errors,
        rows: found.iter().map(row).collect(),
    })
}

fn choice(at: Timestamp, documents: Option<u64>) -> MomentChoice {
    MomentChoice { value: at.rfc3339(), at, documents }
}

/// Just before each finding of the device; none where the reader may not see findings.
async fn finding_moments(signed: &Signed, id: DeviceId) -> Vec<MomentChoice> {
    let of_device = FindingFilter { device: Some(id), ..FindingFilter::default() };
    let found = protection::list_findings(signed.house(), &signed.actor, signed.tenant, &of_device).await;
    let found = found.map(|found| found.findings).unwrap_or_default();
    found.iter().map(|finding| choice(rows::finding(finding).detected_at.minus(BEFORE_SIGN), None)).collect()
}

async fn preview(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let (folder, moment, typed) = (fields.text("folder"), fields.text("moment"), fields.text("to"));
    let to = Timestamp::read(if moment.is_empty() { &typed } else { &moment });
    match fleet::preview_rollback(signed.house(), &signed.actor, signed.tenant, id, &folder, to).await {
        Ok(rollback) => Ok(back(&signed, &format!("/devices/{id}/rollbacks/{rollback}?done=rollback_asked"))),
        Err(error) => {
            let errors = super::identity::field_errors(error, &signed.visit)?;
            let view = asking(&signed, id, folder, errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

async fn rollback(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let (id, row) = wanted(&signed, &path).await?;
    let (device, hostname) = (id.to_string(), hostname(&signed, id).await?);
    let view = RollbackPage { chrome: signed.chrome(Section::Devices).await?, device, hostname, row };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn confirm(signed: Signed, Path(path): Path<Names>) -> PageResult {
    let (id, row) = wanted(&signed, &path).await?;
    let (device, hostname) = (id.to_string(), hostname(&signed, id).await?);
    let view = RollbackConfirmPage { chrome: signed.chrome(Section::Devices).await?, device, hostname, row };
    Ok(page(signed.lang(), &view))
}

async fn roll_back(Path(path): Path<Names>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let ids = (device_id(&path).map_err(|e| signed.fail(e))?, rollback_id(&path).map_err(|e| signed.fail(e))?);
    let documents = fields.text("documents").parse().unwrap_or(0);
    let done = fleet::roll_back(signed.house(), &signed.actor, signed.tenant, ids, documents).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{}/rollbacks/{}?done=rollback_ordered", ids.0, ids.1)))
}

async fn wanted(signed: &Signed, path: &Names) -> Result<(DeviceId, RollbackRow), PageError> {
    let device = device_id(path).map_err(|e| signed.fail(e))?;
    let id = rollback_id(path).map_err(|e| signed.fail(e))?;
    let found = fleet::rollback(signed.house(), &signed.actor, signed.tenant, (device, id)).await;
    Ok((device, row(&found.map_err(|e| signed.fail(e))?)))
}

async fn hostname(signed: &Signed, id: DeviceId) -> Result<String, PageError> {
    if !super::fleet::may(signed, Act::RollBack).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let detail = fleet::get_device(signed.house(), &signed.actor, signed.tenant, id).await;
    Ok(detail.map_err(|e| signed.fail(e))?.row.device.hostname)
}

fn rollback_id(path: &Names) -> Result<RollbackId, Error> {
    path.get("rollback").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)
}

/// A roll back as pages and programs see it.
pub(crate) fn row(found: &fleet::RollbackRow) -> RollbackRow {
    use crate::view::rollback::{RollbackCounts, StuckRow, taken_apart};
    let told = found.told.as_ref();
    let tally = told.map(|told| told.tally).unwrap_or_default();
    let stuck = told.map(|told| told.stuck.as_slice()).unwrap_or_default();
    let text = |of: fn(&baluardo_model::rollback::Rollback) -> &String| told.map(of).cloned().unwrap_or_default();
    let stuck_row = |one: &baluardo_model::rollback::Stuck| {
        let (code, detail) = taken_apart(&one.why);
        StuckRow { path: one.path.clone(), code, detail }
    };
    let (code, note) = taken_apart(&text(|told| &told.note));
    RollbackRow {
        id: found.id.to_string(),
        folder: found.folder.clone(),
        moment: found.moment,
        stage: found.stage.clone(),
        ordered_by: found.ordered_by.clone(),
        ordered_at: found.ordered_at,
        told_at: found.told_at,
        counts: RollbackCounts {
            changed: tally.changed,
            returned: tally.returned,
            aside: tally.aside,
            same: tally.same,
            stuck: tally.stuck,
            open: tally.open,
        },
        documents: tally.acts(),
        acted: told.map_or(0, |told| told.acted),
        aside: text(|told| &told.aside),
        stuck: stuck.iter().map(stuck_row).collect(),
        open: told.map(|told| told.open.clone()).unwrap_or_default(),
        code,
        note,
    }
}
