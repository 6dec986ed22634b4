//! Hunts: what was looked for, one of them, and the form that starts one.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::{back, may};
use crate::pages::identity::field_errors;
use crate::pages::{lists, rows};
use crate::posted::{Fields, SignedForm};
use crate::render::{page, page_with, wants_live};
use crate::routes::routes;
use crate::view::FieldErrors;
use crate::view::chrome::Section;
use crate::view::hunts::{
    HuntDeviceRow, HuntForm, HuntHitRow, HuntPage, HuntRow, HuntsPage, MemberHuntPage, MemberHuntRow, NewHuntPage,
    RoundFoundRow, RoundRow,
};
use crate::visit::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::HuntId;
use baluardo_model::hunt::Quarry;
use baluardo_service::Error;
use baluardo_service::fleet::{self, HuntDetail, HuntOverview, HuntRound, NewHunt};
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {
        get "/hunts/members/{id}" member_hunt, Signed;
    }
    tenant {
        get "/hunts" hunts;
        post "/hunts" start;
        get "/hunts/new" ask;
        get "/hunts/{id}" hunt;
        post "/hunts/{id}/stop" stop;
    }
}

async fn hunts(signed: Signed) -> PageResult {
    let found = fleet::list_hunts(signed.house(), &signed.actor, signed.tenant).await;
    let rows = found.map_err(|e| signed.fail(e))?.iter().map(overview).collect();
    let may_hunt = may(&signed, Act::Hunt).await;
    let chrome = signed.chrome(Section::Hunts).await?;
    let rounds = if chrome.is_operator() && chrome.base.is_empty() {
        let found = fleet::list_member_hunts(signed.house(), &signed.actor).await;
        found.map_err(|e| signed.fail(e))?.iter().map(round).collect()
    } else {
        Vec::new()
    };
    Ok(page(signed.lang(), &HuntsPage { chrome, rows, rounds, may_hunt }))
}

async fn member_hunt(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id = hunt_id(&path).map_err(|e| signed.fail(e))?;
    let found = fleet::get_member_hunt(signed.house(), &signed.actor, id).await.map_err(|e| signed.fail(e))?;
    let members: Vec<_> = found.members.iter().map(member).collect();
    if lists::query(&signed.visit).raw("format") == "csv" {
        let cells = |row: MemberHuntRow| {
            let figures = [row.devices, row.over, row.hits, row.hit_devices];
            std::iter::once(row.name).chain(figures.iter().map(u64::to_string)).collect()
        };
        let heads = ["comune", "dispositivi", "finiti", "trovati", "dispositivi con trovati"];
        return Ok(csv::answer("ricerca-comuni", &heads, members.into_iter().map(cells)));
    }
    let (members, paging) = lists::cut(&signed.visit, members);
    let view = MemberHuntPage {
        chrome: signed.chrome(Section::Hunts).await?,
        round: round(&found),
        members,
        paging,
        found: found.found.iter().map(round_found).collect(),
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// A hunt over many comuni.
pub(crate) fn round(found: &HuntRound) -> RoundRow {
    let hit_members = found.members.iter().filter(|member| member.overview.hits > 0).count() as u64;
    let mut hunt = row(&found.asked, found.sums());
    hunt.id = found.id.to_string();
    hunt.stopped = found.members.iter().all(|member| member.overview.hunt.stopped_at.is_some());
    RoundRow { hunt, members: found.members.len() as u64, hit_members, left: found.left }
}

/// The share of one comune.
pub(crate) fn member(one: &fleet::MemberHunt) -> MemberHuntRow {
    let HuntOverview { hunt, devices, over, hits } = &one.overview;
    MemberHuntRow {
        tenant: one.tenant.to_string(),
        name: one.name.clone(),
        hunt: hunt.id.to_string(),
        stopped: hunt.stopped_at.is_some(),
        devices: *devices,
        over: *over,
        hits: *hits,
        hit_devices: one.hit_devices,
    }
}

/// What was found most often.
pub(crate) fn round_found(one: &fleet::RoundFound) -> RoundFoundRow {
    RoundFoundRow { what: one.what.clone(), hits: one.hits, members: one.members }
}

async fn ask(signed: Signed) -> PageResult {
    if !may(&signed, Act::Hunt).await {
        return Err(signed.fail(Error::Forbidden));
    }
    let kind = lists::query(&signed.visit).text("kind");
    let kind = if Quarry::KINDS.contains(&kind.as_str()) { kind } else { "file_name".to_owned() };
    let form = HuntForm { kind, days: "7".to_owned(), ..HuntForm::default() };
    let view = form_page(&signed, form, FieldErrors::default(), String::new()).await?;
    Ok(page(signed.lang(), &view))
}

async fn form_page(
    signed: &Signed,
    form: HuntForm,
    errors: FieldErrors,
    compiler: String,
) -> Result<NewHuntPage, crate::answer::PageError> {
    let chrome = signed.chrome(Section::Hunts).await?;
    let may_members = chrome.is_operator() && chrome.base.is_empty();
    Ok(NewHuntPage { chrome, form, errors, compiler, may_members })
}

async fn start(form: SignedForm) -> PageResult {
    let SignedForm { signed, fields } = form;
    let typed = typed(&fields);
    let started = match wanted(&typed) {
        Ok(new) if typed.members && signed.visit.base.is_empty() => {
            let members = fleet::start_member_hunts(signed.house(), &signed.actor, &new).await;
            members.map(|started| match started.started.is_empty() {
                true => "/hunts?done=member_hunts_started".to_owned(),
                false => format!("/hunts/members/{}?done=member_hunts_started", started.round),
            })
        }
        Ok(new) => {
            let own = fleet::start_hunt(signed.house(), &signed.actor, signed.tenant, &new).await;
            own.map(|id| format!("/hunts/{id}?done=hunt_started"))
        }
        // Who may not hunt at all is told so first.
        Err(_) if !may(&signed, Act::Hunt).await => Err(Error::Forbidden),
        Err(error) => Err(error),
    };
    match started {
        Ok(path) => Ok(back(&signed, &path)),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let compiler = match &error {
                Error::Invalid { code: "hunt.rule_bad", message, .. } => message.clone(),
                _ => String::new(),
            };
            let errors = field_errors(error, &signed.visit)?;
            let view = form_page(&signed, typed, errors, compiler).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, signed.lang(), &view))
        }
        Err(error) => Err(signed.fail(error)),
    }
}

async fn hunt(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id = hunt_id(&path).map_err(|e| signed.fail(e))?;
    let found = fleet::get_hunt(signed.house(), &signed.actor, signed.tenant, id).await;
    let found = found.map_err(|e| signed.fail(e))?;
    let hits: Vec<_> = found.hits.iter().map(hit).collect();
    if lists::query(&signed.visit).raw("format") == "csv" {
        let cells = |row: HuntHitRow| vec![row.device, row.hostname, row.what, row.detail];
        let heads = ["id", "dispositivo", "trovato", "dettaglio"];
        return Ok(csv::answer("ricerca", &heads, hits.into_iter().map(cells)));
    }
    let row = detail(&found);
    let (shown, paging) = lists::cut(&signed.visit, hits);
    let may_stop = row.over < row.devices && !row.stopped && may(&signed, Act::Hunt).await;
    let view = HuntPage {
        chrome: signed.chrome(Section::Hunts).await?,
        hunt: row,
        folders: found.hunt.folders.clone(),
        devices: found.devices.iter().map(device).collect(),
        hits: shown,
        paging,
        may_stop,
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn stop(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id = hunt_id(&path).map_err(|e| signed.fail(e))?;
    fleet::stop_hunt(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/hunts/{id}?done=hunt_stopped")))
}

fn hunt_id(path: &HashMap<String, String>) -> Result<HuntId, Error> {
    rows::id(path.get("id").map_or("", String::as_str))
}

fn typed(fields: &Fields) -> HuntForm {
    HuntForm {
        kind: fields.text("kind"),
        sha256: fields.text("sha256"),
        pattern: fields.text("pattern"),
        rule: fields.raw("rule").to_owned(),
        address: fields.text("address"),
        port: fields.text("port"),
        name: fields.text("name"),
        from: fields.text("from"),
        before: fields.text("before"),
        folders: fields.raw("folders").to_owned(),
        reason: fields.text("reason"),
        days: fields.text("days"),
        members: fields.ticked("members"),
    }
}

fn wanted(form: &HuntForm) -> Result<NewHunt, Error> {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let number = |field: &'static str, text: &str| {
        text.parse::<u64>().map_err(|_| Error::invalid(field, "not_a_number", format!("{text:?} is not a number")))
    };
    let pattern = form.pattern.clone();
    let quarry = match form.kind.as_str() {
        "file_hash" => Quarry::FileHash { sha256: form.sha256.clone() },
        "file_rule" => Quarry::FileRule { rule: form.rule.clone() },
        "process" => Quarry::Process { pattern },
        "account" => Quarry::Account { pattern },
        "connection" => {
            let address = some(&form.address).map(|text| text.parse()).transpose();
            let address =
                address.map_err(|_| Error::invalid("address", "hunt.address_bad", "this is no IP address"))?;
            let port = some(&form.port).map(|text| text.parse()).transpose();
            let port = port.map_err(|_| Error::invalid("port", "hunt.port_bad", "a port is a number up to 65535"))?;
            Quarry::Connection { address, port }
        }
        "package" => Quarry::Package { name: form.name.clone(), from: some(&form.from), before: some(&form.before) },
        _ => Quarry::FileName { pattern },
    };
    let folders = form.folders.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let (reason, days) = (form.reason.clone(), number("days", &form.days)?);
    Ok(NewHunt { quarry, folders, devices: Vec::new(), reason, days })
}

/// A hunt in a list.
pub(crate) fn overview(one: &HuntOverview) -> HuntRow {
    row(&one.hunt, (one.devices, one.over, one.hits))
}

/// A hunt beside its details.
pub(crate) fn detail(found: &HuntDetail) -> HuntRow {
    let over = found.devices.iter().filter(|device| device.state.is_over()).count();
    row(&found.hunt, (found.devices.len() as u64, over as u64, found.hits.len() as u64))
}

fn row(hunt: &fleet::HuntRow, (devices, over, hits): (u64, u64, u64)) -> HuntRow {
    HuntRow {
        id: hunt.id.to_string(),
        kind: hunt.quarry.code().to_owned(),
        words: hunt.quarry.words(),
        reason: hunt.reason.clone(),
        asked_by: hunt.asked_by.clone(),
        asked_at: hunt.asked_at,
        until: hunt.until,
        stopped: hunt.stopped_at.is_some(),
        devices,
        over,
        hits,
    }
}

/// How a hunt stands on a device.
pub(crate) fn device(one: &fleet::HuntDeviceRow) -> HuntDeviceRow {
    HuntDeviceRow {
        device: one.device.to_string(),
        hostname: one.hostname.clone(),
        state: one.state.code().to_owned(),
        checked: one.checked,
        note: one.note.clone(),
    }
}

/// Something that was found.
pub(crate) fn hit(one: &fleet::HuntHitRow) -> HuntHitRow {
    HuntHitRow {
        device: one.device.to_string(),
        hostname: one.hostname.clone(),
        what: one.what.clone(),
        detail: one.detail.clone(),
    }
}
