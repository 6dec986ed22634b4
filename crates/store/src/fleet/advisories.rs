//! Known vulnerabilities as they were imported: public knowledge, the same for every tenant.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::vulnerability::Advisory;
use baluardo_model::{DeviceId, Timestamp};

crate::statements! {
    CLEAR = "DELETE FROM advisory WHERE tenant = 'platform' AND feed = $1";
    CLEAR_TEXTS = "DELETE FROM advisory_text WHERE tenant = 'platform' AND feed = $1";
    CLEAR_FEED = "DELETE FROM advisory_feed WHERE tenant = 'platform' AND feed = $1";
    ADD = "INSERT INTO advisory (tenant, feed, release, source, document) VALUES ('platform', $1, $2, $3, $4)";
    ADD_TEXT = "INSERT INTO advisory_text (tenant, feed, vulnerability, words) VALUES ('platform', $1, $2, $3)";
    ADD_FEED = "INSERT INTO advisory_feed (tenant, feed, origin, imported_at, sources, vulnerabilities)
        VALUES ('platform', $1, $2, $3, $4, $5)";
    FEEDS = "SELECT feed, origin, imported_at, sources, vulnerabilities FROM advisory_feed WHERE tenant = 'platform'
        ORDER BY feed";
    TEXT = "SELECT words FROM advisory_text WHERE tenant = 'platform' AND vulnerability = $1 ORDER BY feed LIMIT 1";
    OF_TENANT = "SELECT a.release, a.source, a.document FROM advisory a WHERE a.tenant = 'platform'
        AND EXISTS (SELECT 1 FROM device_package p WHERE p.tenant = $1 AND p.source = a.source)
        AND a.release IN (SELECT i.release FROM device_inventory i WHERE i.tenant = $1)";
    OF_DEVICE = "SELECT a.release, a.source, a.document FROM advisory a WHERE a.tenant = 'platform'
        AND a.source IN (SELECT p.source FROM device_package p WHERE p.tenant = $1 AND p.device = $2)
        AND a.release IN (SELECT i.release FROM device_inventory i WHERE i.tenant = $1 AND i.device = $2)";
    OF_SOURCE = "SELECT a.release, a.source, a.document FROM advisory a WHERE a.tenant = 'platform' AND a.source = $1";
}

/// A feed that was imported.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FeedRow {
    /// Its stable word: `debian` or `osv`.
    pub feed: String,
    /// From which file or address.
    pub origin: String,
    /// When.
    pub imported_at: Timestamp,
    /// Source packages of which something is known.
    pub sources: u64,
    /// Vulnerabilities that are known.
    pub vulnerabilities: u64,
}

/// What is known of one source package in one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryRow {
    /// Distribution and release, such as `debian:12`.
    pub release: String,
    /// The source package.
    pub source: String,
    /// What is known.
    pub advisories: Vec<Advisory>,
}

fn advisory(row: &Row) -> Result<AdvisoryRow, StoreError> {
    Ok(AdvisoryRow { release: row.text(0)?, source: row.text(1)?, advisories: row.json(2, "advisory", "document")? })
}

impl PlatformTx<'_> {
    /// Forgets a feed, to write it anew in the same transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn clear_feed(&mut self, feed: &str) -> Result<(), StoreError> {
        for statement in [CLEAR, CLEAR_TEXTS, CLEAR_FEED] {
            self.tx.execute(statement, args![feed]).await?;
        }
        Ok(())
    }

    /// Writes that a feed was imported.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_feed(&mut self, row: &FeedRow) -> Result<(), StoreError> {
        let values = args![row.feed.as_str(), row.origin.as_str(), row.imported_at, row.sources, row.vulnerabilities];
        self.tx.execute(ADD_FEED, values).await.map(drop)
    }

    /// Writes what is known of one source in one release.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_advisories(&mut self, feed: &str, row: &AdvisoryRow) -> Result<(), StoreError> {
        let values = args![feed, row.release.as_str(), row.source.as_str(), to_json(&row.advisories)];
        self.tx.execute(ADD, values).await.map(drop)
    }

    /// Writes what a vulnerability is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_advisory_text(&mut self, feed: &str, id: &str, words: &str) -> Result<(), StoreError> {
        self.tx.execute(ADD_TEXT, args![feed, id, words]).await.map(drop)
    }

    /// The feeds that were imported.
    ///
    /// # Errors
    /// What the database says.
    pub async fn feeds(&mut self) -> Result<Vec<FeedRow>, StoreError> {
        let feed = |row: &Row| {
            Ok(FeedRow {
                feed: row.text(0)?,
                origin: row.text(1)?,
                imported_at: row.time(2)?,
                sources: row.count(3)?,
                vulnerabilities: row.count(4)?,
            })
        };
        self.tx.all(FEEDS, args![]).await?.iter().map(feed).collect()
    }

    /// What a vulnerability is, in the words of a feed; empty where no feed has any.
    ///
    /// # Errors
    /// What the database says.
    pub async fn advisory_text(&mut self, id: &str) -> Result<String, StoreError> {
        self.tx.optional(TEXT, args![id]).await?.map_or_else(|| Ok(String::new()), |row| row.text(0))
    }

    /// What is known of one source package, in every release.
    ///
    /// # Errors
    /// What the database says.
    pub async fn advisories_of_source(&mut self, source: &str) -> Result<Vec<AdvisoryRow>, StoreError> {
        self.tx.all(OF_SOURCE, args![source]).await?.iter().map(advisory).collect()
    }
}

impl TenantTx<'_> {
    /// What is known of the sources that the tenant's devices have.
    ///
    /// # Errors
    /// What the database says.
    pub async fn advisories(&mut self) -> Result<Vec<AdvisoryRow>, StoreError> {
        self.tx.all(OF_TENANT, args![self.tenant]).await?.iter().map(advisory).collect()
    }

    /// What is known of the sources of one device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn advisories_of_device(&mut self, device: DeviceId) -> Result<Vec<AdvisoryRow>, StoreError> {
        self.tx.all(OF_DEVICE, args![self.tenant, device]).await?.iter().map(advisory).collect()
    }
}
