//! The way of a comune: it asks, is answered, and its RTD comes in.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{CodeApp, PASSWORD, ask, found, link_in};

/// A form that nothing is wrong with.
const GOOD: [(&str, &str); 8] = [
    ("cadastral_code", "I726"),
    ("comune", "Siena"),
    ("pec", "comune.siena@postacert.toscana.it"),
    ("rtd_name", "Anna Bianchi"),
    ("rtd_role", "Segretaria comunale"),
    ("email", "anna.bianchi@comune.siena.it"),
    ("devices", "12"),
    ("note", ""),
];

/// That form with one field written otherwise.
fn with<'f>(field: &str, value: &'f str) -> Vec<(&'static str, &'f str)> {
    GOOD.into_iter().map(|(name, good)| (name, if name == field { value } else { good })).collect()
}

/// What stands beside a field of a form.
fn beside(text: &str, field: &str) -> String {
    let rest = text.split(&format!("id=\"{field}-error\">")).nth(1).unwrap_or_default();
    rest.split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let test = TestHouse::in_memory().await;
    found(&test).await;
    let mut comune = Browser::far(&test);
    for (field, value) in
        [("rtd_name", ""), ("rtd_role", ""), ("email", "anna"), ("pec", "pec@"), ("devices", "molti"), ("devices", "0")]
    {
        let answer = comune.post_only("/activate", &with(field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(!beside(&answer.text, field).is_empty(), "{field}: nothing beside it");
        assert!(answer.text.contains(&format!("<a href=\"#{field}\">")), "{field}: the list of errors leads there");
        for (kept, typed) in with(field, value).iter().filter(|(name, _)| *name != "note") {
            assert_eq!(answer.field(kept), *typed, "{kept} is kept");
        }
    }
    let all: Vec<_> = GOOD.iter().map(|(name, _)| (*name, if *name == "comune" { "San" } else { "!" })).collect();
    let answer = comune.post_only("/activate", &all).await;
    for field in ["comune", "pec", "email", "devices"] {
        assert!(!beside(&answer.text, field).is_empty(), "{field}: nothing beside it");
        assert!(answer.text.contains(&format!("<a href=\"#{field}\">")), "{field}: the summary leads there");
        assert!(answer.text.contains(&format!("aria-describedby=\"{field}-")), "{field} is described");
    }
    assert!(answer.text.contains("id=\"errors\" tabindex=\"-1\""), "the summary takes the focus");
    assert_eq!(answer.text.matches("aria-invalid=\"true\"").count(), 4, "and what is good is not called wrong");
    let unknown = [("cadastral_code", ""), ("comune", "Atlantide")];
    let answer = comune.post_only("/activate", &unknown).await;
    assert!(!beside(&answer.text, "comune").is_empty());
}

#[tokio::test]
async fn a_comune_finds_itself_without_scripts() {
    let test = TestHouse::in_memory().await;
    let mut comune = Browser::far(&test);
    let found = comune.get("/register?service=17.1&q=sien").await;
    assert!(found.text.contains("/update?comune=I726"), "{}", found.text);
    let form = comune.get("/update?comune=I726").await;
    assert_eq!((form.field("cadastral_code").as_str(), form.field("comune").as_str()), ("I726", "Siena"));
    let api = comune.get("/api/v1/public/comuni?q=sien").await.json();
    assert_eq!(api["items"][0]["cadastral_code"], "I726");
    assert_eq!(api["items"][0]["province"], "SI");
}

#[tokio::test]
async fn the_whole_way_from_the_form_to_the_overview() {
    let test = TestHouse::in_memory().await;
    let mut operator = Browser::of(&test, &found(&test).await);

    // The comune asks and gets its receipt.
    let mut comune = Browser::new(&test);
    let sent = comune.post_only("/activate", &GOOD).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let receipt = comune.get(sent.location()).await;
    assert!(receipt.text.contains("a…@comune.siena.it") && !receipt.text.contains("Anna Bianchi"));
    let again = comune.post_only("/activate", &GOOD).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the same is asked for already");

    // The operator sees it, asks for something, and approves.
    let queue = operator.get("/requests").await;
    assert!(queue.text.contains("Anna Bianchi"));
    let id = sent.location().rsplit('/').next().unwrap().to_owned();
    let request = operator.get(&format!("/requests/{id}")).await;
    assert!(request.text.contains("comune.siena@postacert.toscana.it"));
    let silent = operator.post(&format!("/requests/{id}/pause"), &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!beside(&silent.text, "reason").is_empty());
    let paused = operator.post(&format!("/requests/{id}/pause"), &[("reason", "Manca la delibera")]).await;
    assert_eq!(paused.location(), format!("/requests/{id}?done=paused"));
    let told = operator.get(paused.location()).await;
    assert!(told.text.contains("Manca la delibera") && told.text.contains("Olga Neri"));
    assert!(comune.get(&format!("/receipt/{id}")).await.text.contains("Manca la delibera"));
    let resumed = operator.post(&format!("/requests/{id}/resume"), &[]).await;
    assert_eq!(resumed.status, StatusCode::SEE_OTHER);
    let approved = operator.post(&format!("/requests/{id}/approve"), &[]).await;
    assert_eq!(approved.location(), format!("/requests/{id}?done=approved"));
    let late = operator.post(&format!("/requests/{id}/refuse"), &[("reason", "no")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);

    // The mail lies in the inbox of this computer; its link leads to a password and in.
    baluardo_service::outbox::deliver_due_mail(&test.house, None).await.unwrap();
    let inbox = comune.get("/inbox?q=%C3%A8+attivo").await;
    let mail = inbox.text.split("href=\"/inbox/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mail = comune.get(&format!("/inbox/{mail}")).await;
    let secret = link_in(&mail.text.replace(['"', '<'], " "));
    let landing = comune.get(&format!("/link/{secret}")).await;
    assert!(landing.text.contains("Anna Bianchi"));
    assert_eq!(comune.post_only(&format!("/link/{secret}"), &[]).await.location(), "/welcome");
    let welcome = comune.get("/welcome").await;
    let totp = welcome.text.split("<code").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    let app = CodeApp::of(&totp.replace(' ', ""));
    let code = app.code(test.house.now());
    let chosen = [("password", PASSWORD), ("repeat", PASSWORD), ("code", code.as_str())];
    let entered = comune.post_only("/welcome/password", &chosen).await;
    assert_eq!(entered.location(), "/overview", "{}", entered.text);
    let overview = comune.get("/overview").await;
    assert_eq!(overview.status, StatusCode::OK);
    assert!(overview.text.contains("Anna Bianchi"));
    assert_eq!(comune.get(&format!("/requests/{id}")).await.status, StatusCode::FORBIDDEN);

    // From now on the password and a fresh code do.
    test.clock.advance(std::time::Duration::from_secs(60));
    let mut other = Browser::far(&test);
    let code = app.code(test.house.now());
    let sign_in = [("email", "anna.bianchi@comune.siena.it"), ("password", PASSWORD), ("code", code.as_str())];
    assert_eq!(other.post_only("/sign-in", &sign_in).await.location(), "/overview");
    let wrong = [("email", "anna.bianchi@comune.siena.it"), ("password", "no"), ("code", "000000")];
    assert_eq!(Browser::far(&test).post_only("/sign-in", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn every_public_figure_leads_to_the_requests_behind_it() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    ask(&test, "I726", "anna@comune.siena.it").await;
    ask(&test, "E715", "luca@comune.lucca.it").await;
    let mut anybody = Browser::far(&test);
    let page = anybody.get("/sla").await;
    let figure = "/sla?month=2026-11&amp;service=17&amp;outcome=open#cases";
    assert!(page.text.contains(&format!("<a href=\"{figure}\">2</a>")), "{}", page.text);
    let cases = anybody.get("/sla?month=2026-11&service=17&outcome=open").await;
    assert!(cases.text.contains("Siena") && cases.text.contains("Lucca"));
    assert!(!cases.text.contains("anna@") && !cases.text.contains("Anna Bianchi"));
    let none = anybody.get("/sla?month=2026-11&service=17&outcome=missed").await;
    assert!(!none.text.contains("<strong>Siena</strong>"));
    test.clock.advance(std::time::Duration::from_secs(10 * 86_400));
    let late = anybody.get("/sla?month=2026-11&service=17&outcome=missed").await;
    assert!(late.text.contains("<strong>Siena</strong>"));
    let twin = anybody.get("/api/v1/sla").await.json();
    assert_eq!((&twin[0]["missed"], &twin[0]["service"]), (&2.into(), &"17".into()));
    drop(operator);
}

#[tokio::test]
async fn the_queue_is_narrowed_paged_and_exported() {
    let test = TestHouse::in_memory().await;
    let mut operator = Browser::of(&test, &found(&test).await);
    ask(&test, "I726", "anna@comune.siena.it").await;
    let lucca = ask(&test, "E715", "luca@comune.lucca.it").await;
    operator.post(&format!("/requests/{lucca}/refuse"), &[("reason", "=HYPERLINK(1)")]).await;
    for (query, siena, lucca) in [
        ("", true, false),
        ("?state=refused", false, true),
        ("?state=all", true, true),
        ("?state=all&q=lucca", false, true),
        ("?state=paused", false, false),
        ("?service=17.1", false, false),
    ] {
        let page = operator.get(&format!("/requests{query}")).await;
        let shows = |name: &str| page.text.contains(&format!(">{name}</a>"));
        assert_eq!((shows("Siena"), shows("Lucca")), (siena, lucca), "{query}");
        let api = operator.get(&format!("/api/v1/requests{query}")).await.json();
        assert_eq!(api["total"], u64::from(siena) + u64::from(lucca), "{query}");
    }
    let csv = operator.get("/requests?state=all&format=csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), 3);
    assert!(csv.text.starts_with('\u{feff}') && csv.text.contains(";Lucca;LU;Anna Bianchi;luca@comune.lucca.it;"));
}
