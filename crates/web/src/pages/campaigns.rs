//! Campaigns: one address that tries several devices or comuni.

use crate::answer::{PageError, PageResult};
use crate::pages::rows;
use crate::render::page;
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::intrusion::CampaignsPage;
use crate::visit::Signed;
use baluardo_service::{Error, protection};

routes! {
    own {}
    tenant { get "/campaigns" campaigns; }
}

async fn campaigns(signed: Signed) -> PageResult {
    let of_members = of_members(&signed).await?;
    let own = match of_members {
        Some(_) => Vec::new(),
        None => protection::list_campaigns(signed.house(), &signed.actor, signed.tenant)
            .await
            .map_err(|e| signed.fail(e))?,
    };
    let view = CampaignsPage {
        chrome: signed.chrome(Section::Campaigns).await?,
        own: own.iter().map(rows::campaign).collect(),
        members: of_members.map(|found| found.iter().map(rows::members_campaign).collect()),
    };
    Ok(page(signed.lang(), &view))
}

/// What a consortium's operator sees at home; nothing for everybody else, and inside a comune.
async fn of_members(signed: &Signed) -> Result<Option<Vec<protection::MembersCampaign>>, PageError> {
    if !signed.visit.base.is_empty() {
        return Ok(None);
    }
    match protection::list_member_campaigns(signed.house(), &signed.actor).await {
        Err(Error::Forbidden) => Ok(None),
        answer => answer.map(Some).map_err(|e| signed.fail(e)),
    }
}

/// How many campaigns the reader may know of; none where that cannot be said.
pub(super) async fn known(signed: &Signed) -> u64 {
    let count = match of_members(signed).await {
        Ok(Some(found)) => found.len(),
        Ok(None) => {
            let own = protection::list_campaigns(signed.house(), &signed.actor, signed.tenant).await;
            own.map_or(0, |own| own.len())
        }
        Err(_) => 0,
    };
    count as u64
}
