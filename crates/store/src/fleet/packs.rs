//! Packs of rules and indicators, and their bytes in pieces.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};

crate::statements! {
    KEEP = "INSERT INTO pack (tenant, name, sha256, bytes, rules, indicators, exclusions, skipped, report, imported_at,
        imported_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (tenant, name) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes, rules = excluded.rules,
        indicators = excluded.indicators, exclusions = excluded.exclusions, skipped = excluded.skipped,
        report = excluded.report, imported_at = excluded.imported_at, imported_by = excluded.imported_by";
    ALL = "SELECT name, sha256, bytes, rules, indicators, exclusions, skipped, report, imported_at, imported_by FROM pack
        WHERE tenant = $1 ORDER BY name";
    REMOVE = "DELETE FROM pack WHERE tenant = $1 AND name = $2";
    KEEP_PIECE = "INSERT INTO pack_piece (tenant, sha256, seq, body) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, sha256, seq) DO NOTHING";
    PIECE = "SELECT body FROM pack_piece WHERE tenant = $1 AND sha256 = $2 AND seq = $3";
    FORGET_PIECES = "DELETE FROM pack_piece WHERE tenant = $1
        AND sha256 NOT IN (SELECT p.sha256 FROM pack p WHERE p.tenant = $1)";
}

/// A rule or a line that is not in force, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it stands: a file, and a rule of it.
    pub place: String,
    /// Why, in one line.
    pub reason: String,
}

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackRow {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Rules in force.
    pub rules: u64,
    /// Digests of bad files.
    pub indicators: u64,
    /// Digests of good files.
    pub exclusions: u64,
    /// How many rules and lines are not in force.
    pub skipped: u64,
    /// The first of them.
    pub report: Vec<LeftOut>,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// By whom.
    pub imported_by: String,
}

fn pack(row: &Row) -> Result<PackRow, StoreError> {
    Ok(PackRow {
        name: row.text(0)?,
        sha256: row.text(1)?,
        bytes: row.count(2)?,
        rules: row.count(3)?,
        indicators: row.count(4)?,
        exclusions: row.count(5)?,
        skipped: row.count(6)?,
        report: row.json(7, "pack", "report")?,
        imported_at: row.time(8)?,
        imported_by: row.text(9)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a pack in place of the one with the same name. Its pieces must be kept in the same transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_pack(&mut self, row: &PackRow) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            row.name.as_str(),
            row.sha256.as_str(),
            row.bytes,
            row.rules,
            row.indicators,
            row.exclusions,
            row.skipped,
            to_json(&row.report),
            row.imported_at,
            row.imported_by.as_str(),
        ];
        self.tx.execute(KEEP, values).await.map(drop)
    }

    /// Every pack, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn packs(&mut self) -> Result<Vec<PackRow>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(pack).collect()
    }

    /// Removes a pack; false when there is none of this name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_pack(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(REMOVE, args![self.tenant, name]).await? == 1)
    }

    /// Keeps a piece, in base64.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_pack_piece(&mut self, sha256: &str, seq: u64, body: String) -> Result<(), StoreError> {
        self.tx.execute(KEEP_PIECE, args![self.tenant, sha256, seq, body]).await.map(drop)
    }

    /// A piece, in base64.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pack_piece(&mut self, sha256: &str, seq: u64) -> Result<Option<String>, StoreError> {
        self.tx.optional(PIECE, args![self.tenant, sha256, seq]).await?.map(|row| row.text(0)).transpose()
    }

    /// Forgets the pieces of packs that are no more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_pack_pieces(&mut self) -> Result<(), StoreError> {
        self.tx.execute(FORGET_PIECES, args![self.tenant]).await.map(drop)
    }
}
