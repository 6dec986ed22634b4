//! What can go wrong below the use cases.

/// An error of the store. It never names a value of a row, so that it may be logged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database cannot be used.
    #[error(
        "the database address {0:?} is not understood: use sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME"
    )]
    Address(String),
    /// The same key exists already.
    #[error("a row with this key exists already")]
    Exists,
    /// The database is held by others for too long.
    #[error("the database is busy")]
    Busy,
    /// A row holds something that this program cannot read.
    #[error("column {column} of {table} holds something unreadable: {why}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Anything else that the database says.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error {
            if inner.is_unique_violation() {
                return Self::Exists;
            }
            // SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT; PostgreSQL's serialization failure, deadlock and lock timeout.
            if matches!(inner.code().as_deref(), Some("5" | "517" | "40001" | "40P01" | "55P03")) {
                return Self::Busy;
            }
        }
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            other => Self::Database(other),
        }
    }
}
