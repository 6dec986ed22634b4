//! Rules for the mail of senders.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args};
use baluardo_model::mail::senders::SenderAct;
use baluardo_model::{SenderRuleId, Timestamp};
use serde::Serialize;

/// The columns of a rule, in the order in which [`rule`] reads them.
macro_rules! columns {
    () => {
        "SELECT rule, act, subject, reason, made_by, made_at, ends_at, ended_by, ended_at FROM sender_rule WHERE tenant = $1 AND "
    };
}

crate::statements! {
    REPLACE = "UPDATE sender_rule SET ended_at = $3, ended_by = $4 WHERE tenant = $1 AND subject = $2 AND ended_at IS NULL";
    MAKE = "INSERT INTO sender_rule (tenant, rule, act, subject, reason, made_by, made_at, ends_at, ended_by, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', NULL)";
    END = "UPDATE sender_rule SET ended_at = $3, ended_by = $4
        WHERE tenant = $1 AND rule = $2 AND ended_at IS NULL AND ends_at > $3";
    GET = concat!(columns!(), "rule = $2");
    STANDING = "SELECT COUNT(*) FROM sender_rule WHERE tenant = $1 AND ended_at IS NULL AND ends_at > $2";
    ALL = concat!(
        columns!(), "($2 = '' OR LOWER(subject) LIKE $2 ESCAPE '!' OR LOWER(reason) LIKE $2 ESCAPE '!')
        ORDER BY CASE WHEN ended_at IS NULL AND ends_at > $3 THEN 0 ELSE 1 END, made_at DESC, rule DESC LIMIT $4"
    );
    ABOUT = concat!(
        columns!(), "ended_at IS NULL AND ends_at > $2
        AND subject IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) LIMIT 10"
    );
}

/// How many subjects are asked for at once.
const ASKED: usize = 10;

/// A rule for the mail of a sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SenderRule {
    /// Which.
    pub id: SenderRuleId,
    /// What it does.
    pub act: SenderAct,
    /// The address or domain that it is about.
    pub subject: String,
    /// Why it was made.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// Who ended it before; empty for nobody.
    pub ended_by: String,
    /// When.
    pub ended_at: Option<Timestamp>,
}

impl SenderRule {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.ends_at > now
    }
}

fn rule(row: &Row) -> Result<SenderRule, StoreError> {
    Ok(SenderRule {
        id: row.parsed(0, "sender_rule", "rule")?,
        act: row.coded(1, SenderAct::from_code, "sender_rule", "act")?,
        subject: row.text(2)?,
        reason: row.text(3)?,
        made_by: row.text(4)?,
        made_at: row.time(5)?,
        ends_at: row.time(6)?,
        ended_by: row.text(7)?,
        ended_at: row.time_or_null(8)?,
    })
}

impl TenantTx<'_> {
    /// Makes a rule; one on the same subject that still stood ends.
    ///
    /// # Errors
    /// What the database says.
    pub async fn make_sender_rule(&mut self, new: &SenderRule) -> Result<(), StoreError> {
        let (subject, by) = (new.subject.as_str(), new.made_by.as_str());
        self.tx.execute(REPLACE, args![self.tenant, subject, new.made_at, by]).await?;
        let values =
            args![self.tenant, new.id, new.act.code(), subject, new.reason.as_str(), by, new.made_at, new.ends_at];
        self.tx.execute(MAKE, values).await.map(drop)
    }

    /// Ends a rule before its time; false when it does not stand any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_sender_rule(&mut self, id: SenderRuleId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(END, args![self.tenant, id, now, by]).await? == 1)
    }

    /// One rule.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sender_rule(&mut self, id: SenderRuleId) -> Result<Option<SenderRule>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(rule).transpose()
    }

    /// How many rules stand.
    ///
    /// # Errors
    /// What the database says.
    pub async fn standing_sender_rules(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(STANDING, args![self.tenant, now]).await?).unwrap_or(0))
    }

    /// Rules in whose subject or reason `text` stands, those that stand first, then the newest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sender_rules(
        &mut self,
        text: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<SenderRule>, StoreError> {
        let values = args![self.tenant, crate::like::holding(text), now, i64::from(limit)];
        self.tx.all(ALL, values).await?.iter().map(rule).collect()
    }

    /// The rules that stand at `now` on any of these subjects, of which the first ten are asked for.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sender_rules_about(
        &mut self,
        subjects: &[String],
        now: Timestamp,
    ) -> Result<Vec<SenderRule>, StoreError> {
        let mut values = args![self.tenant, now];
        let padded = subjects.iter().map(String::as_str).chain(std::iter::repeat("")).take(ASKED);
        values.extend(padded.map(crate::tx::Value::from));
        self.tx.all(ABOUT, values).await?.iter().map(rule).collect()
    }
}
