//! Takes a report in: limits, likeness, what it counts, and the answer to the reporter, in one transaction.

use super::answer_letter::answer_letter;
use super::judged::Judged;
use super::likeness::{MOST_KINDS, REMEMBERED, alike, keyed};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::mail::senders::count_seen;
use crate::secret::hex;
use baluardo_mail::Action;
use baluardo_model::identity::Actor;
use baluardo_model::mail::reports::{REPORTERS, REPORTERS_OF_SUSPICIOUS, ReportState, ReportWay};
use baluardo_model::mail::senders::SenderSeen;
use baluardo_model::{AlikeId, OutboxId, ReportId, TenantId};
use baluardo_store::mail::reports::{Report, ReportRow};
use baluardo_store::{TenantScope, Tx};
use ring::hmac;
use std::time::Duration;

/// Reports of one person in a day that count, and that are taken at all.
const COUNTED_A_DAY: u64 = 20;
const MOST_A_DAY: u64 = 60;
/// Reports of one comune in an hour that are taken.
const MOST_OF_COMUNE: u64 = 500;
/// Kinds of harmless messages that somebody reported from which their word counts only while they were right more often.
const PATIENCE: u64 = 3;
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who reports.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    /// By what one person is told from another.
    pub(super) identity: String,
    /// For people.
    pub(super) name: String,
    /// Where the answer goes; empty for nowhere.
    pub(super) email: String,
    /// Whether it is sure that it is they.
    pub(super) proven: bool,
    pub(super) way: ReportWay,
}

/// Takes a report in. The same content by the same person is the same report.
///
/// # Errors
/// [`Error::Throttled`] beyond what one person or one comune may report; what the store says.
pub(super) async fn take_report(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    actor: &Actor,
    reporter: &Reporter,
    judged: &Judged,
) -> Result<ReportRow, Error> {
    let tenant = scope.tenant();
    let who = reporter_key(house, tenant, &reporter.identity);
    if let Some(known) = tx.tenant(scope).report_of(&who, &judged.content).await? {
        return Ok(known);
    }
    let counts = reporter.proven && is_heard(house, tx, scope, &who).await?;
    let now = house.now();
    let kind = kind_of(house, tx, scope, judged).await?;
    let (action, class) = judged.words();
    let report = Report {
        id: ReportId::new(now, house.chance.as_ref()),
        alike: kind,
        reporter: who,
        reporter_name: reporter.name.clone(),
        way: reporter.way,
        counts,
        author: judged.author.clone(),
        subject: judged.subject.clone(),
        action,
        class,
        score: judged.score,
        reasons: judged.reasons.clone(),
        size: judged.size,
        content: judged.content.clone(),
        reported_at: now,
    };
    tx.tenant(scope).keep_report(&report).await?;
    let detail = format!("{}, {}", report.class, reporter.way.code());
    record(house, tx, scope, actor, "mail.reported", format!("report {}", report.id), &detail).await?;
    hold_alike(house, tx, scope, &report, judged.action).await?;
    if counts {
        count_seen(house, tx, tenant, &judged.address, SenderSeen::Reported, 1).await?;
    }
    let row = tx.tenant(scope).report(report.id).await?.ok_or_else(|| Error::internal("a report is gone"))?;
    if !reporter.email.is_empty() {
        let mail = answer_letter(house, &reporter.email, reporter.proven, &row);
        let id = OutboxId::new(now, house.chance.as_ref());
        tx.tenant(scope).put_mail(id, &format!("report {}", report.id), &mail, now).await?;
    }
    Ok(row)
}

/// By what one reporter is told from another, without an address in the table.
fn reporter_key(house: &House, tenant: TenantId, identity: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &house.seal.derive(&format!("mail reporters {tenant}")));
    hex(hmac::sign(&key, identity.to_lowercase().as_bytes()).as_ref())
}

/// Whether this person's word counts today: not beyond some reports a day, and not of somebody who mostly reports what the RTD
/// finds harmless.
async fn is_heard(house: &House, tx: &mut Tx, scope: TenantScope, who: &str) -> Result<bool, Error> {
    let now = house.now();
    let mut rows = tx.tenant(scope);
    let today = rows.reports_since(who, now.minus(DAY)).await?;
    if today >= MOST_A_DAY || rows.reports_since("", now.minus(HOUR)).await? >= MOST_OF_COMUNE {
        return Err(Error::Throttled { seconds: HOUR.as_secs() });
    }
    let record = rows.reporter_record(who).await?;
    let of = |wanted| record.iter().filter(|(state, _)| *state == wanted).map(|(_, many)| *many).sum::<u64>();
    let (right, wrong) = (of(ReportState::Hostile), of(ReportState::Harmless));
    Ok(today < COUNTED_A_DAY && (wrong < PATIENCE || right > wrong))
}

/// The kind of messages that this one is alike to; a new one where there is none.
async fn kind_of(house: &House, tx: &mut Tx, scope: TenantScope, judged: &Judged) -> Result<AlikeId, Error> {
    let now = house.now();
    let fingerprint = keyed(house, &judged.fingerprint);
    let known = tx.tenant(scope).alikes(now.minus(REMEMBERED), MOST_KINDS).await?;
    if let Some(kind) = alike(known, &fingerprint) {
        return Ok(kind.id);
    }
    let id = AlikeId::new(now, house.chance.as_ref());
    let (_, class) = judged.words();
    tx.tenant(scope).begin_alike(id, &fingerprint.to_string(), &class, judged.score, now).await?;
    Ok(id)
}

/// Notes the report with its kind, and begins to hold more of it where enough people reported it. What the RTD said stands.
async fn hold_alike(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    report: &Report,
    action: Action,
) -> Result<(), Error> {
    let row = tx.tenant(scope).report(report.id).await?.ok_or_else(|| Error::internal("a report is gone"))?;
    let needed = if action >= Action::Tag { REPORTERS_OF_SUSPICIOUS } else { REPORTERS };
    let counted = tx.tenant(scope).counted_reporters(report.alike).await?;
    let holding = match row.state {
        ReportState::Open => row.holding || counted >= needed as u64,
        ReportState::Hostile => true,
        ReportState::Harmless => false,
    };
    tx.tenant(scope).touch_alike(report.alike, house.now(), holding).await?;
    if holding && !row.holding {
        let detail = format!("{counted} people, {}", report.class);
        let target = format!("report {}", report.id);
        record(house, tx, scope, &Actor::Platform, "mail.alike_held", target, &detail).await?;
    }
    Ok(())
}
