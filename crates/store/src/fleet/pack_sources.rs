//! Where packs are fetched from, and how that went.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::{TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    KEEP = "INSERT INTO pack_source (tenant, name, address, every_hours, content, due_at, tried_at, fetched_at, failure)
        VALUES ($1, $2, $3, $4, '', $5, 0, 0, '')
        ON CONFLICT (tenant, name) DO UPDATE SET address = excluded.address, every_hours = excluded.every_hours,
        content = '', due_at = excluded.due_at, failure = ''";
    ALL = "SELECT name, address, every_hours, content, due_at, tried_at, fetched_at, failure FROM pack_source
        WHERE tenant = $1 ORDER BY name";
    CLAIM = "UPDATE pack_source SET due_at = $4, tried_at = $5 WHERE tenant = $1 AND name = $2 AND due_at = $3";
    NOTE = "UPDATE pack_source SET content = $4, due_at = $5, fetched_at = $6, failure = $7
        WHERE tenant = $1 AND name = $2 AND address = $3";
    REMOVE = "DELETE FROM pack_source WHERE tenant = $1 AND name = $2";
    DUE = "SELECT tenant, name, due_at FROM pack_source WHERE due_at > 0 AND due_at <= $1 ORDER BY due_at LIMIT 16";
}

/// Where a pack is fetched from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackSource {
    /// The pack's name.
    pub name: String,
    /// The address.
    pub address: String,
    /// After how many hours it is fetched again; 0 for only when somebody asks.
    pub every_hours: u64,
    /// SHA-256 of what was fetched and taken in last; empty where nothing was.
    pub content: String,
    /// When it is fetched next; none for not by itself.
    pub due_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// When that last went well.
    pub fetched_at: Option<Timestamp>,
    /// Why the last try brought nothing; empty when it went well.
    pub failure: String,
}

fn source(row: &Row) -> Result<PackSource, StoreError> {
    let time = |at: usize| Ok::<_, StoreError>(Some(row.time(at)?).filter(|at| *at > Timestamp::from_micros(0)));
    Ok(PackSource {
        name: row.text(0)?,
        address: row.text(1)?,
        every_hours: row.count(2)?,
        content: row.text(3)?,
        due_at: time(4)?,
        tried_at: time(5)?,
        fetched_at: time(6)?,
        failure: row.text(7)?,
    })
}

fn or_zero(at: Option<Timestamp>) -> Timestamp {
    at.unwrap_or(Timestamp::from_micros(0))
}

impl TenantTx<'_> {
    /// Keeps where a pack is fetched from, to be fetched at `due`. What was fetched before is forgotten, so that it is taken in again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_pack_source(
        &mut self,
        name: &str,
        address: &str,
        every_hours: u64,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.tx.execute(KEEP, args![self.tenant, name, address, every_hours, or_zero(due)]).await.map(drop)
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pack_sources(&mut self) -> Result<Vec<PackSource>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(source).collect()
    }

    /// Takes one up that was due at `due`, until `again`; false when somebody else did.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_pack_source(
        &mut self,
        name: &str,
        due: Timestamp,
        again: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(CLAIM, args![self.tenant, name, due, again, now]).await? == 1)
    }

    /// Notes how a try went; nothing is noted where the source was changed meanwhile.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_pack_source(&mut self, source: &PackSource) -> Result<(), StoreError> {
        let (name, address) = (source.name.as_str(), source.address.as_str());
        let (due, fetched) = (or_zero(source.due_at), or_zero(source.fetched_at));
        let values = args![self.tenant, name, address, source.content.as_str(), due, fetched, source.failure.as_str()];
        self.tx.execute(NOTE, values).await.map(drop)
    }

    /// Forgets where a pack is fetched from; false when nothing was known.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_pack_source(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(REMOVE, args![self.tenant, name]).await? == 1)
    }
}

impl PlatformTx<'_> {
    /// Those of all tenants that are due at `now`, and since when.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_pack_sources(&mut self, now: Timestamp) -> Result<Vec<(TenantId, String, Timestamp)>, StoreError> {
        let rows = self.tx.all(DUE, args![now]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "pack_source", "tenant")?, row.text(1)?, row.time(2)?))).collect()
    }
}
