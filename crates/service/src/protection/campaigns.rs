//! Campaigns: one address that tries several devices, or several comuni, is one story.
//!
//! They are joined as findings arrive, in the same transaction. A comune sees what was tried on itself, and how many
//! others the same address tried only where these are at least [`FEWEST`]; fewer would tell who they are. The consortium
//! sees who was tried among those who left it the management.

use crate::error::Error;
use crate::fleet::FEWEST;
use crate::house::House;
use crate::rights::{Act, consortium_scope, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::protection::{Finding, Severity};
use baluardo_model::{CampaignId, Chance, DeviceId, TenantId, Timestamp};
use baluardo_store::protection::campaigns::{MemberShare, OwnShare};
use baluardo_store::{StoreError, TenantTx};
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;

/// An address that is quiet for so long begins a new campaign with its next try.
const WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// How far back campaigns are shown.
const SHOWN: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The most shares that are read for one list.
const MOST: u32 = 2_000;

/// From this severity a finding is part of a campaign: below it stand log-ins at odd hours and the like, which a supplier's
/// technician does in ten comuni in one night.
const LEAST: Severity = Severity::High;

/// A campaign as a comune sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Campaign {
    /// Which.
    pub id: CampaignId,
    /// The address that tries.
    pub source: IpAddr,
    /// Own devices that it tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
    /// When the first of the own findings came.
    pub first_at: Timestamp,
    /// When the newest grew.
    pub last_at: Timestamp,
    /// How many other comuni it tried; nothing while they are fewer than [`FEWEST`].
    pub others: Option<u64>,
}

/// A campaign as the consortium sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MembersCampaign {
    /// Which.
    pub id: CampaignId,
    /// The address that tries.
    pub source: IpAddr,
    /// Devices that it tried.
    pub devices: u64,
    /// How many events stand behind it.
    pub tries: u64,
    /// When the first of its findings came.
    pub first_at: Timestamp,
    /// When the newest grew.
    pub last_at: Timestamp,
    /// Whom it tried, by name.
    pub members: Vec<TriedMember>,
}

/// A member that a campaign tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedMember {
    /// Which.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Devices of it that were tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
}

/// Joins a finding that arrives to the campaign of its source, if it has one and is grave enough.
pub(crate) async fn join(
    rows: &mut TenantTx<'_>,
    device: DeviceId,
    finding: &Finding,
    (now, chance): (Timestamp, &dyn Chance),
) -> Result<(), StoreError> {
    let Some(intrusion) = finding.intrusion.as_ref().filter(|_| finding.severity >= LEAST) else { return Ok(()) };
    let Some(source) = intrusion.source else { return Ok(()) };
    let (since, fresh) = (now.minus(WINDOW), CampaignId::new(now, chance));
    rows.join_campaign((finding.id, device), (source, intrusion.count), (since, now), fresh).await?;
    Ok(())
}

/// The campaigns of the last thirty days that `tenant` may know of, the newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_campaigns(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<Campaign>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeFindings, tenant).await?;
    let shares = tx.tenant(scope).own_shares(house.now().minus(SHOWN), MOST).await?;
    Ok(shares.iter().filter_map(told).collect())
}

/// The campaigns of the last thirty days against the members of the actor's consortium, the newest first.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn list_member_campaigns(house: &House, actor: &Actor) -> Result<Vec<MembersCampaign>, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeCampaigns).await?;
    let shares = tx.consortium(scope).member_shares(house.now().minus(SHOWN), MOST).await?;
    Ok(gathered(shares))
}

/// What a comune may know of its share: nothing where one device was tried and too few others to be told.
pub(super) fn told(share: &OwnShare) -> Option<Campaign> {
    let others = Some(share.others).filter(|others| *others >= FEWEST);
    (share.devices > 1 || others.is_some()).then_some(Campaign {
        id: share.campaign,
        source: share.source,
        devices: share.devices,
        tries: share.tries,
        first_at: share.first_at,
        last_at: share.last_at,
        others,
    })
}

/// Shares come campaign by campaign; what tried one device only is none.
fn gathered(shares: Vec<MemberShare>) -> Vec<MembersCampaign> {
    let mut campaigns: Vec<MembersCampaign> = Vec::new();
    for share in shares {
        let member = TriedMember { tenant: share.tenant, name: share.name, devices: share.devices, tries: share.tries };
        match campaigns.last_mut().filter(|last| last.id == share.campaign) {
            Some(last) => {
                last.devices = last.devices.saturating_add(share.devices);
                last.tries = last.tries.saturating_add(share.tries);
                last.first_at = last.first_at.min(share.first_at);
                last.last_at = last.last_at.max(share.last_at);
                last.members.push(member);
            }
            None => campaigns.push(MembersCampaign {
                id: share.campaign,
                source: share.source,
                devices: share.devices,
                tries: share.tries,
                first_at: share.first_at,
                last_at: share.last_at,
                members: vec![member],
            }),
        }
    }
    campaigns.retain(|campaign| campaign.devices > 1);
    campaigns
}
