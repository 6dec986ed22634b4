//! People, settings and the log, as an RTD and an operator use them.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_model::identity::Role;
use baluardo_service::identity;
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{activate, found, invite, mail_to};
use std::time::Duration;

#[tokio::test]
async fn an_rtd_invites_signs_out_and_disables() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    let wrong = [("name", "Carla"), ("email", "carla"), ("role", "clerk")];
    let refused = browser.post("/people", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.field("email"), "carla");
    let operator_role = [("name", "Carla"), ("email", "carla@comune.siena.it"), ("role", "operator")];
    assert_eq!(browser.post("/people", &operator_role).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let invited =
        browser.post("/people", &[("name", "Carla"), ("email", "carla@comune.siena.it"), ("role", "clerk")]).await;
    assert_eq!(invited.location(), "/people?done=invited");
    assert!(mail_to(&test, "carla@comune.siena.it").await.is_some());

    let clerk = invite(&test, &rtd.actor, rtd.tenant.id, "dario@comune.siena.it", Role::Clerk).await;
    let mut other = Browser::of(&test, &clerk);
    assert_eq!(other.get("/overview").await.status, StatusCode::OK);
    let out = browser.post(&format!("/people/{}/sign-out", clerk.person.id), &[]).await;
    assert_eq!(out.location(), "/people?done=person_signed_out");
    assert_eq!(other.get("/overview").await.location(), "/sign-in?next=/overview");

    browser.post(&format!("/people/{}/disable", clerk.person.id), &[]).await;
    let resent = browser.post(&format!("/people/{}/resend", clerk.person.id), &[]).await;
    assert_eq!(resent.status, StatusCode::CONFLICT);
    browser.post(&format!("/people/{}/enable", clerk.person.id), &[]).await;
    let listed = browser.get(&format!("/api/v1/tenants/{}/people", rtd.tenant.id)).await.json();
    let states: Vec<&str> = listed.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "active").count(), 2);
    assert_eq!(states.iter().filter(|state| **state == "invited").count(), 1);
    let last = browser.post(&format!("/people/{}/disable", rtd.person.id), &[]).await;
    assert_eq!(last.status, StatusCode::CONFLICT, "nobody else could manage");
}

#[tokio::test]
async fn the_comune_moves_its_switch_and_the_consortium_loses_sight() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let (mut comune, mut consortium) = (Browser::of(&test, &rtd), Browser::of(&test, &operator));
    let devices = format!("/comuni/{}/devices", rtd.tenant.id);
    assert_eq!(consortium.get(&devices).await.status, StatusCode::OK);
    let moved = comune.post("/settings/management", &[("management", "local")]).await;
    assert_eq!(moved.location(), "/settings?done=management_changed");
    assert_eq!(consortium.get(&devices).await.status, StatusCode::FORBIDDEN);
    let log = consortium.get(&format!("/comuni/{}/audit", rtd.tenant.id)).await;
    assert_eq!(log.status, StatusCode::OK, "both sides read the log");
    let own = consortium.post("/settings/management", &[("management", "local")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "the switch is the comune's");
    assert_eq!(
        comune.post("/settings/management", &[("management", "")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let odd = comune.post("/settings/patron", &[("month", "2"), ("day", "30")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.text.contains("aria-describedby=\"day-error\"") && odd.text.contains("is-invalid"));
}

#[tokio::test]
async fn a_tokens_secret_is_shown_once_and_works_until_it_is_revoked() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    let made = browser.post("/settings/tokens", &[("name", "cruscotto"), ("scopes", "people.read")]).await;
    let secret = made.text.split("id=\"new-token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(secret.starts_with("baluardo_"));
    let page = browser.get("/settings").await;
    assert!(page.text.contains("cruscotto") && !page.text.contains(&secret));

    let mut program = Browser::program(&test, &secret);
    let people = format!("/api/v1/tenants/{}/people", rtd.tenant.id);
    assert_eq!(program.get(&people).await.status, StatusCode::OK);
    let beyond = program.get(&format!("/api/v1/tenants/{}/devices", rtd.tenant.id)).await;
    assert_eq!((beyond.status, beyond.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("forbidden")));
    let tokens = browser.get(&format!("/api/v1/tenants/{}/tokens", rtd.tenant.id)).await.json();
    assert!(tokens[0]["used_at"].is_string(), "{tokens}");
    let id = tokens[0]["id"].as_str().unwrap();
    assert_eq!(
        browser.post(&format!("/settings/tokens/{id}/revoke"), &[]).await.location(),
        "/settings?done=token_revoked"
    );
    assert_eq!(program.get(&people).await.status, StatusCode::UNAUTHORIZED);
    for (days, lasts) in [("", 90), ("30", 30), ("365", 365)] {
        browser.post("/settings/tokens", &[("name", "vita"), ("scopes", "people.read"), ("days", days)]).await;
        let tokens = identity::list_tokens(&test.house, &rtd.actor, rtd.tenant.id).await.unwrap();
        let life = tokens[0].expires_at.since(tokens[0].created_at);
        assert_eq!(life, Duration::from_secs(lasts * 86_400), "{days}");
        test.clock.advance(Duration::from_secs(1));
    }
    for days in ["0", "366", "sempre"] {
        let wrong = browser.post("/settings/tokens", &[("name", "x"), ("scopes", "people.read"), ("days", days)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        assert!(wrong.text.contains("<a href=\"#days\">"), "{days}");
    }
    let empty = browser.post("/settings/tokens", &[("name", "x")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_log_is_searched_exported_and_held_against_its_chain() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    for _ in 0..120 {
        browser.post("/settings/patron", &[("month", "12"), ("day", "1")]).await;
    }
    let page = browser.get("/audit").await;
    assert!(page.text.contains("Olga Neri") || page.text.contains("/audit?before="));
    assert!(page.text.contains("/audit?before="), "there is an older page");
    let patron = browser.get("/api/v1/tenants/x/audit").await;
    assert_eq!(patron.status, StatusCode::NOT_FOUND);
    let api = format!("/api/v1/tenants/{}/audit", rtd.tenant.id);
    let first = browser.get(&format!("{api}?act=settings.patron")).await.json();
    assert_eq!((first["total"].as_u64(), first["lines"].as_array().map(Vec::len)), (Some(120), Some(100)));
    let next = browser.get(&format!("{api}?act=settings.patron&before={}", first["next"])).await.json();
    assert_eq!((next["lines"].as_array().map(Vec::len), next["next"].is_null()), (Some(20), true));
    let found = browser.get(&format!("{api}?q=OLGA")).await.json();
    assert!(found["total"].as_u64().unwrap() >= 1, "in either case: {found}");
    assert!(found["lines"][0]["from_outside"].as_bool().unwrap());
    assert_eq!(browser.get(&format!("{api}?q=%25")).await.json()["total"], 0, "a wildcard is a letter");

    let whole = browser.get(&format!("{api}/export")).await.json();
    assert_eq!(whole["intact"], true);
    let csv = browser.get("/audit?format=csv").await;
    assert_eq!(csv.text.lines().count(), whole["lines"].as_array().unwrap().len() + 1);
    let json = browser.get("/audit?format=json").await.json();
    assert_eq!(json["lines"], whole["lines"]);
    assert!(!browser.get("/audit").await.text.contains("alert-danger"));
    assert_eq!(browser.post("/audit/check", &[]).await.location(), "/audit");
    let checked = browser.call("post", &format!("{api}/check"), &serde_json::json!({})).await.json();
    assert_eq!(checked["lines"].as_u64().unwrap(), whole["lines"].as_array().unwrap().len() as u64);
    assert!(checked["broken_at"].is_null() && checked["at"] == checked["whole_at"], "{checked}");
}
