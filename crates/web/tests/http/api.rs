//! The API as programs meet it: the same acts, clear refusals.

use crate::stage::Browser;
use axum::http::{Method, StatusCode};
use baluardo_model::identity::Actor;
use baluardo_service::identity::{self, NewToken};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{activate, found};
use serde_json::json;

#[tokio::test]
async fn a_program_asks_and_another_decides() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let mut anybody = Browser::far(&test);
    anybody.origin = None;
    let asked = json!({
        "service": "17", "cadastral_code": "I726", "rtd_name": "Anna", "rtd_role": "RTD",
        "email": "anna@comune.siena.it", "pec": "a@pec.example.it", "devices": 3,
    });
    let made = anybody.call("post", "/api/v1/public/requests", &asked).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let receipt = anybody.get(made.location()).await.json();
    assert_eq!((receipt["comune"].as_str(), receipt["service"].as_str()), (Some("Siena"), Some("17")));
    let id = receipt["receipt"].as_str().unwrap();

    let scopes = vec!["requests.read".to_owned(), "requests.decide".to_owned()];
    let tenant = operator.tenant.id;
    let new = NewToken { tenant, name: "sportello".to_owned(), role: None, scopes, days: 1 };
    let token = identity::create_token(&test.house, &operator.actor, &new).await.unwrap();
    let mut program = Browser::program(&test, &token.secret);
    let queue = program.get("/api/v1/requests").await.json();
    assert_eq!((queue["requests"][0]["id"].as_str(), queue["total"].as_u64()), (Some(id), Some(1)));
    let empty = program.send(Method::POST, &format!("/api/v1/requests/{id}/pause"), None, String::new()).await;
    assert_eq!((empty.status, empty.json()["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("reason")));
    let approved = program.send(Method::POST, &format!("/api/v1/requests/{id}/approve"), None, String::new()).await;
    assert_eq!(approved.status, StatusCode::NO_CONTENT);
    let told = program.get(&format!("/api/v1/requests/{id}")).await.json();
    assert_eq!(told["clock"]["state"], "approved");
    assert!(told.get("chrome").is_none() && told.get("errors").is_none());
    let late = program.call("post", &format!("/api/v1/requests/{id}/refuse"), &json!({ "reason": "no" })).await;
    assert_eq!((late.status, late.json()["code"].as_str()), (StatusCode::CONFLICT, Some("request_concluded")));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_that_says_why() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    let people = format!("/api/v1/tenants/{}/people", rtd.tenant.id);
    for body in
        ["", "{", "[]", "null", "{\"email\":1}", "{\"email\":\"a@b.it\",\"name\":\"A\",\"role\":\"king\"}", "\u{0}"]
    {
        let answer = browser.send(Method::POST, &people, Some("application/json"), body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{body}");
        assert_eq!(answer.json()["code"], "json_unreadable", "{body}");
    }
    let unknown = json!({ "email": "c@comune.siena.it", "name": "C", "role": "clerk", "admin": true });
    assert_eq!(browser.call("post", &people, &unknown).await.json()["code"], "json_unreadable");
    let long = json!({ "email": "c@comune.siena.it", "name": "x".repeat(300_000), "role": "clerk" });
    assert_eq!(browser.call("post", &people, &long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nobody = Browser::far(&test).get(&people).await;
    assert_eq!((nobody.status, nobody.json()["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("sign_in")));
}

#[tokio::test]
async fn a_session_needs_its_token_in_a_header_and_a_token_makes_no_tokens() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let tenant = operator.tenant.id;
    let path = format!("/api/v1/tenants/{tenant}/tokens");
    let body = json!({ "name": "a", "scopes": ["audit.read", "tokens.write"], "days": 1 });
    let mut browser = Browser::of(&test, &operator);
    let made = browser.call("post", &path, &body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(Browser::program(&test, &secret).call("post", &path, &body).await.status, StatusCode::FORBIDDEN);
    browser.csrf = None;
    assert_eq!(browser.call("post", &path, &body).await.status, StatusCode::FORBIDDEN, "a script of another site");
    assert_eq!(browser.get(&path).await.status, StatusCode::OK, "reading needs none");
    let named = identity::list_tokens(&test.house, &Actor::Platform, tenant).await.unwrap();
    assert_eq!(named.len(), 1);
}
