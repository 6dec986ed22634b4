//! What really differs between the two engines, and nothing else.

use crate::error::StoreError;
use crate::tx::{Conn, Tx};

impl Tx {
    /// Holds the turn of `subject` until the transaction ends, so that "the next number" is taken by one at a time.
    ///
    /// SQLite has one writer and so needs nothing; PostgreSQL takes an advisory lock that ends with the transaction.
    pub(crate) async fn hold_turn(&mut self, subject: &str) -> Result<(), StoreError> {
        if let Conn::Postgres(conn) = &mut self.conn {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(subject)
                .execute(&mut **conn)
                .await?;
        }
        Ok(())
    }
}
