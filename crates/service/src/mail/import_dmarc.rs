//! Brings in what receivers say of mail in the name of a comune's domains.

use super::health::note_selectors;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::foreign_text::bound;
use crate::house::House;
use crate::rights::{Act, platform_scope, tenant_scope};
use baluardo_mail::dmarc::reports;
use baluardo_model::TenantId;
use baluardo_model::dmarc::DmarcReport;
use baluardo_model::identity::Actor;
use baluardo_model::mail::DomainState;
use baluardo_store::{TenantScope, Tx};
use serde::Serialize;
use std::time::Duration;

/// The most reports that are kept about one domain. A comune gets some thirty a day.
const MOST_REPORTS: u64 = 20_000;
/// The most bytes of the name of a receiver or of a number of a report.
const MOST_NAME: usize = 200;
/// How long reports are kept: a year and the month to compare with.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// A report is at most so far ahead of our clock.
const AHEAD: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportedDmarc {
    /// Reports that are new.
    pub kept: u64,
    /// Reports that were here before.
    pub known: u64,
    /// Domains of reports that are not the comune's.
    pub foreign: Vec<String>,
    /// Why reports could not be read or kept.
    pub unreadable: Vec<String>,
}

/// Keeps every report in `bytes`: the XML itself, packed with gzip or zip, or a message that brings it. A report about a domain
/// for which the comune does not answer is left out and named.
///
/// # Errors
/// [`Error::Invalid`] `mail.no_report` when there is no report in it; as [`tenant_scope`].
#[crate::act]
pub async fn import_dmarc(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    bytes: &[u8],
) -> Result<ImportedDmarc, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let own = tx.tenant(scope).mail_domains().await?;
    let mut imported = ImportedDmarc::default();
    for found in reports(bytes) {
        match found {
            Ok(report) if own.iter().any(|own| own.state == DomainState::Approved && own.domain == report.domain) => {
                keep(house, &mut tx, scope, report, &mut imported).await?;
            }
            Ok(report) => imported.foreign.push(report.domain),
            Err(why) => imported.unreadable.push(why.to_string()),
        }
    }
    if imported == ImportedDmarc::default() {
        let message = "there is no DMARC report in it: bring the XML, its .gz or .zip, or the message that carried it";
        return Err(Error::invalid("body", "mail.no_report", message));
    }
    if imported.kept > 0 {
        let detail = format!("{} reports", imported.kept);
        record(house, &mut tx, scope, actor, "mail.dmarc_imported", "mail domains", &detail).await?;
    }
    tx.commit().await?;
    Ok(imported)
}

/// Keeps every report in `bytes`, each for the comune that answers for its domain: for the milter and for the command line.
/// Anybody can send such a message, so a report tells what somebody claims, and their number is bounded.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn take_dmarc(house: &House, bytes: &[u8]) -> Result<ImportedDmarc, Error> {
    let mut done = ImportedDmarc::default();
    for found in reports(bytes) {
        let mut tx = house.store.write().await?;
        match found {
            Ok(report) => match tx.platform().domain_owner(&report.domain).await? {
                Some(tenant) => keep(house, &mut tx, platform_scope(tenant), report, &mut done).await?,
                None => done.foreign.push(report.domain),
            },
            Err(why) => done.unreadable.push(why.to_string()),
        }
        tx.commit().await?;
    }
    Ok(done)
}

/// Keeps one report of a tenant's own domain.
async fn keep(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    mut report: DmarcReport,
    done: &mut ImportedDmarc,
) -> Result<(), Error> {
    let now = house.now();
    if report.end > now.plus(AHEAD) || report.end < now.minus(KEPT) {
        done.unreadable.push(format!("report {} is of another time: it ends {}", report.id, report.end.rfc3339()));
        return Ok(());
    }
    if tx.tenant(scope).dmarc_reports(&report.domain).await? >= MOST_REPORTS {
        done.unreadable.push(format!("{MOST_REPORTS} reports about {} are kept already", report.domain));
        return Ok(());
    }
    bound(&mut report.org, MOST_NAME);
    bound(&mut report.id, MOST_NAME);
    let new = tx.tenant(scope).keep_dmarc(&report, now).await?;
    if new {
        note_selectors(tx, scope, &report).await?;
    }
    *(if new { &mut done.kept } else { &mut done.known }) += 1;
    Ok(())
}

/// Forgets reports older than 400 days. A job of the server; how many reports that were.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn forget_dmarc(house: &House) -> Result<u64, Error> {
    let until = house.now().minus(KEPT);
    let mut tx = house.store.read().await?;
    let tenants = tx.platform().old_dmarc(until).await?;
    drop(tx);
    let mut gone = 0;
    for tenant in tenants {
        let mut tx = house.store.write().await?;
        gone += tx.tenant(platform_scope(tenant)).forget_dmarc(until).await?;
        tx.commit().await?;
    }
    Ok(gone)
}
