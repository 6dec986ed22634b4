//! Who writes in the comune's name, by what receivers report.

use crate::answer::PageResult;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::dmarc::{DmarcDomainRow, DmarcPage, DmarcSourceRow};
use crate::visit::Signed;
use baluardo_model::dmarc::Disposition;
use baluardo_service::mail::{self, DmarcDomain, DmarcSource};

routes! {
    own {}
    tenant {
        get "/mail/dmarc" list;
    }
}

/// A domain and what is said of it.
pub(crate) fn domain_row(found: DmarcDomain) -> DmarcDomainRow {
    let DmarcDomain { domain, sums, advice } = found;
    DmarcDomainRow {
        domain,
        policy: sums.policy.map(|policy: Disposition| policy.code().to_owned()),
        advice: advice.code().to_owned(),
        reports: sums.reports,
        receivers: sums.receivers,
        until: sums.until,
        count: sums.count,
        proved: sums.proved,
        stopped: sums.stopped,
        sources: sums.sources.into_iter().map(source_row).collect(),
    }
}

fn source_row(found: DmarcSource) -> DmarcSourceRow {
    let DmarcSource { source, signed_by, envelope, count, proved, stopped } = found;
    DmarcSourceRow { source, signed_by, envelope, count, proved, stopped }
}

async fn list(signed: Signed) -> PageResult {
    let found = mail::list_dmarc(signed.house(), &signed.actor, signed.tenant).await.map_err(|e| signed.fail(e))?;
    let domains = found.into_iter().map(domain_row).collect();
    Ok(page(signed.lang(), &DmarcPage { chrome: signed.chrome(Section::Mail).await?, domains }))
}
