//! A transaction, the values bound to its statements and the rows that it reads.
//!
//! The five column types that both engines have are the whole vocabulary, so one enum of values and one enum of rows
//! let every statement be written and compiled once. Nulls are typed, because PostgreSQL asks for it.

use crate::error::StoreError;
use baluardo_model::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Postgres, Row as _, Sqlite, Transaction};
use std::pin::Pin;

/// What the engine will answer, behind a pointer. Rust compiles the body of an `async fn` again in every crate above that
/// awaits it; the engine's drivers are far too large for that, so the way into them is closed here.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// An open transaction. Dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    pub(crate) conn: Conn,
}

#[derive(Debug)]
pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A value bound to `$n`.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
}

/// Builds the list of values of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::tx::Value::from($value)),*] };
}
pub(crate) use args;

macro_rules! bind_all {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $args {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(int) => query.bind(int),
                Value::Bool(flag) => query.bind(flag),
            };
        }
        query
    }};
}

impl Tx {
    pub(crate) const fn new(conn: Conn) -> Self {
        Self { conn }
    }

    /// Keeps what was written.
    ///
    /// # Errors
    /// What the database says; then nothing was kept.
    pub fn commit(self) -> Answer<'static, ()> {
        Box::pin(async move {
            match self.conn {
                Conn::Sqlite(tx) => tx.commit().await?,
                Conn::Postgres(tx) => tx.commit().await?,
            }
            Ok(())
        })
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, args: Vec<Value>) -> Answer<'_, u64> {
        Box::pin(async move {
            Ok(match &mut self.conn {
                Conn::Sqlite(tx) => bind_all!(sql, args).execute(&mut **tx).await?.rows_affected(),
                Conn::Postgres(tx) => bind_all!(sql, args).execute(&mut **tx).await?.rows_affected(),
            })
        })
    }

    /// Every row of a query.
    pub(crate) fn all(&mut self, sql: &'static str, args: Vec<Value>) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            Ok(match &mut self.conn {
                Conn::Sqlite(tx) => {
                    bind_all!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
                }
                Conn::Postgres(tx) => {
                    bind_all!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect()
                }
            })
        })
    }

    /// The one row of a query, if there is one.
    pub(crate) fn optional(&mut self, sql: &'static str, args: Vec<Value>) -> Answer<'_, Option<Row>> {
        Box::pin(async move {
            Ok(match &mut self.conn {
                Conn::Sqlite(tx) => bind_all!(sql, args).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
                Conn::Postgres(tx) => bind_all!(sql, args).fetch_optional(&mut **tx).await?.map(Row::Postgres),
            })
        })
    }

    /// The first column of the one row of a query that always has one, such as a count.
    pub(crate) async fn number(&mut self, sql: &'static str, args: Vec<Value>) -> Result<i64, StoreError> {
        match self.optional(sql, args).await? {
            Some(row) => row.int(0),
            None => Ok(0),
        }
    }

    /// Asks the engine to plan `sql` without running it; the test of all statements uses it.
    ///
    /// # Errors
    /// What the engine finds wrong with the text.
    pub fn prepare(&mut self, sql: &'static str) -> Answer<'_, ()> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        Box::pin(async move {
            match &mut self.conn {
                Conn::Sqlite(tx) => drop((&mut **tx).prepare(sql.into_sql_str()).await?),
                Conn::Postgres(tx) => drop((&mut **tx).prepare(sql.into_sql_str()).await?),
            }
            Ok(())
        })
    }
}

/// A row of either engine, read by position.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! read {
    ($self:expr, $at:expr) => {
        match $self {
            Row::Sqlite(row) => row.try_get($at)?,
            Row::Postgres(row) => row.try_get($at)?,
        }
    };
}

impl Row {
    pub(crate) fn text(&self, at: usize) -> Result<String, StoreError> {
        Ok(read!(self, at))
    }

    pub(crate) fn text_or_null(&self, at: usize) -> Result<Option<String>, StoreError> {
        Ok(read!(self, at))
    }

    pub(crate) fn int(&self, at: usize) -> Result<i64, StoreError> {
        Ok(read!(self, at))
    }

    pub(crate) fn flag(&self, at: usize) -> Result<bool, StoreError> {
        Ok(read!(self, at))
    }

    pub(crate) fn int_or_null(&self, at: usize) -> Result<Option<i64>, StoreError> {
        Ok(read!(self, at))
    }

    /// A count or a sequence number; negative values cannot have been written.
    pub(crate) fn count(&self, at: usize) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.int(at)?).unwrap_or(0))
    }

    pub(crate) fn time(&self, at: usize) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_micros(self.int(at)?))
    }

    pub(crate) fn time_or_null(&self, at: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.int_or_null(at)?.map(Timestamp::from_micros))
    }

    /// A column that holds the text form of `T`: an id, a role, a state.
    pub(crate) fn parsed<T: std::str::FromStr>(
        &self,
        at: usize,
        table: &'static str,
        column: &'static str,
    ) -> Result<T, StoreError>
    where
        T::Err: std::fmt::Display,
    {
        self.text(at)?.parse().map_err(|e: T::Err| StoreError::Unreadable { table, column, why: e.to_string() })
    }

    /// A column that holds a stable word, read through `from_code`.
    pub(crate) fn coded<T>(
        &self,
        at: usize,
        from_code: impl Fn(&str) -> Option<T>,
        table: &'static str,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let word = self.text(at)?;
        from_code(&word).ok_or_else(|| StoreError::Unreadable { table, column, why: format!("unknown word {word:?}") })
    }

    /// A column that holds JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        at: usize,
        table: &'static str,
        column: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(at)?).map_err(|e| StoreError::Unreadable { table, column, why: e.to_string() })
    }
}

/// JSON text of a document that is made of plain structs and so always has one.
pub(crate) fn to_json<T: serde::Serialize>(document: &T) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(Some(int))
    }
}

impl From<Option<i64>> for Value {
    fn from(int: Option<i64>) -> Self {
        Self::Int(int)
    }
}

impl From<u64> for Value {
    /// Counts beyond what a BIGINT holds are kept at its end: they are foreign figures, not ours.
    fn from(int: u64) -> Self {
        Self::Int(Some(i64::try_from(int).unwrap_or(i64::MAX)))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(Some(at.micros()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Int(at.map(Timestamp::micros))
    }
}

macro_rules! id_values {
    ($($id:ty),+ $(,)?) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Text(Some(id.to_string()))
            }
        }
        impl From<Option<$id>> for Value {
            fn from(id: Option<$id>) -> Self {
                Self::Text(id.map(|id| id.to_string()))
            }
        }
    )+};
}

id_values!(
    baluardo_model::AlikeId,
    baluardo_model::ApiTokenId,
    baluardo_model::CampaignId,
    baluardo_model::DeviceId,
    baluardo_model::FindingId,
    baluardo_model::HuntId,
    baluardo_model::HeldMailId,
    baluardo_model::MailboxId,
    baluardo_model::OrderId,
    baluardo_model::OutboxId,
    baluardo_model::PersonId,
    baluardo_model::QuarantineId,
    baluardo_model::ReportId,
    baluardo_model::RollbackId,
    baluardo_model::EvidenceId,
    baluardo_model::RequestId,
    baluardo_model::SenderRuleId,
    baluardo_model::TenantId,
);
