//! The log only grows, its chain holds after a whole story, and a changed row is found.

mod stage;

use baluardo_model::identity::{Actor, Management};
use baluardo_service::{audit, identity};
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
