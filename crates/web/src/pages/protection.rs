//! Findings, one finding as a story, and the quarantine.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::{back, may};
use crate::pages::{campaigns, lists, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::Paging;
use crate::view::chrome::Section;
use crate::view::protection::{
    ConfirmPage, FindingFilter, FindingPage, FindingsPage, Outcome, QuarantineAct, QuarantineFilter, QuarantinePage,
    Restore,
};
use crate::visit::Signed;
use axum::extract::Path;
use baluardo_model::fleet::DeviceState;
use baluardo_model::protection::{FindingKind, Judgement, QuarantineState, Severity};
use baluardo_model::{FindingId, QuarantineId};
use baluardo_service::Error;
use baluardo_service::protection::{self, FindingState, Restorable};
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/findings" findings;
        get "/findings/{id}" finding;
        post "/findings/{id}/handle" handle;
        post "/findings/{id}/judge" judge;
        post "/findings/{id}/restore" restore;
        get "/quarantine" quarantine;
        get "/quarantine/{id}/release" ask_to_release;
        post "/quarantine/{id}/release" release;
        get "/quarantine/{id}/delete" ask_to_delete;
        post "/quarantine/{id}/delete" delete;
    }
}

async fn findings(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = FindingFilter {
        q: query.text("q"),
        severity: query.text("severity"),
        kind: query.text("kind"),
        state: query.text("state"),
        lost: query.ticked("lost"),
    };
    let asked = finding_filter(&filter, &query).map_err(|e| signed.fail(e))?;
    let found = protection::list_findings(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let found = found.map_err(|e| signed.fail(e))?;
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "rilevazioni",
            &["id", "tipo", "gravita", "rilevata", "dispositivo", "percorso", "toccati", "perduti", "gestita"],
            found.findings.iter().map(|row| {
                vec![
                    row.id.to_string(),
                    row.kind.code().to_owned(),
                    row.severity.code().to_owned(),
                    row.detected_at.rfc3339(),
                    row.hostname.clone(),
                    row.path.clone(),
                    row.files_touched.to_string(),
                    row.files_lost.to_string(),
                    row.handled_at.map(|at| at.rfc3339()).unwrap_or_default(),
                ]
            }),
        ));
    }
    let paging = Paging {
        total: found.total,
        previous: asked.before.is_some().then(|| lists::with(&signed.visit, "before", "")),
        next: found.next.map(|next| lists::with(&signed.visit, "before", &next)),
        export: Some(lists::with(&signed.visit, "format", "csv")),
    };
    let rows = found.findings.iter().map(rows::finding).collect();
    let campaigns = campaigns::known(&signed).await;
    let view = FindingsPage { chrome: signed.chrome(Section::Findings).await?, rows, filter, paging, campaigns };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// What a query asks for; a place in the list that is none is told so.
pub(crate) fn finding_filter(filter: &FindingFilter, query: &Fields) -> Result<protection::FindingFilter, Error> {
    let before = query.text("before");
    Ok(protection::FindingFilter {
        text: filter.q.clone(),
        least: Severity::from_code(&filter.severity),
        kind: FindingKind::from_code(&filter.kind),
        state: FindingState::from_code(&filter.state),
        lost: filter.lost,
        device: query.text("device").parse().ok(),
        before: if before.is_empty() { None } else { Some(before.parse()?) },
    })
}

async fn finding(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id: FindingId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    let view = finding_page(&signed, id).await?;
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn finding_page(signed: &Signed, id: FindingId) -> Result<FindingPage, crate::answer::PageError> {
    let detail = protection::get_finding(signed.house(), &signed.actor, signed.tenant, id).await;
    let detail = detail.map_err(|e| signed.fail(e))?;
    let elsewhere = protection::who_else(signed.house(), &signed.actor, signed.tenant, id).await;
    let may_act = may(signed, Act::HandleFinding).await;
    let is_active = detail.device.as_ref().is_some_and(|device| device.state == DeviceState::Active);
    let row = detail.row;
    let may_judge = may_act && protection::is_judged(row.kind, row.sha256.as_deref());
    Ok(FindingPage {
        chrome: signed.chrome(Section::Findings).await?,
        id: id.to_string(),
        kind: row.kind,
        severity: row.severity,
        detected_at: row.detected_at,
        received_at: row.received_at,
        device_id: row.device.to_string(),
        device: row.hostname,
        path: row.path,
        sha256: row.sha256,
        outcome: Outcome::of(&detail.timeline, row.files_touched, row.files_lost),
        reasons: detail.finding.reasons,
        processes: detail.finding.processes,
        techniques: detail.finding.techniques,
        steps: detail.timeline,
        seen_elsewhere: elsewhere.map_err(|e| signed.fail(e))?,
        handled_at: row.handled_at,
        handled_by: row.handled_by.unwrap_or_default(),
        may_handle: row.handled_at.is_none() && may_act,
        orders: detail.orders.iter().map(|order| rows::order_line(order, signed.house().now())).collect(),
        restore: match detail.restorable {
            Restorable::Yes if may_act => Restore::Offered,
            Restorable::Waiting => Restore::Waiting,
            Restorable::Revoked => Restore::Revoked,
            Restorable::Yes | Restorable::NothingLost => Restore::Nothing,
        },
        intrusion: row.intrusion.as_deref().map(rows::intrusion),
        campaign: detail.campaign.as_ref().map(rows::campaign),
        label: detail.label.map(rows::label),
        may_judge,
        may_collect: is_active && may(signed, Act::CollectEvidence).await,
    })
}

async fn handle(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id: FindingId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    let done = protection::mark_handled(signed.house(), &signed.actor, signed.tenant, id, &fields.text("note")).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/findings/{id}?done=finding_handled")))
}

async fn judge(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id: FindingId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    let word = fields.text("judgement");
    let judgement = Judgement::from_code(&word)
        .ok_or_else(|| Error::invalid("judgement", "finding.judgement_unknown", "say `harmful` or `harmless`"));
    let judgement = judgement.map_err(|e| signed.fail(e))?;
    let note = fields.text("note");
    let done = protection::judge_file(signed.house(), &signed.actor, signed.tenant, id, judgement, &note).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/findings/{id}?done=judged_{}", judgement.code())))
}

async fn restore(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id: FindingId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    protection::order_restore(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/findings/{id}?done=restore_ordered")))
}

async fn quarantine(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = QuarantineFilter { q: query.text("q"), state: query.text("state") };
    let asked = protection::QuarantineFilter {
        text: filter.q.clone(),
        state: QuarantineState::from_code(&filter.state),
        device: query.text("device").parse().ok(),
    };
    let found = protection::list_quarantine(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(rows::quarantined).collect();
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "quarantena",
            &["id", "dispositivo", "percorso", "sha256", "byte", "presa", "stato"],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.device.clone(),
                    row.path.clone(),
                    row.sha256.clone(),
                    row.size.to_string(),
                    row.taken_at.rfc3339(),
                    row.state.code().to_owned(),
                ]
            }),
        ));
    }
    let (rows, paging) = lists::cut(&signed.visit, found);
    let may_change = may(&signed, Act::ChangeQuarantine).await;
    let view = QuarantinePage { chrome: signed.chrome(Section::Quarantine).await?, rows, filter, paging, may_change };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn ask_to_release(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    confirm(&signed, &path, QuarantineAct::Release).await
}

async fn ask_to_delete(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    confirm(&signed, &path, QuarantineAct::Delete).await
}

async fn confirm(signed: &Signed, path: &HashMap<String, String>, act: QuarantineAct) -> PageResult {
    let id: QuarantineId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    if !may(signed, Act::ChangeQuarantine).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let item = protection::get_quarantined(signed.house(), &signed.actor, signed.tenant, id).await;
    let row = rows::quarantined(&item.map_err(|e| signed.fail(e))?);
    Ok(page(signed.lang(), &ConfirmPage { chrome: signed.chrome(Section::Quarantine).await?, act, row }))
}

async fn release(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id: QuarantineId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    protection::release_quarantine(signed.house(), &signed.actor, signed.tenant, id)
        .await
        .map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/quarantine?done=released"))
}

async fn delete(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id: QuarantineId = rows::id(&path["id"]).map_err(|e| signed.fail(e))?;
    protection::delete_quarantine(signed.house(), &signed.actor, signed.tenant, id)
        .await
        .map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/quarantine?done=deleted"))
}
