//! What devices are made of: one device told whole, programs and known vulnerabilities across the devices.

use crate::answer::PageResult;
use crate::csv;
use crate::pages::fleet::{back, may};
use crate::pages::{lists, rows};
use crate::posted::SignedForm;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::inventory::{
    ChosenVulnerability, FeedRow, HolderRow, InventoryPage, ProgramRow, ProgramsPage, VulnerabilitiesPage,
    VulnerabilityRow,
};
use crate::visit::Signed;
use axum::extract::Path;
use baluardo_model::DeviceId;
use baluardo_model::fleet::DeviceState;
use baluardo_service::fleet;
use baluardo_service::rights::Act;
use std::collections::HashMap;

routes! {
    own {}
    tenant {
        get "/devices/{id}/inventory" inventory;
        post "/devices/{id}/inventory" take;
        get "/programs" programs;
        get "/vulnerabilities" vulnerabilities;
    }
}

/// The most vulnerabilities on the page of one device.
const MOST: usize = 200;

async fn inventory(signed: Signed, Path(path): Path<HashMap<String, String>>) -> PageResult {
    let id: DeviceId = rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))?;
    let found = fleet::get_inventory(signed.house(), &signed.actor, signed.tenant, id).await;
    let found = found.map_err(|e| signed.fail(e))?;
    let may_command = found.device.state == DeviceState::Active && may(&signed, Act::CommandDevice).await;
    let view = InventoryPage {
        chrome: signed.chrome(Section::Devices).await?,
        id: id.to_string(),
        hostname: found.device.hostname,
        taken_at: found.told.as_ref().map(|told| told.taken_at),
        inventory: found.told.map(|told| told.inventory).unwrap_or_default(),
        vulnerabilities_total: found.known.found.len() as u64,
        vulnerabilities: found.known.found.iter().take(MOST).map(vulnerability).collect(),
        feeds: found.known.feeds.iter().map(feed).collect(),
        may_command,
    };
    Ok(page(signed.lang(), &view))
}

async fn take(Path(path): Path<HashMap<String, String>>, form: SignedForm) -> PageResult {
    let signed = form.signed;
    let id: DeviceId = rows::id(path.get("id").map_or("", String::as_str)).map_err(|e| signed.fail(e))?;
    fleet::order_inventory(signed.house(), &signed.actor, signed.tenant, id).await.map_err(|e| signed.fail(e))?;
    Ok(back(&signed, &format!("/devices/{id}/inventory?done=inventory_ordered")))
}

async fn programs(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let (q, name, version) = (query.text("q"), query.text("name"), query.text("version"));
    let found = fleet::list_programs(signed.house(), &signed.actor, signed.tenant, &q).await;
    let found: Vec<_> = found.map_err(|e| signed.fail(e))?.iter().map(program).collect();
    if query.raw("format") == "csv" {
        let cells = |row: &ProgramRow| vec![row.name.clone(), row.version.clone(), row.devices.to_string()];
        return Ok(csv::answer("programmi", &["nome", "versione", "dispositivi"], found.iter().map(cells)));
    }
    let holders = if name.is_empty() {
        Vec::new()
    } else {
        let held = fleet::devices_with_program(signed.house(), &signed.actor, signed.tenant, &name, &version).await;
        held.map_err(|e| signed.fail(e))?.into_iter().map(|one| holder(one, &version)).collect()
    };
    let chosen = if name.is_empty() { String::new() } else { format!("{name} {version}") };
    let (shown, paging) = lists::cut(&signed.visit, found);
    let chrome = signed.chrome(Section::Programs).await?;
    Ok(page(signed.lang(), &ProgramsPage { chrome, q, rows: shown, paging, chosen, holders }))
}

async fn vulnerabilities(signed: Signed) -> PageResult {
    let query = lists::query(&signed.visit);
    let (q, severity) = (query.text("q"), query.text("severity"));
    let known = fleet::list_vulnerabilities(signed.house(), &signed.actor, signed.tenant, &q).await;
    let known = known.map_err(|e| signed.fail(e))?;
    let mut found: Vec<_> = known.found.iter().map(vulnerability).collect();
    found.retain(|row| severity.is_empty() || row.severity.code() == severity);
    if query.raw("format") == "csv" {
        let heads = ["nome", "pacchetto", "gravità", "cvss", "installata", "corretta", "dispositivi"];
        return Ok(csv::answer("vulnerabilita", &heads, found.iter().map(cells)));
    }
    let (id, source) = (query.text("id"), query.text("source"));
    let chosen = if id.is_empty() {
        None
    } else {
        let one = fleet::get_vulnerability(signed.house(), &signed.actor, signed.tenant, &id, &source).await;
        let (words, holders) = one.map_err(|e| signed.fail(e))?;
        Some(ChosenVulnerability { id, source, words, holders: holders.into_iter().map(vulnerable).collect() })
    };
    let (shown, paging) = lists::cut(&signed.visit, found);
    let feeds = known.feeds.iter().map(feed).collect();
    let chrome = signed.chrome(Section::Vulnerabilities).await?;
    Ok(page(signed.lang(), &VulnerabilitiesPage { chrome, q, severity, rows: shown, paging, feeds, chosen }))
}

fn cells(row: &VulnerabilityRow) -> Vec<String> {
    vec![
        row.id.clone(),
        row.source.clone(),
        row.severity.code().to_owned(),
        row.score.map(|score| score.to_string()).unwrap_or_default(),
        row.installed.clone(),
        row.fixed.clone().unwrap_or_default(),
        row.devices.to_string(),
    ]
}

/// A program in a list.
pub(crate) fn program(row: &fleet::ProgramRow) -> ProgramRow {
    ProgramRow { name: row.name.clone(), version: row.version.clone(), devices: row.devices }
}

/// A device that has a program.
pub(crate) fn holder(one: fleet::ProgramHolder, version: &str) -> HolderRow {
    HolderRow { device: one.device, hostname: one.hostname, version: version.to_owned(), fixed: None }
}

/// A device that has a vulnerability.
pub(crate) fn vulnerable(one: fleet::VulnerableDevice) -> HolderRow {
    HolderRow { device: one.device, hostname: one.hostname, version: one.installed, fixed: one.fixed }
}

/// A vulnerability in a list.
pub(crate) fn vulnerability(row: &fleet::Vulnerability) -> VulnerabilityRow {
    VulnerabilityRow {
        id: row.id.clone(),
        source: row.source.clone(),
        severity: row.severity,
        score: row.score.map(|tenths| f32::from(tenths) / 10.0),
        installed: row.installed.clone(),
        fixed: row.fixed.clone(),
        devices: row.devices,
    }
}

/// A feed.
pub(crate) fn feed(row: &fleet::FeedRow) -> FeedRow {
    FeedRow { feed: row.feed.clone(), imported_at: row.imported_at, vulnerabilities: row.vulnerabilities }
}
