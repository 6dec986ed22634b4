//! How a person changes the way they sign in, as they do it: by pages, and by the calls of the pages' script.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_model::identity::Role;
use baluardo_service::identity::{self, NewToken};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{
    CodeApp, Entered, OPERATOR, PASSWORD, activate, enter, found, invite, secret_of, signed_in,
};
use serde_json::json;
use std::time::Duration;

const NEW: &str = "cinque gatti dormono tranquilli";

async fn olga(test: &TestHouse) -> (Entered, CodeApp) {
    let (_, link) = identity::found_consortium(&test.house, "Consorzio", OPERATOR, "Olga Neri").await.unwrap();
    let (browser, app) = enter(&test.house, &secret_of(&link.unwrap().url)).await;
    (Entered { signed: signed_in(&test.house, &browser).await, browser }, app)
}

#[tokio::test]
async fn a_password_is_changed_in_the_page_and_faults_stand_beside_their_fields() {
    let test = TestHouse::in_memory().await;
    let (olga, app) = olga(&test).await;
    let mut browser = Browser::of(&test, &olga);
    let page = browser.get("/access").await;
    assert!(page.text.contains(OPERATOR) && page.text.contains("action=\"/access/password\""), "{}", page.text);
    assert!(!page.text.contains("/access/password/remove"), "it is the only way in");

    let change = async |browser: &mut Browser, present: &str, new: &str, repeat: &str| {
        browser.post("/access/password", &[("present", present), ("password", new), ("repeat", repeat)]).await
    };
    for (present, new, repeat, field) in [
        ("non la so davvero", NEW, NEW, "present"),
        (PASSWORD, "corta", "corta", "password"),
        (PASSWORD, NEW, PASSWORD, "repeat"),
    ] {
        let answer = change(&mut browser, present, new, repeat).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.text.contains(&format!("<a href=\"#{field}\">")), "{field}");
        assert!(!answer.text.contains(NEW), "no password comes back");
    }
    test.clock.advance(Duration::from_secs(30));
    let mut other = Browser::far(&test);
    let code = app.code(test.house.now());
    let sign_in = [("email", OPERATOR), ("password", PASSWORD), ("code", code.as_str())];
    assert_eq!(other.post_only("/sign-in", &sign_in).await.location(), "/overview");
    assert_eq!(change(&mut browser, PASSWORD, NEW, NEW).await.location(), "/access?done=password_changed");
    assert_eq!(other.get("/overview").await.location(), "/sign-in?next=/overview");
    assert_eq!(browser.get("/access").await.status, StatusCode::OK);
}

#[tokio::test]
async fn after_ten_minutes_the_page_asks_who_is_there() {
    let test = TestHouse::in_memory().await;
    let (olga, app) = olga(&test).await;
    let mut browser = Browser::of(&test, &olga);
    test.clock.advance(Duration::from_secs(10 * 60));
    let page = browser.get("/access").await;
    assert!(page.text.contains("action=\"/access/prove\"") && !page.text.contains("totp-secret"), "{}", page.text);
    for path in ["/access/password", "/access/totp", "/access/password/add"] {
        assert_eq!(browser.post(path, &[]).await.location(), "/access?done=prove_first", "{path}");
    }
    let refused = browser.call("post", "/api/v1/me/passkeys/start", &json!({})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::CONFLICT, Some("proof_needed")));

    let wrong = browser.post("/access/prove", &[("password", PASSWORD), ("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = app.code(test.house.now());
    let proved = browser.post("/access/prove", &[("password", PASSWORD), ("code", &code)]).await;
    assert_eq!(proved.location(), "/access?done=proved");
    assert!(browser.get("/access").await.text.contains("totp-secret"));
}

#[tokio::test]
async fn a_second_factor_is_changed_with_a_code_of_the_new_app() {
    let test = TestHouse::in_memory().await;
    let (olga, app) = olga(&test).await;
    let mut browser = Browser::of(&test, &olga);
    let page = browser.get("/access").await;
    let secret = page.text.split("id=\"totp-secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let old = app.code(test.house.now());
    assert_eq!(browser.post("/access/totp", &[("code", &old)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = CodeApp::of(&secret).code(test.house.now());
    assert_eq!(browser.post("/access/totp", &[("code", &new)]).await.location(), "/access?done=totp_changed");
}

#[tokio::test]
async fn everybody_has_the_page_and_no_token_has_the_calls() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let clerk = invite(&test, &rtd.actor, rtd.tenant.id, "carla@comune.siena.it", Role::Clerk).await;
    assert_eq!(Browser::of(&test, &clerk).get("/access").await.status, StatusCode::OK);
    assert_eq!(Browser::far(&test).get("/access").await.location(), "/sign-in?next=/access");

    let mut browser = Browser::of(&test, &rtd);
    let mine = browser.get("/api/v1/me/credentials").await.json();
    assert_eq!((mine["proved"].as_bool(), mine["several"].as_bool()), (Some(true), Some(false)));
    assert!(mine.get("totp").is_none(), "{mine}");
    let scopes = identity::scopes_of(Role::Rtd).into_iter().map(str::to_owned).collect();
    let new = NewToken { tenant: rtd.tenant.id, name: "tutto".to_owned(), role: None, scopes, days: 1 };
    let token = identity::create_token(&test.house, &rtd.actor, &new).await.unwrap();
    let mut program = Browser::program(&test, &token.secret);
    assert_eq!(program.get("/api/v1/me/credentials").await.status, StatusCode::UNAUTHORIZED);

    let begun = browser.call("post", "/api/v1/me/passkeys/start", &json!({ "name": "telefono" })).await;
    assert!(begun.json()["publicKey"]["challenge"].is_string(), "{}", begun.text);
    let junk = browser.call("post", "/api/v1/me/passkeys/finish", &json!({ "id": 1 })).await;
    assert_eq!(
        (junk.status, junk.json()["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("passkey_unreadable"))
    );
    let none = browser.call("post", "/api/v1/me/proof/start", &json!({})).await;
    assert_eq!(none.json()["code"], "passkey_none");
    browser.csrf = None;
    let forged = browser.call("post", "/api/v1/me/passkeys/start", &json!({})).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_lost_everything_sends_themselves_a_link() {
    let test = TestHouse::in_memory().await;
    let (olga, _) = olga(&test).await;
    let mut browser = Browser::of(&test, &olga);
    assert_eq!(browser.post("/access/link", &[]).await.location(), "/access?done=link_sent");
    let mail = baluardo_testkit::people::mail_to(&test, OPERATOR).await.unwrap();
    assert!(mail.contains("/link/"), "{mail}");
}
