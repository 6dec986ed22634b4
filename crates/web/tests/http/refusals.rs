//! What the console does not let happen: forged forms, foreign text that runs, sessions of nobody.

use crate::stage::Browser;
use axum::http::{Method, StatusCode};
use baluardo_model::identity::Role;
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{activate, found, invite};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn a_form_without_the_token_of_its_session_does_nothing() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let mut browser = Browser::of(&test, &operator);
    for fields in [vec![], vec![("csrf", "")], vec![("csrf", "x")]] {
        let forged = [fields, vec![("month", "12"), ("day", "1")]].concat();
        assert_eq!(browser.post_only("/settings/patron", &forged).await.status, StatusCode::FORBIDDEN);
    }
    let done = browser.post("/settings/patron", &[("month", "12"), ("day", "1")]).await;
    assert_eq!(done.location(), "/settings?done=settings_saved");
}

#[tokio::test]
async fn a_form_on_another_site_does_nothing_even_with_the_token() {
    let test = TestHouse::in_memory().await;
    let mut browser = Browser::of(&test, &found(&test).await);
    browser.origin = Some("https://evil.example".to_owned());
    for path in ["/settings/patron", "/sign-out", "/activate", "/sign-in", "/sign-in/link"] {
        assert_eq!(browser.post(path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let tenant = found_tenant(&test).await;
    let call = browser.call("post", &format!("/api/v1/tenants/{tenant}/patron"), &serde_json::json!({})).await;
    assert_eq!(call.status, StatusCode::FORBIDDEN);
}

async fn found_tenant(test: &TestHouse) -> String {
    baluardo_service::identity::first_consortium(&test.house).await.unwrap().id.to_string()
}

#[tokio::test]
async fn nobody_comes_in_with_an_ended_or_invented_session() {
    let test = TestHouse::in_memory().await;
    let mut browser = Browser::of(&test, &found(&test).await);
    let mut copy = browser.clone();
    assert_eq!(browser.post("/sign-out-everywhere", &[]).await.location(), "/sign-in?done=signed_out");
    assert_eq!(copy.get("/overview").await.location(), "/sign-in?next=/overview");
    assert_eq!(copy.post("/settings/patron", &[]).await.location(), "/sign-in");
    assert_eq!(copy.get("/api/v1/requests").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn hostile_text_is_shown_and_never_run() {
    let test = TestHouse::in_memory().await;
    let mut operator = Browser::of(&test, &found(&test).await);
    let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut anybody = Browser::new(&test);
    let form = [
        ("cadastral_code", "I726"),
        ("comune", "Siena"),
        ("pec", "a@pec.example.it"),
        ("rtd_name", evil),
        ("rtd_role", evil),
        ("email", "anna@comune.siena.it"),
        ("devices", "1"),
        ("note", evil),
    ];
    let wrong: Vec<_> =
        form.iter().map(|(name, value)| (*name, if *name == "devices" { evil } else { *value })).collect();
    let sent = anybody.post_only("/activate", &form).await;
    let id = sent.location().rsplit('/').next().unwrap().to_owned();
    operator.post(&format!("/requests/{id}/pause"), &[("reason", evil)]).await;
    baluardo_service::outbox::deliver_due_mail(&test.house, None).await.unwrap();
    let coded: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
    let mut pages = vec![anybody.post_only("/activate", &wrong).await];
    for path in [
        format!("/receipt/{id}"),
        format!("/register?q={coded}&service={coded}"),
        format!("/activate?comune={coded}"),
        format!("/sign-in?next={coded}&email={coded}"),
        format!("/inbox?q={coded}"),
        format!("/{coded}"),
    ] {
        pages.push(anybody.get(&path).await);
    }
    for path in [
        "/requests".to_owned(),
        format!("/requests/{id}"),
        format!("/requests?state=all&q={coded}"),
        format!("/audit?q={coded}&act={coded}"),
        format!("/people?q={coded}"),
        format!("/overview?done={coded}"),
    ] {
        pages.push(operator.get(&path).await);
    }
    pages.push(operator.post("/people", &[("name", evil), ("email", evil), ("role", evil), ("office", evil)]).await);
    let mut seen = 0;
    for page in &pages {
        for markup in ["<script>alert", "<img src=x", "\"'>"] {
            assert!(!page.text.contains(markup), "{markup} in {}", page.text);
        }
        seen += usize::from(page.text.contains("alert(1)"));
    }
    assert!(seen >= 8, "only {seen} pages show the text at all");
}

#[tokio::test]
async fn every_page_has_its_headers() {
    let test = TestHouse::in_memory().await;
    let mut browser = Browser::of(&test, &found(&test).await);
    for path in ["/", "/activate", "/requests", "/nowhere", "/settings", "/audit"] {
        let page = browser.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn the_switch_of_language_keeps_the_page_and_leads_nowhere_else() {
    let test = TestHouse::in_memory().await;
    found(&test).await;
    let mut anybody = Browser::far(&test);
    let italian = anybody.get("/activate?comune=I726").await;
    assert!(italian.text.contains("<html lang=\"it\""));
    let switch = italian.text.split("href=\"/language?").nth(1).unwrap().split('"').next().unwrap();
    let switched = anybody.get(&format!("/language?{}", switch.replace("&amp;", "&"))).await;
    assert_eq!(switched.location(), "/activate?comune=I726");
    let english = anybody.get(switched.location()).await;
    assert!(english.text.contains("<html lang=\"en\""));
    let page = anybody.get("/nowhere").await;
    assert_eq!((page.status, page.text.contains("<html lang=\"en\"")), (StatusCode::NOT_FOUND, true));
    for evil in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        assert_eq!(anybody.get(&format!("/language?to=it&back={evil}")).await.location(), "/");
    }
}

#[tokio::test]
async fn mail_is_read_only_on_this_computer() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    assert_eq!(Browser::new(&test).get("/inbox").await.status, StatusCode::OK);
    assert_eq!(Browser::far(&test).get("/inbox").await.status, StatusCode::NOT_FOUND);
    assert_eq!(Browser::of(&test, &operator).get("/inbox").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_and_the_house_stands() {
    let test = TestHouse::in_memory().await;
    found(&test).await;
    let mut anybody = Browser::far(&test);
    for size in [70 * 1024, 300 * 1024] {
        let answer = anybody.send(Method::POST, "/activate", FORM, format!("note={}", "x".repeat(size))).await;
        assert!(answer.status.is_client_error(), "{size}: {}", answer.status);
    }
    let odd = anybody.send(Method::POST, "/activate", FORM, "%ff%fe=%00&&&=".to_owned()).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(anybody.get("/activate").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_role_that_may_not_sees_no_button_and_no_way() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let clerk = invite(&test, &rtd.actor, rtd.tenant.id, "carla@comune.siena.it", Role::Clerk).await;
    let mut browser = Browser::of(&test, &clerk);
    assert_eq!(browser.get("/overview").await.status, StatusCode::OK);
    for path in ["/people", "/settings", "/audit", "/requests", "/devices", "/findings", "/quarantine", "/policy"] {
        assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
