//! Devices, one device, adding one, and the policy.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::{lists, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::fleet::{
    AddDevicePage, CommandStep, DeviceFilter, DevicePage, DeviceStatus, DevicesPage, IsolatePage, NewToken, PolicyForm,
    PolicyPage, RevokePage,
};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use baluardo_model::fleet::Policy;
use baluardo_model::intrusion::IntrusionPolicy;
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::fleet::{self, DeviceProtection, PolicyChange};
use baluardo_service::protection::{self, FindingFilter};
use baluardo_service::rights::{self, Act};
use baluardo_service::{Error, House};
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/devices" devices;
        get "/devices/add" explain_adding;
        post "/devices/add" make_token;
        post "/devices/enrol-tokens/{id}/withdraw" withdraw_token;
        get "/devices/{id}" device;
        post "/devices/{id}/scan" scan;
        get "/devices/{id}/isolate" ask_to_isolate;
        post "/devices/{id}/isolate" isolate;
        post "/devices/{id}/rejoin" rejoin;
        get "/devices/{id}/revoke" ask_to_revoke;
        post "/devices/{id}/revoke" revoke;
        get "/policy" policy;
        post "/policy" save_policy;
    }
}

/// Bytes in a megabyte, as the policy form counts.
const MB: u64 = 1024 * 1024;

async fn devices(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let filter = DeviceFilter { q: query.text("q"), status: query.text("status") };
    let wanted = match filter.status.as_str() {
        "detecting" => Some(DeviceProtection::Protected),
        code => DeviceProtection::from_code(code),
    };
    let asked = fleet::DeviceFilter { text: filter.q.clone(), protection: wanted };
    let found = fleet::list_devices(signed.house(), &signed.actor, signed.tenant, &asked).await;
    let mut found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(rows::device).collect();
    found.retain(|row| filter.status.is_empty() || row.status.code() == filter.status);
    found.sort_by_key(|row| std::cmp::Reverse((row.open_findings > 0, row.status as u8)));
    if query.raw("format") == "csv" {
        return Ok(csv::answer(
            "dispositivi",
            &["id", "nome", "sistema", "stato", "ultimo_contatto", "aperte"],
            found.iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.hostname.clone(),
                    row.os.clone(),
                    row.status.code().to_owned(),
                    row.last_seen.rfc3339(),
                    row.open_findings.to_string(),
                ]
            }),
        ));
    }
    let (shown, paging) = lists::cut(&signed.visit, found);
    let may_add = may(&signed, Act::EnrolDevice).await;
    let refused = fleet::list_refusals(signed.house(), &signed.actor, signed.tenant).await;
    let refusals = refused.map_err(|e| signed.fail(e))?.into_iter().map(rows::refusal).collect();
    let view =
        DevicesPage { chrome: signed.chrome(Section::Devices).await?, rows: shown, filter, paging, may_add, refusals };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// Whether the reader may do `act` on these rows; a page then shows the button.
pub(crate) async fn may(signed: &Signed, act: Act) -> bool {
    rights::may(signed.house(), &signed.actor, act, signed.tenant).await
}

async fn device(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let detail = fleet::get_device(signed.house(), &signed.actor, signed.tenant, id).await;
    let detail = detail.map_err(|e| signed.fail(e))?;
    let wanted = fleet::get_policy(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let of_device = FindingFilter { device: Some(id), ..FindingFilter::default() };
    let findings = protection::list_findings(signed.house(), &signed.actor, signed.tenant, &of_device).await;
    let row = &detail.row;
    let view = DevicePage {
        chrome: signed.chrome(Section::Devices).await?,
        id: id.to_string(),
        hostname: row.device.hostname.clone(),
        os: row.device.os.clone(),
        agent_version: row.device.agent_version.clone(),
        status: rows::device_status(row),
        coverage_note: row.device.coverage_note.clone(),
        enrolled_at: row.device.enrolled_at,
        last_seen: row.device.last_seen,
        policy_version: row.device.policy_version,
        policy_wanted: wanted.version,
        findings: findings.map_err(|e| signed.fail(e))?.findings.iter().map(rows::finding).collect(),
        orders: detail.orders.iter().map(|order| rows::order(order, signed.house().now())).collect(),
        isolated_until: row.device.isolated_until,
        isolation_code: detail.isolation_code.clone(),
        may_see_evidence: may(&signed, Act::SeeEvidence).await,
        may_roll_back: rows::device_status(row) != DeviceStatus::Revoked && may(&signed, Act::RollBack).await,
        may_command: rows::device_status(row) != DeviceStatus::Revoked && may(&signed, Act::CommandDevice).await,
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn explain_adding(signed: Signed) -> PageResult {
    if !may(&signed, Act::EnrolDevice).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let view = add_page(&signed, None, String::new(), FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn add_page(
    signed: &Signed,
    token: Option<NewToken>,
    typed: String,
    errors: FieldErrors,
) -> Result<AddDevicePage, crate::answer::PageError> {
    let tokens = fleet::list_enrol_tokens(signed.house(), &signed.actor, signed.tenant).await;
    let chrome = signed.chrome(Section::Devices).await?;
    let who = chrome.who.as_ref();
    let comune = who.map(|who| who.comune.clone().unwrap_or_else(|| who.tenant.clone())).unwrap_or_default();
    let tokens = tokens.map_err(|e| signed.fail(e))?.iter().map(rows::enrol_token).collect();
    Ok(AddDevicePage { chrome, token, comune, typed, errors, tokens })
}

async fn withdraw_token(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = path.get("id").map_or("", String::as_str);
    let done = fleet::withdraw_enrol_token(signed.house(), &signed.actor, signed.tenant, id).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/devices/add?done=enrol_token_withdrawn"))
}

async fn make_token(form: SignedForm) -> PageResult {
    let signed = form.signed;
    let label = form.fields.text("label");
    let ticket = fleet::create_enrol_token(signed.house(), &signed.actor, signed.tenant, &label).await;
    let ticket = match ticket {
        Ok(ticket) => ticket,
        Err(error @ Error::Invalid { .. }) => {
            let errors = super::identity::field_errors(error, &signed.visit)?;
            let view = add_page(&signed, None, label, errors).await?;
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view));
        }
        Err(error) => return Err(signed.fail(error)),
    };
    let steps = [
        ("enrol", format!("sudo baluardo-agent enrol {}", ticket.line)),
        ("run", "sudo baluardo-agent run".to_owned()),
        ("check", "sudo baluardo-agent status".to_owned()),
    ];
    let steps = steps.into_iter().map(|(code, command)| CommandStep { code: code.to_owned(), command }).collect();
    let token = Some(NewToken { line: ticket.line, expires_at: ticket.expires_at, steps });
    let view = add_page(&signed, token, String::new(), FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn scan(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    fleet::order_scan(signed.house(), &signed.actor, signed.tenant, id, &[]).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{id}?done=scan_ordered")))
}

async fn ask_to_isolate(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let (id, hostname) = commanded(&signed, &path).await?;
    let view = IsolatePage { chrome: signed.chrome(Section::Devices).await?, id: id.to_string(), hostname };
    Ok(page(signed.lang(), &view))
}

async fn isolate(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    let hours = fields.text("hours").parse().unwrap_or(0);
    let done = fleet::isolate_device(signed.house(), &signed.actor, signed.tenant, id, hours).await;
    done.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{id}?done=isolation_ordered")))
}

async fn rejoin(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    fleet::rejoin_device(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{id}?done=rejoining_ordered")))
}

/// The device of a page that asks before it commands, and its name.
pub(crate) async fn commanded(
    signed: &Signed,
    path: &HashMap<String, String>,
) -> Result<(DeviceId, String), crate::answer::PageError> {
    let id = device_id(path).map_err(|e| signed.fail(e))?;
    if !may(signed, Act::CommandDevice).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let detail = fleet::get_device(signed.house(), &signed.actor, signed.tenant, id).await;
    Ok((id, detail.map_err(|e| signed.fail(e))?.row.device.hostname))
}

async fn ask_to_revoke(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let (id, hostname) = commanded(&signed, &path).await?;
    let view = RevokePage { chrome: signed.chrome(Section::Devices).await?, id: id.to_string(), hostname };
    Ok(page(signed.lang(), &view))
}

async fn revoke(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = device_id(&path).map_err(|e| signed.fail(e))?;
    fleet::revoke_device(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, "/devices?done=device_revoked"))
}

async fn policy(signed: Signed) -> PageResult {
    let policy = fleet::get_policy(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let form = written(&policy);
    let view = policy_page(&signed, &policy, form, FieldErrors::default()).await?;
    Ok(page(signed.lang(), &view))
}

async fn policy_page(
    signed: &Signed,
    policy: &Policy,
    form: PolicyForm,
    errors: FieldErrors,
) -> Result<PolicyPage, crate::answer::PageError> {
    let (current, total) = followers(signed.house(), signed, signed.tenant, policy.version).await;
    Ok(PolicyPage {
        chrome: signed.chrome(Section::Policy).await?,
        version: policy.version,
        devices_current: current,
        devices_total: total,
        form,
        errors,
        may_change: may(signed, Act::ChangePolicy).await,
    })
}

/// How many devices follow a version of the policy, and how many there are; nothing for who may not see devices.
async fn followers(house: &House, signed: &Signed, tenant: TenantId, version: u64) -> (u64, u64) {
    let all = fleet::DeviceFilter::default();
    let devices = fleet::list_devices(house, &signed.actor, tenant, &all).await.unwrap_or_default();
    let current = devices.iter().filter(|row| row.device.policy_version == version).count();
    (current as u64, devices.len() as u64)
}

async fn save_policy(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = read_policy(&fields);
    let saved = match change(&typed, &fields) {
        Ok(change) => fleet::change_policy(signed.house(), &signed.actor, signed.tenant, &change).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => Ok(back(&signed, "/policy?done=policy_saved")),
        Err(error) => {
            let errors = super::identity::field_errors(error, &signed.visit)?;
            let policy = fleet::get_policy(signed.house(), &signed.actor, signed.tenant).await;
            let view = policy_page(&signed, &policy.map_err(|e| signed.fail(e))?, typed, errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
    }
}

fn written(policy: &Policy) -> PolicyForm {
    PolicyForm {
        scan_folders: policy.scan_folders.join("\n"),
        guard_folders: policy.guard_folders.join("\n"),
        vault_mb: (policy.vault_bytes / MB).to_string(),
        max_file_mb: (policy.max_file_bytes / MB).to_string(),
        verdict_ms: policy.verdict_ms.to_string(),
        respond: policy.respond,
        bad_sha256: policy.bad_sha256.join("\n"),
        good_sha256: policy.good_sha256.join("\n"),
        hold_suspicious: policy.hold_suspicious,
        isolate_hours: policy.isolate_hours.to_string(),
        superseded_hours: policy.superseded_hours.to_string(),
        collect_evidence: policy.collect_evidence,
        intrusion: policy.intrusion.watch,
        odd_from: policy.intrusion.odd_from.to_string(),
        odd_until: policy.intrusion.odd_until.to_string(),
        odd_sundays: policy.intrusion.odd_sundays,
    }
}

fn read_policy(fields: &Fields) -> PolicyForm {
    PolicyForm {
        scan_folders: fields.text("scan_folders"),
        guard_folders: fields.text("guard_folders"),
        vault_mb: fields.text("vault_mb"),
        max_file_mb: fields.text("max_file_mb"),
        verdict_ms: fields.text("verdict_ms"),
        respond: fields.ticked("respond"),
        bad_sha256: fields.text("bad_sha256"),
        good_sha256: fields.text("good_sha256"),
        hold_suspicious: fields.ticked("hold_suspicious"),
        isolate_hours: fields.text("isolate_hours"),
        superseded_hours: fields.text("superseded_hours"),
        collect_evidence: fields.ticked("collect_evidence"),
        intrusion: fields.ticked("intrusion"),
        odd_from: fields.text("odd_from"),
        odd_until: fields.text("odd_until"),
        odd_sundays: fields.ticked("odd_sundays"),
    }
}

fn change(form: &PolicyForm, fields: &Fields) -> Result<PolicyChange, Error> {
    let number = |field: &'static str, text: &str| {
        text.parse::<u64>().map_err(|_| Error::invalid(field, "not_a_number", format!("{text:?} is not a number")))
    };
    // What is no hour of a day is told as such by the service.
    let hour = |field, text: &str| Ok::<u8, Error>(u8::try_from(number(field, text)?).unwrap_or(u8::MAX));
    let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    Ok(PolicyChange {
        based_on: fields.text("version").parse().ok(),
        scan_folders: lines(&form.scan_folders),
        guard_folders: lines(&form.guard_folders),
        vault_bytes: number("vault_mb", &form.vault_mb)?.saturating_mul(MB),
        max_file_bytes: number("max_file_mb", &form.max_file_mb)?.saturating_mul(MB),
        verdict_ms: number("verdict_ms", &form.verdict_ms)?,
        respond: form.respond,
        bad_sha256: lines(&form.bad_sha256),
        good_sha256: Some(lines(&form.good_sha256)),
        hold_suspicious: form.hold_suspicious,
        isolate_hours: number("isolate_hours", &form.isolate_hours)?,
        collect_evidence: Some(form.collect_evidence),
        superseded_hours: Some(number("superseded_hours", &form.superseded_hours)?),
        intrusion: Some(IntrusionPolicy {
            watch: form.intrusion,
            odd_from: hour("odd_from", &form.odd_from)?,
            odd_until: hour("odd_until", &form.odd_until)?,
            odd_sundays: form.odd_sundays,
        }),
    })
}

pub(crate) fn device_id(path: &HashMap<String, String>) -> Result<DeviceId, Error> {
    rows::id(path.get("id").map_or("", String::as_str))
}

/// Goes on to a page of the same rows.
pub(crate) fn back(signed: &Signed, path: &str) -> Response {
    Redirect::to(&format!("{}{path}", signed.visit.base)).into_response()
}
