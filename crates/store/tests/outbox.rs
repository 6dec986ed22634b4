//! A mail is put into the outbox once for each key, and stays due until it is said to have left.

use baluardo_model::identity::{Management, Tenant, TenantKind};
use baluardo_model::{OutboxId, TenantId, Timestamp};
use baluardo_store::outbox::Mail;
use baluardo_store::{Store, TenantScope};

const NOW: Timestamp = Timestamp::from_micros(1_793_606_400_000_000);

fn message(last: u8) -> OutboxId {
    format!("00000000-0000-7000-8000-0000000000{last:02x}").parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test of the store stands below the rights table")]
fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::granted(tenant)
}

fn mail(text: &str) -> Mail {
    Mail { to: "rtd@siena.example".to_owned(), subject: "Prova".to_owned(), text: text.to_owned(), request: None }
}

async fn a_key_is_one_mail(address: &str) {
    let store = Store::open(address).await.unwrap();
    let tenant: TenantId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
    let mut tx = store.write().await.unwrap();
    let home = Tenant {
        id: tenant,
        kind: TenantKind::Consortium,
        consortium: tenant,
        name: "Consorzio".to_owned(),
        cadastral_code: None,
        management: Management::Local,
        created_at: NOW,
    };
    tx.platform().insert_tenant(&home).await.unwrap();
    tx.tenant(scope(tenant)).put_mail(message(2), "request 1 approved", &mail("prima"), NOW).await.unwrap();
    tx.commit().await.unwrap();

    // The act is tried again after a crash, with another id; and a transaction that ends badly puts nothing.
    let mut tx = store.write().await.unwrap();
    tx.tenant(scope(tenant)).put_mail(message(3), "request 1 approved", &mail("seconda"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let mut dropped = store.write().await.unwrap();
    dropped.tenant(scope(tenant)).put_mail(message(4), "request 2 approved", &mail("mai"), NOW).await.unwrap();
    drop(dropped);

    let mut tx = store.write().await.unwrap();
    let due = tx.platform().due_mail(NOW, 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.mail.text.as_str()).collect::<Vec<_>>(), ["prima"]);
    assert!(tx.platform().mail_left(&due[0], NOW).await.unwrap());
    assert!(!tx.platform().mail_left(&due[0], NOW).await.unwrap(), "it leaves once");
    assert!(tx.platform().due_mail(NOW, 10).await.unwrap().is_empty());
    assert_eq!(tx.platform().mail_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn the_same_key_twice_is_one_mail_on_sqlite() {
    a_key_is_one_mail("sqlite::memory:").await;
}

#[tokio::test]
async fn the_same_key_twice_is_one_mail_on_postgres() {
    if let Some(address) = baluardo_testkit::fresh_postgres_address().await {
        a_key_is_one_mail(&address).await;
    }
}
