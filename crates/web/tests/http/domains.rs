//! How a comune's domains stand, as its RTD reads it and as a program asks for it.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_service::mail;
use baluardo_testkit::people::{activate, found};
use baluardo_testkit::{TestHouse, TestNames};
use serde_json::json;
use std::time::Duration;

const DOMAIN: &str = "comune.siena.it";

#[tokio::test]
async fn an_rtd_looks_at_the_domain_reads_what_to_publish_and_says_that_a_fall_was_seen() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    mail::claim_domain(&test.house, &siena.actor, siena.tenant.id, DOMAIN).await.unwrap();
    let mut rtd = Browser::of(&test, &siena);
    assert!(rtd.get("/mail/health").await.text.contains("Nessun dominio approvato"));
    mail::decide_domain(&test.house, &operator.actor, siena.tenant.id, DOMAIN, true).await.unwrap();
    let page = rtd.get("/mail/health").await;
    assert!(page.text.contains("Voto ?") && page.text.contains("entro un minuto"), "{}", page.text);
    let look = [("act", "look"), ("domain", DOMAIN)];
    assert_eq!(rtd.post("/mail/health", &look).await.location(), "/mail/health?done=domain_no_dns");

    let names = TestNames::before(&test);
    names.say(Some("A"), &["spf_all_hard"]);
    assert_eq!(rtd.post("/mail/health", &look).await.location(), "/mail/health?done=domain_looked_at");
    assert_eq!(rtd.post("/mail/health", &look).await.location(), "/mail/health?done=domain_looked_just_now");
    test.clock.advance(Duration::from_secs(60));
    names.say(Some("E"), &["spf_missing", "dmarc_missing"]);
    rtd.post("/mail/health", &look).await;
    let page = rtd.get("/mail/health").await;
    for words in ["Voto E", "Il voto è sceso: prima era A.", "Chi può spedire (SPF)", "v=spf1 mx ~all", "Da correggere"]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(rtd.get("/overview").await.text.contains("1 dominio sta peggio di prima"));
    let seen = [("act", "seen"), ("domain", DOMAIN)];
    assert_eq!(rtd.post("/mail/health", &seen).await.status, StatusCode::SEE_OTHER);
    assert!(!rtd.get("/overview").await.text.contains("sta peggio di prima"));
    let selectors = [("act", "selectors"), ("domain", DOMAIN), ("selectors", "anno2026, k1")];
    assert_eq!(rtd.post("/mail/health", &selectors).await.location(), "/mail/health?done=settings_saved");
    assert_eq!(rtd.get("/mail/health").await.field("selectors"), "anno2026 k1");
    let wrong = [("act", "selectors"), ("domain", DOMAIN), ("selectors", "<b>")];
    assert_eq!(rtd.post("/mail/health", &wrong).await.location(), "/mail/health?done=selector_bad");
    let stranger = [("act", "look"), ("domain", "comune.lucca.it")];
    assert_eq!(rtd.post("/mail/health", &stranger).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_reads_and_asks_the_same() {
    let test = TestHouse::in_memory().await;
    let names = TestNames::before(&test);
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let tenant = siena.tenant.id;
    mail::claim_domain(&test.house, &siena.actor, tenant, DOMAIN).await.unwrap();
    mail::decide_domain(&test.house, &operator.actor, tenant, DOMAIN, true).await.unwrap();
    let mut rtd = Browser::of(&test, &siena);
    let path = format!("/api/v1/tenants/{tenant}/mail/health");
    names.say(Some("C"), &["dmarc_none"]);
    let body = json!({ "domain": DOMAIN });
    assert_eq!(rtd.call("post", &format!("{path}/look"), &body).await.status, StatusCode::NO_CONTENT);
    let listed = rtd.get(&path).await.json();
    assert_eq!((&listed[0]["mark"], &listed[0]["checks"][0]["code"]), (&json!("C"), &json!("dmarc_none")));
    assert_eq!(listed[0]["checks"][0]["publish"][0]["value"], "v=spf1 mx ~all");
    assert_eq!(rtd.call("post", &format!("{path}/look"), &body).await.status, StatusCode::CONFLICT);
    let selectors = json!({ "domain": DOMAIN, "selectors": ["k1"] });
    assert_eq!(rtd.call("put", &format!("{path}/selectors"), &selectors).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rtd.get(&path).await.json()[0]["named"], json!(["k1"]));
    assert_eq!(rtd.call("post", &format!("{path}/seen"), &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        rtd.call("post", &format!("{path}/look"), &json!({ "domain": "a.test" })).await.status,
        StatusCode::NOT_FOUND
    );
}
