//! The page behind a link of the letter about held mail: looking does nothing, the button does it once, and for nobody else.

use crate::stage::Browser;
use axum::http::StatusCode;
use baluardo_model::mail::{HeldState, MailPolicy};
use baluardo_model::{HeldMailId, TenantId};
use baluardo_service::mail::{self, HELD_LINK_PATH};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::{Class, at, held_links, hold_for};
use baluardo_testkit::people::{Entered, activate, found, mail_to};

const SPAM: (Class, f32) = (Class::Spam, 0.9);
const PHISH: (Class, f32) = (Class::Phishing, 0.97);

struct World {
    test: TestHouse,
    siena: Entered,
    lucca: Entered,
}

async fn world() -> World {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    for (rtd, domain) in [(&siena, "comune.siena.it"), (&lucca, "comune.lucca.it")] {
        mail::claim_domain(&test.house, &rtd.actor, rtd.tenant.id, domain).await.unwrap();
        mail::decide_domain(&test.house, &operator.actor, rtd.tenant.id, domain, true).await.unwrap();
    }
    // An hour on, before anybody's session ends.
    let policy = MailPolicy { digest_hour: 10, ..MailPolicy::default() };
    mail::change_mail_policy(&test.house, &siena.actor, siena.tenant.id, &policy).await.unwrap();
    World { test, siena, lucca }
}

impl World {
    /// Holds a message for `address`; which, and the path of its link.
    async fn held(&self, tenant: TenantId, judged: (Class, f32), address: &str) -> (HeldMailId, String) {
        let held = hold_for(&self.test, tenant, "fattura", judged, &[address]).await;
        at(&self.test, "2026-11-02 10:00");
        mail::send_digests(&self.test.house).await.unwrap();
        let letter = mail_to(&self.test, address).await.unwrap();
        (held.id, format!("{HELD_LINK_PATH}{}", held_links(&letter)[0]))
    }

    async fn state(&self, who: &Entered, id: HeldMailId) -> HeldState {
        mail::get_held(&self.test.house, &who.actor, who.tenant.id, id).await.unwrap().state
    }
}

#[tokio::test]
async fn a_link_shows_a_page_and_only_its_button_releases() {
    let world = world().await;
    let (id, path) = world.held(world.siena.tenant.id, SPAM, "ufficio@comune.siena.it").await;
    let mut clerk = Browser::far(&world.test);
    for _ in 0..3 {
        let page = clerk.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text.contains("fattura: il suo conto") && page.text.contains("Un link accorciato"),
            "{}",
            page.text
        );
        assert!(page.text.contains("Ricevi il messaggio") && page.text.contains("non scrivere password"));
        assert!(!page.text.contains("BancoPosta"), "never what the message says");
    }
    for unasked in [format!("{path}/release"), format!("{path}/ask")] {
        assert_eq!(clerk.get(&unasked).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(world.state(&world.siena, id).await, HeldState::Held, "scanners follow links");
    let mut elsewhere = Browser::far(&world.test);
    elsewhere.origin = Some("https://evil.example".to_owned());
    let foreign = elsewhere.post_only(&format!("{path}/release"), &[]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "a page of another site presses no button");
    assert_eq!(world.state(&world.siena, id).await, HeldState::Held);

    let done = clerk.post_only(&format!("{path}/release"), &[]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.text.contains("Il messaggio è in viaggio") && !done.text.contains("<form method=\"post\" action=\"/held")
    );
    assert_eq!(world.state(&world.siena, id).await, HeldState::Releasing);
    for again in [clerk.post_only(&format!("{path}/release"), &[]).await, clerk.get(&path).await] {
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text.contains("già stato consegnato") && !again.text.contains("fattura"), "{}", again.text);
    }
}

#[tokio::test]
async fn what_is_the_rtds_is_asked_for_and_shows_in_the_list() {
    let world = world().await;
    let (id, path) = world.held(world.siena.tenant.id, PHISH, "ufficio@comune.siena.it").await;
    let mut clerk = Browser::far(&world.test);
    let page = clerk.get(&path).await;
    assert!(page.text.contains("Chiedi al RTD") && !page.text.contains("Ricevi il messaggio"));
    let refused = clerk.post_only(&format!("{path}/release"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("decide il responsabile"));
    let asked = clerk.post_only(&format!("{path}/ask"), &[]).await;
    assert!(asked.text.contains("chiesto al responsabile"), "{}", asked.text);
    assert!(clerk.get(&path).await.text.contains("chiesto al responsabile"));
    assert_eq!(world.state(&world.siena, id).await, HeldState::Held);
    let mut rtd = Browser::of(&world.test, &world.siena);
    assert!(rtd.get("/mail").await.text.contains("Richiesto da ufficio@comune.siena.it"));
    assert!(rtd.get(&format!("/mail/{id}")).await.text.contains("Richiesto da"));
    let twin = rtd.get(&format!("/api/v1/tenants/{}/mail", world.siena.tenant.id)).await.json();
    assert_eq!(twin[0]["asked_by"][0], "ufficio@comune.siena.it");
}

#[tokio::test]
async fn a_link_of_one_comune_opens_nothing_of_another_and_a_changed_one_nothing_at_all() {
    let world = world().await;
    let (siena, ours) = world.held(world.siena.tenant.id, SPAM, "ufficio@comune.siena.it").await;
    let lucca = hold_for(&world.test, world.lucca.tenant.id, "segreto", SPAM, &["ufficio@comune.lucca.it"]).await.id;
    let mut anybody = Browser::far(&world.test);
    let token = ours.strip_prefix(HELD_LINK_PATH).unwrap();
    // Two ids stand first: in letters of six bits, the tenant's from 0, the message's from 21 on.
    for at in [5, 15, 22, 30, 44, 60, 117] {
        let mut bad: Vec<char> = token.chars().collect();
        bad[at] = if bad[at] == 'A' { 'Q' } else { 'A' };
        let bad: String = bad.into_iter().collect();
        for answer in [
            anybody.get(&format!("{HELD_LINK_PATH}{bad}")).await,
            anybody.post_only(&format!("{HELD_LINK_PATH}{bad}/release"), &[]).await,
        ] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}");
            assert!(answer.text.contains("Aprilo di nuovo dalla lettera"), "the remedy: {}", answer.text);
            assert!(!answer.text.contains("segreto") && !answer.text.contains("fattura"));
        }
    }
    assert_eq!(world.state(&world.siena, siena).await, HeldState::Held);
    assert_eq!(world.state(&world.lucca, lucca).await, HeldState::Held);
    let released = anybody.post_only(&format!("{ours}/release"), &[]).await;
    assert_eq!(released.status, StatusCode::OK);
    assert_eq!(
        world.state(&world.lucca, lucca).await,
        HeldState::Held,
        "what is released is one message of one comune"
    );
    at(&world.test, "2026-11-30 08:00");
    mail::forget_mail(&world.test.house).await.unwrap();
    let late = anybody.get(&ours).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text.contains("non è più conservato"));
}

#[tokio::test]
async fn whoever_tries_links_is_slowed_down() {
    let world = world().await;
    let mut anybody = Browser::far(&world.test);
    let mut last = anybody.get("/held/x").await;
    for _ in 0..35 {
        last = anybody.get("/held/x").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn the_rules_of_the_letter_are_the_comunes_in_the_form_and_in_the_api() {
    let world = world().await;
    let mut rtd = Browser::of(&world.test, &world.siena);
    let page = rtd.get("/mail/settings").await;
    assert_eq!(page.field("digest_hour"), "10");
    let mut form = vec![
        ("on_suspicion", "hold"),
        ("on_trouble", "try_later"),
        ("consortium", "nothing"),
        ("keep_days", "21"),
        ("digest", "working_days"),
        ("recipients_may", "nothing"),
        ("digest_hour", "25"),
    ];
    let wrong = rtd.post("/mail/settings", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Scrivi un'ora da 0 a 23") || wrong.text.contains("Scrivi un&#39;ora da 0 a 23"));
    form.pop();
    form.push(("digest_hour", "7"));
    assert_eq!(rtd.post("/mail/settings", &form).await.status, StatusCode::SEE_OTHER);
    let address = format!("/api/v1/tenants/{}/mail/policy", world.siena.tenant.id);
    let policy = rtd.get(&address).await.json();
    assert_eq!((&policy["digest"], &policy["digest_hour"]), (&"working_days".into(), &7.into()));
    assert_eq!(policy["recipients_may"], "nothing");
    let off = serde_json::json!({ "digest": "off" });
    assert_eq!(rtd.call("put", &address, &off).await.json()["digest"], "off");
}
