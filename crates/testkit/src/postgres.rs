//! Empty databases on the PostgreSQL that `make test` starts.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};

/// The PostgreSQL that `make test` starts, if it runs (`BALUARDO_TEST_PG_URL`).
#[must_use]
pub fn postgres_address() -> Option<String> {
    std::env::var("BALUARDO_TEST_PG_URL").ok().filter(|address| !address.is_empty())
}

/// The address of a new and empty database there. Nothing, with the reason printed, where there is no PostgreSQL.
///
/// The databases go with the server, which lives as long as the tests.
pub async fn fresh_postgres_address() -> Option<String> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let Some(address) = postgres_address() else {
        eprintln!("skipped on PostgreSQL: BALUARDO_TEST_PG_URL is not set, scripts/with-postgres.sh sets it");
        return None;
    };
    let name = format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let options = PgConnectOptions::from_str(&address).expect("BALUARDO_TEST_PG_URL is a PostgreSQL address");
    let mut server = PgConnection::connect_with(&options).await.expect("the test PostgreSQL answers");
    for statement in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
        server.execute(sqlx::query(AssertSqlSafe(statement))).await.expect("the test PostgreSQL makes databases");
    }
    server.close().await.expect("the connection ends well");
    let (server, _) = address.rsplit_once('/').expect("the address names a database");
    Some(format!("{server}/{name}"))
}
