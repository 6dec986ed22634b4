//! Every statement of the store is good SQL on both engines, and reaches rows of one tenant only.

use baluardo_store::{Store, every_statement};
use std::collections::BTreeSet;

/// Statements that are not narrowed to a tenant, each with the reason why it may not be.
const PLATFORM: &[(&str, &str, &str)] = &[
    ("activation", "FIND", "a receipt is known by the request's id, which nobody can guess"),
    ("fleet/pack_sources", "DUE", "a job fetches the packs of all"),
    ("fleet/policy", "NEWEST_OF_ALL", "a job notices what another process changed"),
    ("fleet/tokens", "FIND", "an enrolment token is found by its secret"),
    ("identity/ceremonies", "SWEEP", "a job clears away what has ended"),
    ("identity/ceremonies", "TAKE", "a ceremony is found by its secret"),
    ("identity/credentials", "PASSKEY_TAKEN", "a passkey belongs to one person of all"),
    ("identity/links", "FIND", "a link is found by its secret"),
    ("identity/links", "SWEEP", "a job clears away what has ended"),
    ("identity/people", "BY_EMAIL", "an address signs in before its tenant is known"),
    ("identity/sessions", "FIND", "a session is found by its secret"),
    ("identity/sessions", "SWEEP", "a job clears away what has ended"),
    ("identity/throttle", "SWEEP", "a job clears away what has ended"),
    ("identity/tokens", "FIND", "a token is found by its secret"),
    ("mail/digests", "WITH_UNTOLD", "a job tells the people of all, each by their tenant's own rule"),
    ("mail/dmarc", "OLD", "a job ends what was kept long enough"),
    ("mail/domains", "OWNER", "mail says only for which domain it is"),
    ("mail/health", "DUE", "a job looks at the domains of all"),
    ("mail/keeping", "OLDEST", "a job ends what was kept long enough, each by its tenant's own rule"),
    ("mail/leaving", "DUE", "a job sends on the mail of all"),
    ("mail/mailboxes", "GUARDED", "a job keeps the connections of all"),
    ("mail/parts", "DUE", "a job sends on the mail of all"),
    ("mail/pec", "OLDEST", "a job ends what was kept long enough, each by its tenant's own rule"),
    ("mail/places", "WAITING", "a job does in mailboxes what was decided in the consoles of all"),
    ("outbox", "DUE", "a job sends the mail of all"),
    ("outbox", "LOCAL", "the local inbox holds the mail of all"),
    ("outbox", "TROUBLE", "the operator sees how the mail stands"),
    ("outbox", "WAITING", "the operator sees how the mail stands"),
    ("protection/evidence", "OVER_OF_ALL", "a job ends the packages of all"),
    ("tenants", "CONSORTIUM", "the front page names the consortium"),
];

async fn prepare_all(address: &str) {
    let store = Store::open(address).await.unwrap();
    for (file, name, sql) in every_statement() {
        // PostgreSQL gives a transaction up after an error, so each statement has its own.
        let mut tx = store.write().await.unwrap();
        if let Err(error) = tx.prepare(sql).await {
            panic!("{file} {name}: {error}\n{sql}");
        }
    }
}

#[tokio::test]
async fn every_statement_is_good_sql_for_sqlite() {
    prepare_all("sqlite::memory:").await;
}

#[tokio::test]
async fn every_statement_is_good_sql_for_postgres() {
    if let Some(address) = baluardo_testkit::fresh_postgres_address().await {
        prepare_all(&address).await;
    }
}

/// Whether a statement is held to one tenant (or to one consortium) by a parameter, or writes its tenant.
fn names_a_tenant(sql: &str) -> bool {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let held = ["tenant = $", "consortium = $"].iter().any(|held| sql.contains(held));
    let written = sql.starts_with("INSERT INTO") && sql.contains("(tenant,") && sql.contains("VALUES ($1");
    // Counters of tries and the like belong to the platform itself, under a name that no tenant can have.
    held || written || sql.contains("'platform'")
}

#[test]
fn every_statement_is_held_to_a_tenant_or_is_known_not_to_be() {
    let excused: BTreeSet<_> = PLATFORM.iter().map(|(file, name, _)| (*file, *name)).collect();
    let free: BTreeSet<_> = every_statement()
        .into_iter()
        .filter(|(_, _, sql)| !names_a_tenant(sql))
        .map(|(file, name, _)| (file, name))
        .collect();
    assert_eq!(free, excused);
}

#[test]
fn a_statement_that_forgets_the_tenant_is_noticed() {
    assert!(!names_a_tenant("SELECT secret FROM credential WHERE person = $1"));
    assert!(!names_a_tenant("DELETE FROM session WHERE expires_at < $1"));
    assert!(names_a_tenant("SELECT 1 FROM device WHERE tenant = $1 AND device = $2"));
}
