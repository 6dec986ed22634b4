//! What people said of files that were found.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::protection::{FindingKind, Judgement, Reason};
use baluardo_model::{FindingId, Timestamp};
use serde::Serialize;

crate::statements! {
    KEEP = "INSERT INTO label (tenant, sha256, judgement, finding, kind, reasons, note, decided_by, decided_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (tenant, sha256) DO UPDATE SET judgement = excluded.judgement, finding = excluded.finding,
        kind = excluded.kind, reasons = excluded.reasons, note = excluded.note, decided_by = excluded.decided_by,
        decided_at = excluded.decided_at";
    OF_FILE = "SELECT sha256, judgement, finding, kind, reasons, note, decided_by, decided_at FROM label
        WHERE tenant = $1 AND sha256 = $2";
    ALL = "SELECT sha256, judgement, finding, kind, reasons, note, decided_by, decided_at FROM label
        WHERE tenant = $1 ORDER BY decided_at DESC, sha256";
}

/// One person's word on one content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// SHA-256 of the content, lower-case hexadecimal.
    pub sha256: String,
    /// What was said.
    pub judgement: Judgement,
    /// The finding that it was said of.
    pub finding: FindingId,
    /// What had been found.
    pub kind: FindingKind,
    /// Why the verdict had fallen.
    pub reasons: Vec<Reason>,
    /// What the person wrote; empty when nothing.
    pub note: String,
    /// Who said so.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
}

fn label(row: &Row) -> Result<Label, StoreError> {
    Ok(Label {
        sha256: row.text(0)?,
        judgement: row.coded(1, Judgement::from_code, "label", "judgement")?,
        finding: row.parsed(2, "label", "finding")?,
        kind: row.coded(3, FindingKind::from_code, "label", "kind")?,
        reasons: row.json(4, "label", "reasons")?,
        note: row.text(5)?,
        decided_by: row.text(6)?,
        decided_at: row.time(7)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a word; an earlier one on the same content goes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_label(&mut self, label: &Label) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            label.sha256.as_str(),
            label.judgement.code(),
            label.finding,
            label.kind.code(),
            to_json(&label.reasons),
            label.note.as_str(),
            label.decided_by.as_str(),
            label.decided_at,
        ];
        self.tx.execute(KEEP, values).await?;
        Ok(())
    }

    /// What was said of a content.
    ///
    /// # Errors
    /// What the database says.
    pub async fn label_of(&mut self, sha256: &str) -> Result<Option<Label>, StoreError> {
        self.tx.optional(OF_FILE, args![self.tenant, sha256]).await?.as_ref().map(label).transpose()
    }

    /// Every word, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn labels(&mut self) -> Result<Vec<Label>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(label).collect()
    }
}
