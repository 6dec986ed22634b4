//! The homes of those who oversee: what each may see, and nothing more; and the acts that two pages offer.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_model::identity::Role;
use baluardo_testkit::people::{activate, found, invite};
use baluardo_testkit::{TestAgent, TestHouse};

#[tokio::test]
async fn each_role_that_oversees_has_a_home_of_what_it_may_see() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let home = operator.tenant.id;
    let mut first = None;
    for (code, email) in [("I726", "a@comune.siena.it"), ("E715", "b@comune.lucca.it"), ("A001", "c@comune.example.it")]
    {
        let rtd = activate(&test, &operator.actor, code, email).await;
        TestAgent::enrol(&test, &rtd.actor, rtd.tenant.id, "pc").await;
        first.get_or_insert(rtd);
    }
    let rtd = first.unwrap();
    let page = async |maker: &baluardo_testkit::people::Entered, tenant, role: Role, name: &str| {
        let who = invite(&test, &maker.actor, tenant, &format!("{name}@consorzio.example"), role).await;
        Browser::of(&test, &who).get("/overview").await
    };
    let coordinator = page(&operator, home, Role::Coordinator, "coordinatore").await;
    assert_eq!(coordinator.status, StatusCode::OK);
    assert!(
        coordinator.text.contains("7.896") && coordinator.text.contains("<strong>3</strong>"),
        "{}",
        coordinator.text
    );
    assert!(coordinator.text.contains("meno di 5"), "three comuni stand behind no figure");
    assert!(!coordinator.text.contains("href=\"/audit\""), "a coordinator reads no log");
    let who = invite(&test, &operator.actor, home, "altra@consorzio.example", Role::Coordinator).await;
    let mut browser = Browser::of(&test, &who);
    let members = browser.get("/comuni?q=sie").await;
    assert!(members.text.contains("Siena") && !members.text.contains("Lucca"), "{}", members.text);
    assert!(!members.text.contains("Dispositivi"), "who takes part, and nothing of their devices");
    assert!(members.text.contains("<td data-label=\"Partecipa dal\">2 novembre 2026</td>"), "{}", members.text);
    assert_eq!(browser.get("/api/v1/members").await.status, StatusCode::FORBIDDEN);
    let auditor = page(&operator, home, Role::Auditor, "revisore").await;
    assert!(auditor.text.contains("href=\"/audit\"") && auditor.text.contains("7.896"), "{}", auditor.text);
    assert!(auditor.text.contains("nessuna è stata cambiata"));
    let analyst = page(&operator, home, Role::PoliceAnalyst, "analista").await;
    assert_eq!(analyst.status, StatusCode::OK);
    assert!(!analyst.text.contains("Siena") && !analyst.text.contains("href=\"/comuni\""), "{}", analyst.text);
    let inside = page(&rtd, rtd.tenant.id, Role::Auditor, "dpo").await;
    assert!(inside.text.contains("href=\"/audit\"") && !inside.text.contains("7.896"), "{}", inside.text);
}

#[tokio::test]
async fn an_enrolment_token_is_listed_and_withdrawn() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    let long = browser.post("/devices/add", &[("label", &"x".repeat(101))]).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.text.contains("<a href=\"#label\">"), "{}", long.text);
    assert_eq!(long.field("label"), "x".repeat(101), "what was typed is kept");
    assert_eq!(browser.get("/devices/add").await.field("label"), "");
    let made = browser.post("/devices/add", &[("label", "anagrafe 1")]).await;
    let line = made.text.split("id=\"enrol-token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    TestAgent::enrol(&test, &rtd.actor, rtd.tenant.id, "pc-tributi").await;
    let list = browser.get("/devices/add").await;
    assert!(list.text.contains("anagrafe 1") && list.text.contains("pc-tributi") && !list.text.contains(&line));

    let api = format!("/api/v1/tenants/{}/enrol-tokens", rtd.tenant.id);
    let tokens = browser.get(&api).await.json();
    let states: Vec<_> = tokens.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert!(states.contains(&"open") && states.contains(&"used"), "{tokens}");
    let open = tokens.as_array().unwrap().iter().find(|one| one["state"] == "open").unwrap();
    let id = open["id"].as_str().unwrap();
    let withdraw = format!("/devices/enrol-tokens/{id}/withdraw");
    assert_eq!(browser.post(&withdraw, &[]).await.location(), "/devices/add?done=enrol_token_withdrawn");
    assert_eq!(browser.post(&withdraw, &[]).await.status, StatusCode::NOT_FOUND);
    let again = browser.call("post", &format!("{api}/{id}/withdraw"), &serde_json::json!({})).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    // The consortium, under central management, sees the same list inside the comune.
    let inside = Browser::of(&test, &operator).get(&format!("/comuni/{}/devices/add", rtd.tenant.id)).await;
    assert!(inside.text.contains("anagrafe 1") && inside.text.contains("Siena"), "{}", inside.text);
}
