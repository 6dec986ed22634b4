//! The log only grows, its chain holds after a whole story, and a changed row is found.

mod stage;

use baluardo_model::identity::{Actor, Management, Role};
use baluardo_service::audit::{self, Extent};
use baluardo_service::identity;
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use sqlx::{Connection as _, SqliteConnection};
use stage::*;

story!(the_chain_holds_after_a_whole_story);

async fn tell_a_story(test: &TestHouse) -> baluardo_model::TenantId {
    let operator = found(test).await;
    let rtd = activate(test, &operator.actor, "I726", "rtd@siena.example").await;
    identity::switch_management(&test.house, &rtd.actor, rtd.tenant.id, Management::Local).await.unwrap();
    rtd.tenant.id
}

async fn the_chain_holds_after_a_whole_story(test: TestHouse) {
    let siena = tell_a_story(&test).await;
    let consortium = identity::first_consortium(&test.house).await.unwrap().id;
    for tenant in [consortium, siena] {
        let log = audit::export_audit(&test.house, &Actor::Platform, tenant).await.unwrap();
        assert!(log.len() >= 4, "{log:?}");
        audit::check_chain(&log).unwrap();
        for missing in 0..log.len() - 1 {
            let mut cut = log.clone();
            cut.remove(missing);
            assert_eq!(code(audit::check_chain(&cut)), "audit_broken", "without line {missing}");
        }
    }
}

#[tokio::test]
async fn a_row_changed_behind_the_programs_back_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let test = TestHouse::on(&address).await;
    let siena = tell_a_story(&test).await;
    let mut raw = SqliteConnection::connect(&address).await.unwrap();
    let change = "UPDATE audit SET actor_name = 'Nessuno' WHERE act = 'management.switch'";
    let refused = sqlx::query(change).execute(&mut raw).await.unwrap_err();
    assert!(refused.to_string().contains("only grows"), "{refused}");
    let refused = sqlx::query("DELETE FROM audit").execute(&mut raw).await.unwrap_err();
    assert!(refused.to_string().contains("only grows"), "{refused}");

    sqlx::query("DROP TRIGGER audit_no_update").execute(&mut raw).await.unwrap();
    assert_eq!(sqlx::query(change).execute(&mut raw).await.unwrap().rows_affected(), 1);
    let log = audit::export_audit(&test.house, &Actor::Platform, siena).await.unwrap();
    assert_eq!(code(audit::check_chain(&log)), "audit_broken");
}

#[tokio::test]
async fn a_check_follows_what_is_new_and_on_demand_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let test = TestHouse::on(&address).await;
    let siena = tell_a_story(&test).await;
    let house = &test.house;
    let check = async |extent| audit::check_log(house, &Actor::Platform, siena, extent).await.unwrap();
    let act = async || identity::set_patron(house, &Actor::Platform, siena, Some((12, 1))).await.unwrap();
    let first = check(Extent::New).await;
    let lines = audit::export_audit(house, &Actor::Platform, siena).await.unwrap().len() as u64;
    assert_eq!((first.lines, first.broken_at, first.whole_at), (lines, None, house.now()), "the first follows all");

    test.clock.advance(MINUTE);
    act().await;
    let second = check(Extent::New).await;
    assert_eq!((second.lines, second.broken_at), (lines + 1, None));
    assert_eq!((second.at, second.whole_at), (house.now(), first.whole_at));

    // An old line is changed: what is new still fits, the whole does not, and that is not forgotten.
    let mut raw = SqliteConnection::connect(&address).await.unwrap();
    for trigger in ["audit_no_update", "audit_no_delete"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"))).execute(&mut raw).await.unwrap();
    }
    let rename = "UPDATE audit SET actor_name = $1 WHERE seq = 2 AND tenant = $2";
    let was: (String,) = sqlx::query_as("SELECT actor_name FROM audit WHERE seq = 2 AND tenant = $1")
        .bind(siena.to_string())
        .fetch_one(&mut raw)
        .await
        .unwrap();
    sqlx::query(rename).bind("Nessuno").bind(siena.to_string()).execute(&mut raw).await.unwrap();
    assert_eq!(check(Extent::New).await.broken_at, None);
    assert_eq!(check(Extent::Whole).await.broken_at, Some(2));
    assert_eq!(check(Extent::New).await.broken_at, Some(2));

    // Put right again, the whole holds; then its end is cut off, and even the quick check notices.
    sqlx::query(rename).bind(was.0).bind(siena.to_string()).execute(&mut raw).await.unwrap();
    assert_eq!(check(Extent::Whole).await.broken_at, None);
    let cut = "DELETE FROM audit WHERE tenant = $1 AND seq = $2";
    sqlx::query(cut).bind(siena.to_string()).bind(i64::try_from(lines + 1).unwrap()).execute(&mut raw).await.unwrap();
    assert_eq!(check(Extent::New).await.broken_at, Some(lines + 1));
}

#[tokio::test]
async fn a_stranger_checks_no_log() {
    let test = TestHouse::in_memory().await;
    let siena = tell_a_story(&test).await;
    let id = "00000000-0000-7000-8000-0000000000ff".parse().unwrap();
    let tenant = "00000000-0000-7000-8000-0000000000fe".parse().unwrap();
    let stranger = Actor::Person { id, tenant, role: Role::Rtd, name: "Luca".to_owned() };
    assert_eq!(code(audit::check_log(&test.house, &stranger, siena, Extent::Whole).await), "not_found");
}
