//! Campaigns: what one address tries on several devices, joined as findings arrive.
//!
//! A comune reads its own share, and of the others only how many they are. A consortium reads the shares of those who left
//! it the management.

use crate::error::StoreError;
use crate::scope::{ConsortiumTx, TenantTx};
use crate::tx::args;
use baluardo_model::intrusion::is_local;
use baluardo_model::{CampaignId, DeviceId, FindingId, TenantId, Timestamp};
use std::net::IpAddr;

crate::statements! {
    OF_FINDING = "SELECT campaign FROM campaign_share WHERE tenant = $1 AND finding = $2";
    OPEN = "SELECT c.campaign FROM campaign c JOIN tenant me ON me.tenant = $1
        AND c.tenant = CASE WHEN $4 = 1 THEN me.tenant ELSE me.consortium END
        WHERE c.source = $2 AND c.last_at >= $3 ORDER BY c.last_at DESC, c.campaign LIMIT 1";
    BEGIN = "INSERT INTO campaign (tenant, campaign, source, last_at)
        SELECT CASE WHEN $5 = 1 THEN me.tenant ELSE me.consortium END, $2, $3, $4 FROM tenant me WHERE me.tenant = $1";
    TOUCH = "UPDATE campaign SET last_at = $3 WHERE campaign = $2 AND last_at < $3
        AND EXISTS (SELECT 1 FROM tenant me WHERE me.tenant = $1 AND campaign.tenant IN (me.tenant, me.consortium))";
    SHARE = "INSERT INTO campaign_share (tenant, finding, campaign, device, tries, first_at, last_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        ON CONFLICT (tenant, finding) DO UPDATE SET tries = excluded.tries, last_at = excluded.last_at";
    OWN = "SELECT c.campaign, c.source, COUNT(DISTINCT s.device), CAST(SUM(s.tries) AS BIGINT), MIN(s.first_at),
        MAX(s.last_at),
        (SELECT COUNT(DISTINCT o.tenant) FROM campaign_share o WHERE o.campaign = c.campaign AND o.tenant <> $1)
        FROM campaign_share s JOIN campaign c ON c.campaign = s.campaign
        WHERE s.tenant = $1 AND ($3 = '' OR c.campaign = $3)
        GROUP BY c.campaign, c.source
        HAVING MAX(s.last_at) >= $2
        ORDER BY MAX(s.last_at) DESC, c.campaign LIMIT $4";
    MEMBERS = "SELECT c.campaign, c.source, t.tenant, t.name, COUNT(DISTINCT s.device), CAST(SUM(s.tries) AS BIGINT),
        MIN(s.first_at), MAX(s.last_at)
        FROM campaign c JOIN campaign_share s ON s.campaign = c.campaign JOIN tenant t ON t.tenant = s.tenant
        WHERE c.tenant = $1 AND c.last_at >= $2 AND t.consortium = $1
        AND (t.management = 'central' OR t.kind = 'consortium')
        GROUP BY c.campaign, c.source, c.last_at, t.tenant, t.name
        ORDER BY c.last_at DESC, c.campaign, t.name, t.tenant LIMIT $3";
}

/// A tenant's share in a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnShare {
    /// Which campaign.
    pub campaign: CampaignId,
    /// The address that tries.
    pub source: IpAddr,
    /// Devices of the tenant that it tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
    /// When the first of its findings came.
    pub first_at: Timestamp,
    /// When the newest grew.
    pub last_at: Timestamp,
    /// How many other tenants it tried.
    pub others: u64,
}

/// A member's share in a campaign, as its consortium sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberShare {
    /// Which campaign.
    pub campaign: CampaignId,
    /// The address that tries.
    pub source: IpAddr,
    /// Which member.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Devices of it that were tried.
    pub devices: u64,
    /// How many events stand behind it there.
    pub tries: u64,
    /// When the first of its findings came.
    pub first_at: Timestamp,
    /// When the newest grew.
    pub last_at: Timestamp,
}

impl TenantTx<'_> {
    /// Joins a finding to the campaign of its source: to the one that it belongs to already, to one whose last sign is not
    /// older than `since`, or to a new one under the id `fresh`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn join_campaign(
        &mut self,
        (finding, device): (FindingId, DeviceId),
        (source, tries): (IpAddr, u64),
        (since, now): (Timestamp, Timestamp),
        fresh: CampaignId,
    ) -> Result<CampaignId, StoreError> {
        let local = i64::from(is_local(source));
        let address = source.to_canonical().to_string();
        let known = self.tx.optional(OF_FINDING, args![self.tenant, finding]).await?;
        let known = match known {
            Some(row) => Some(row),
            None => {
                // Two findings at the same instant must not begin two campaigns.
                self.tx.hold_turn(&format!("campaign {address}")).await?;
                self.tx.optional(OPEN, args![self.tenant, address.as_str(), since, local]).await?
            }
        };
        let campaign = match known {
            Some(row) => row.parsed(0, "campaign", "campaign")?,
            None => {
                self.tx.execute(BEGIN, args![self.tenant, fresh, address, now, local]).await?;
                fresh
            }
        };
        self.tx.execute(TOUCH, args![self.tenant, campaign, now]).await?;
        self.tx.execute(SHARE, args![self.tenant, finding, campaign, device, tries, now]).await?;
        Ok(campaign)
    }

    /// The campaigns with a sign since then in which this tenant has a share, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn own_shares(&mut self, since: Timestamp, limit: u32) -> Result<Vec<OwnShare>, StoreError> {
        self.shares(since, "", limit).await
    }

    /// This tenant's share in the campaign that a finding belongs to.
    ///
    /// # Errors
    /// What the database says.
    pub async fn share_of_finding(&mut self, finding: FindingId) -> Result<Option<OwnShare>, StoreError> {
        let Some(row) = self.tx.optional(OF_FINDING, args![self.tenant, finding]).await? else { return Ok(None) };
        let campaign = row.text(0)?;
        Ok(self.shares(Timestamp::from_micros(0), &campaign, 1).await?.pop())
    }

    async fn shares(&mut self, since: Timestamp, campaign: &str, limit: u32) -> Result<Vec<OwnShare>, StoreError> {
        let rows = self.tx.all(OWN, args![self.tenant, since, campaign, i64::from(limit)]).await?;
        rows.iter()
            .map(|row| {
                Ok(OwnShare {
                    campaign: row.parsed(0, "campaign", "campaign")?,
                    source: row.parsed(1, "campaign", "source")?,
                    devices: row.count(2)?,
                    tries: row.count(3)?,
                    first_at: row.time(4)?,
                    last_at: row.time(5)?,
                    others: row.count(6)?,
                })
            })
            .collect()
    }
}

impl ConsortiumTx<'_> {
    /// Shares of the members under central management in campaigns with a sign since then, campaign by campaign, the newest
    /// first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_shares(&mut self, since: Timestamp, limit: u32) -> Result<Vec<MemberShare>, StoreError> {
        let rows = self.tx.all(MEMBERS, args![self.consortium, since, i64::from(limit)]).await?;
        rows.iter()
            .map(|row| {
                Ok(MemberShare {
                    campaign: row.parsed(0, "campaign", "campaign")?,
                    source: row.parsed(1, "campaign", "source")?,
                    tenant: row.parsed(2, "campaign_share", "tenant")?,
                    name: row.text(3)?,
                    devices: row.count(4)?,
                    tries: row.count(5)?,
                    first_at: row.time(6)?,
                    last_at: row.time(7)?,
                })
            })
            .collect()
    }
}
