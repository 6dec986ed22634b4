//! Rounds of hunts, as the consortium that started them reads them: of the comuni that leave it the management now.

use super::hunts::HuntRow;
use crate::error::StoreError;
use crate::scope::ConsortiumTx;
use crate::tx::{Row, args};
use baluardo_model::hunt::HuntState;
use baluardo_model::{HuntId, TenantId, Timestamp};

crate::statements! {
    ROUNDS = "SELECT h.round, MAX(h.asked_at) FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        WHERE t.consortium = $1 AND h.round <> '' GROUP BY h.round ORDER BY MAX(h.asked_at) DESC LIMIT $2";
    HUNTS = "SELECT h.hunt, h.quarry, h.folders, h.reason, h.asked_by, h.asked_at, h.until, h.stopped_at, h.tenant, t.name
        FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        WHERE t.consortium = $1 AND h.round = $2 AND t.management = 'central' ORDER BY t.name, h.tenant";
    LEFT = "SELECT COUNT(*) FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        WHERE t.consortium = $1 AND h.round = $2 AND t.management <> 'central'";
    STATES = "SELECT h.hunt, d.state, COUNT(*) FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        JOIN hunt_device d ON d.tenant = h.tenant AND d.hunt = h.hunt
        WHERE t.consortium = $1 AND h.round = $2 AND t.management = 'central' GROUP BY h.hunt, d.state";
    HITS = "SELECT h.hunt, COUNT(*), COUNT(DISTINCT f.device) FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        JOIN hunt_hit f ON f.tenant = h.tenant AND f.hunt = h.hunt
        WHERE t.consortium = $1 AND h.round = $2 AND t.management = 'central' GROUP BY h.hunt";
    WHAT = "SELECT f.what, COUNT(*), COUNT(DISTINCT h.tenant) FROM hunt h JOIN tenant t ON t.tenant = h.tenant
        JOIN hunt_hit f ON f.tenant = h.tenant AND f.hunt = h.hunt
        WHERE t.consortium = $1 AND h.round = $2 AND t.management = 'central'
        GROUP BY f.what ORDER BY COUNT(*) DESC, f.what LIMIT $3";
}

/// What was found, how often, and in how many comuni.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundFound {
    /// What: foreign text.
    pub what: String,
    /// How often.
    pub hits: u64,
    /// In how many comuni.
    pub members: u64,
}

/// The hunt of one comune in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberHuntRow {
    /// Whose.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// The hunt.
    pub hunt: HuntRow,
}

impl ConsortiumTx<'_> {
    /// The newest rounds, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_rounds(&mut self, limit: u32) -> Result<Vec<(HuntId, Timestamp)>, StoreError> {
        let rows = self.tx.all(ROUNDS, args![self.consortium, i64::from(limit)]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "hunt", "round")?, row.time(1)?))).collect()
    }

    /// The hunts of a round, by comune.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round_hunts(&mut self, round: HuntId) -> Result<Vec<MemberHuntRow>, StoreError> {
        let member = |row: &Row| {
            Ok(MemberHuntRow {
                hunt: super::hunts::hunt(row)?,
                tenant: row.parsed(8, "hunt", "tenant")?,
                name: row.text(9)?,
            })
        };
        self.tx.all(HUNTS, args![self.consortium, round]).await?.iter().map(member).collect()
    }

    /// How many comuni of a round took their management back since.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round_left(&mut self, round: HuntId) -> Result<u64, StoreError> {
        let left = self.tx.number(LEFT, args![self.consortium, round]).await?;
        Ok(u64::try_from(left).unwrap_or(0))
    }

    /// For each hunt of a round how many devices stand how, as they last told.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round_states(&mut self, round: HuntId) -> Result<Vec<(HuntId, HuntState, u64)>, StoreError> {
        let count = |row: &Row| {
            let state = row.coded(1, HuntState::from_code, "hunt_device", "state")?;
            Ok((row.parsed(0, "hunt", "hunt")?, state, row.count(2)?))
        };
        self.tx.all(STATES, args![self.consortium, round]).await?.iter().map(count).collect()
    }

    /// For each hunt of a round that found something: how much, and on how many devices.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round_hits(&mut self, round: HuntId) -> Result<Vec<(HuntId, u64, u64)>, StoreError> {
        let count = |row: &Row| Ok((row.parsed(0, "hunt", "hunt")?, row.count(1)?, row.count(2)?));
        self.tx.all(HITS, args![self.consortium, round]).await?.iter().map(count).collect()
    }

    /// What a round found most often.
    ///
    /// # Errors
    /// What the database says.
    pub async fn round_found(&mut self, round: HuntId, limit: u32) -> Result<Vec<RoundFound>, StoreError> {
        let found = |row: &Row| Ok(RoundFound { what: row.text(0)?, hits: row.count(1)?, members: row.count(2)? });
        self.tx.all(WHAT, args![self.consortium, round, i64::from(limit)]).await?.iter().map(found).collect()
    }
}
