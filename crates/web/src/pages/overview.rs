//! The home of each role.

use crate::answer::PageResult;
use crate::pages::{self, requests, rows};
use crate::render::{page, wants_live};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::overview::{
    Changed, ClerkHome, DeviceCounts, OperatorOverview, OversightHome, PoliceHome, RtdOverview,
};
use crate::visit::Signed;
use baluardo_model::Timestamp;
use baluardo_model::identity::Role;
use baluardo_service::Error;
use baluardo_service::activation::{RequestFilter, list_requests};
use baluardo_service::audit::{self, AuditQuery, Extent};
use baluardo_service::fleet::{self, DeviceFilter, MemberReason, MemberRow};
use baluardo_service::identity;
use baluardo_service::protection::{self, FindingFilter};
use std::time::Duration;

routes! {
    own { get "/overview" overview, Signed; }
    tenant {}
}

/// How many rows a home shows of each kind; the lists have the rest.
const FEW: usize = 8;

/// What counts as new.
const YESTERDAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn overview(signed: Signed) -> PageResult {
    let role = signed.visit.signed.as_ref().map(|session| session.person.role);
    match role {
        Some(Role::Operator) => operator(&signed).await,
        Some(Role::Rtd) => rtd(&signed).await,
        Some(Role::Coordinator | Role::Auditor) => oversight(&signed).await,
        Some(Role::PoliceAnalyst) => police(&signed).await,
        _ => clerk(&signed).await,
    }
}

async fn rtd(signed: &Signed) -> PageResult {
    let found = protection::tenant_overview(signed.house(), &signed.actor, signed.tenant).await;
    let found = found.map_err(|e| signed.fail(e))?;
    let devices = fleet::list_devices(signed.house(), &signed.actor, signed.tenant, &DeviceFilter::default()).await;
    let newest = FindingFilter::default();
    let findings = protection::list_findings(signed.house(), &signed.actor, signed.tenant, &newest).await;
    let view = RtdOverview {
        chrome: signed.chrome(Section::Overview).await?,
        comune: signed.visit.signed.as_ref().map(|session| session.tenant.name.clone()).unwrap_or_default(),
        todos: rows::todos(&found),
        devices: rows::device_counts(&devices.map_err(|e| signed.fail(e))?),
        findings: findings.map_err(|e| signed.fail(e))?.findings.iter().take(FEW).map(rows::finding).collect(),
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

async fn operator(signed: &Signed) -> PageResult {
    let members = fleet::member_overview(signed.house(), &signed.actor).await.map_err(|e| signed.fail(e))?;
    let queue = list_requests(signed.house(), &signed.actor, &RequestFilter::default()).await;
    let queue = queue.map_err(|e| signed.fail(e))?;
    let burning: Vec<&MemberRow> = members.iter().filter(|row| row.reason != MemberReason::Calm).collect();
    let since = signed.house().now().minus(YESTERDAY);
    let view = OperatorOverview {
        chrome: signed.chrome(Section::Overview).await?,
        comuni: members.len() as u64,
        burning: burning.iter().take(FEW).map(|row| rows::ranked(row)).collect(),
        burning_total: burning.len() as u64,
        requests: queue.requests.iter().take(FEW).map(requests::queue_row).collect(),
        requests_total: queue.waiting as u64,
        changes: changes(
            &members,
            &queue.requests.iter().map(|request| request.sla.started).collect::<Vec<_>>(),
            since,
        ),
    };
    Ok(if wants_live(&signed.visit.headers) {
        page(signed.lang(), &view.as_live())
    } else {
        page(signed.lang(), &view)
    })
}

/// What is new since yesterday; what did not change is not listed.
fn changes(members: &[MemberRow], requests: &[Timestamp], since: Timestamp) -> Vec<Changed> {
    let findings = members.iter().filter(|row| row.last_change.is_some_and(|at| at >= since)).count();
    let requests = requests.iter().filter(|at| **at >= since).count();
    let all = [("findings", findings, "/comuni?state=burning"), ("requests", requests, "/requests")];
    all.into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(code, count, href)| Changed { code: code.to_owned(), count: count as u64, href: href.to_owned() })
        .collect()
}

async fn oversight(signed: &Signed) -> PageResult {
    let (house, actor, tenant) = (signed.house(), &signed.actor, signed.tenant);
    // Each part for who may see it: an auditor of a comune sees no members, a coordinator no log.
    let reach = allowed(fleet::adhesion_figures(house, actor).await).map_err(|e| signed.fail(e))?;
    let log = allowed(audit::list_audit(house, actor, tenant, &AuditQuery::default()).await);
    let log = log.map_err(|e| signed.fail(e))?;
    let check = match &log {
        Some(_) => Some(pages::audit::check(signed, Extent::New).await?),
        None => None,
    };
    let newest =
        log.map(|found| found.lines.iter().take(FEW).map(|line| pages::audit::audit_row(line, tenant)).collect());
    let view = OversightHome {
        chrome: signed.chrome(Section::Overview).await?,
        tenant: signed.me()?.tenant.name.clone(),
        reach: reach.as_ref().map(rows::reach),
        log: newest,
        check,
    };
    Ok(page(signed.lang(), &view))
}

/// What somebody may see; nothing for who may not.
fn allowed<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(seen) => Ok(Some(seen)),
        Err(Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn police(signed: &Signed) -> PageResult {
    let consortium = identity::first_consortium(signed.house()).await.map_err(|e| signed.fail(e))?;
    let view = PoliceHome {
        chrome: signed.chrome(Section::Overview).await?,
        tenant: signed.me()?.tenant.name.clone(),
        consortium: consortium.name,
        contact: signed.house().settings().mail_from.clone(),
    };
    Ok(page(signed.lang(), &view))
}

async fn clerk(signed: &Signed) -> PageResult {
    let rtd = identity::rtd_of(signed.house(), &signed.actor).await.map_err(|e| signed.fail(e))?;
    let (rtd_name, rtd_email) = rtd.map(|person| (person.name, person.email)).unwrap_or_default();
    let tenant = signed.visit.signed.as_ref().map(|session| session.tenant.name.clone()).unwrap_or_default();
    let view = ClerkHome { chrome: signed.chrome(Section::Overview).await?, tenant, rtd_name, rtd_email };
    Ok(page(signed.lang(), &view))
}

impl DeviceCounts {
    /// Counts one more device.
    pub(crate) const fn add(&mut self, status: crate::view::fleet::DeviceStatus) {
        use crate::view::fleet::DeviceStatus as S;
        match status {
            S::Protected => self.protected += 1,
            S::Detecting => self.detecting += 1,
            S::Silent => self.silent += 1,
            S::NotCovered => self.not_covered += 1,
            S::Revoked => {}
        }
    }
}
