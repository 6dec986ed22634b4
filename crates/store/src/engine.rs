//! The two engines behind one door: opening, pools, beginning a transaction.

use crate::error::StoreError;
use crate::migrations;
use crate::tx::{Answer, Conn, Tx};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use std::str::FromStr;
use std::time::Duration;

/// How long a transaction waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
}

/// SQLite takes one writer at a time, so writers queue for one connection and readers have their own pool.
#[derive(Clone, Debug)]
enum Engine {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres { pool: PgPool },
}

impl Store {
    /// Opens `address` (`sqlite:PATH`, `sqlite::memory:` or `postgres://…`), creating and migrating what is missing.
    ///
    /// # Errors
    /// [`StoreError::Address`] for another kind of address; otherwise what the database says.
    pub fn open(address: &str) -> Answer<'_, Self> {
        Box::pin(async move {
            let engine = if address.starts_with("sqlite:") {
                open_sqlite(address).await?
            } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
                open_postgres(address).await?
            } else {
                return Err(StoreError::Address(address.to_owned()));
            };
            Ok(Self { engine })
        })
    }

    /// Begins a transaction that may write. On SQLite it waits for the one writer's turn.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the turn does not come within ten seconds.
    pub fn write(&self) -> Answer<'_, Tx> {
        Box::pin(async move {
            let conn = match &self.engine {
                Engine::Sqlite { writer, .. } => Conn::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
                Engine::Postgres { pool } => Conn::Postgres(pool.begin().await?),
            };
            Ok(Tx::new(conn))
        })
    }

    /// Begins a transaction that only reads, on a snapshot.
    ///
    /// # Errors
    /// What the database says.
    pub fn read(&self) -> Answer<'_, Tx> {
        Box::pin(async move {
            let conn = match &self.engine {
                Engine::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
                Engine::Postgres { pool } => {
                    Conn::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
                }
            };
            Ok(Tx::new(conn))
        })
    }

    /// `sqlite` or `postgres`, for status pages.
    #[must_use]
    pub const fn engine_name(&self) -> &'static str {
        match &self.engine {
            Engine::Sqlite { .. } => "sqlite",
            Engine::Postgres { .. } => "postgres",
        }
    }

    /// Closes every connection; SQLite's journal is folded into the file.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { pool } => pool.close().await,
        }
    }
}

async fn open_sqlite(address: &str) -> Result<Engine, StoreError> {
    let options = SqliteConnectOptions::from_str(address)
        .map_err(|_| StoreError::Address(address.to_owned()))?
        .create_if_missing(true)
        .foreign_keys(true)
        // A power cut may not lose what an agent was told is kept, so every commit reaches the disk; group commit in
        // the exchange pays for it once for many agents.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE);
    let memory = address.contains(":memory:");
    let options = if memory { options } else { options.journal_mode(SqliteJournalMode::Wal) };
    let one = sqlite_pool().max_connections(1).idle_timeout(None).max_lifetime(None);
    let writer = one.connect_with(options.clone()).await?;
    migrations::sqlite().run(&writer).await?;
    // A database in memory lives in its one connection, which then serves readers too.
    let readers = if memory {
        writer.clone()
    } else {
        sqlite_pool().max_connections(4).connect_with(options.read_only(true)).await?
    };
    Ok(Engine::Sqlite { writer, readers })
}

/// No connection to a file can die unseen, so none is tested before it is used. The test would also do harm: whoever gives
/// up while it runs throws the connection away, and with the one connection goes a whole database in memory.
fn sqlite_pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(false)
}

async fn open_postgres(address: &str) -> Result<Engine, StoreError> {
    let options = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address(address.to_owned()))?;
    let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE).connect_with(options).await?;
    migrations::postgres().run(&pool).await?;
    Ok(Engine::Postgres { pool })
}
