//! The stage of the stories: both databases, spans of time, and what refusals and logs say.
#![expect(dead_code, reason = "each story uses a part of the stage")]

pub(crate) mod authenticator;

use baluardo_model::identity::{Actor, Tenant};
use baluardo_service::House;
use baluardo_service::identity::ClientHint;
use std::time::Duration;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Tells a story on SQLite always, and on PostgreSQL where there is one.
macro_rules! story {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let address = format!("sqlite:{}", folder.path().join("house.db").display());
                super::$name(baluardo_testkit::TestHouse::on(&address).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(address) = baluardo_testkit::fresh_postgres_address().await {
                    super::$name(baluardo_testkit::TestHouse::on(&address).await).await;
                }
            }
        }
    )+};
}
pub(crate) use story;

/// Somebody at a network address of the documentation range.
pub(crate) fn client(last: u8) -> ClientHint {
    ClientHint { ip: Some(std::net::Ipv4Addr::new(192, 0, 2, last).into()) }
}

/// The stable code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, baluardo_service::Error>) -> &'static str {
    answer.expect_err("this is refused").code()
}

/// The acts in a tenant's log, oldest first.
pub(crate) async fn acts(house: &House, tenant: &Tenant) -> Vec<String> {
    let log = baluardo_service::audit::export_audit(house, &Actor::Platform, tenant.id).await.unwrap();
    log.into_iter().map(|line| line.entry.act).collect()
}
