//! An intruder as people read of it: the finding in words, and the campaign for those who may know of it.

use crate::stage::{Answer, Browser};
use axum::http::StatusCode;
use baluardo_testkit::people::{activate, found};
use baluardo_testkit::{TestAgent, TestHouse};
use std::net::IpAddr;

const SOURCE: &str = "203.0.113.9";

async fn read(browser: &mut Browser, path: &str) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    page
}

#[tokio::test]
async fn an_address_that_tries_two_comuni_is_read_by_each_as_its_own_and_by_the_operator_as_one() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    let source: IpAddr = SOURCE.parse().unwrap();
    let mut first = TestAgent::enrol(&test, &siena.actor, siena.tenant.id, "pc-siena").await;
    let mut other = TestAgent::enrol(&test, &lucca.actor, lucca.tenant.id, "pc-lucca").await;
    let id = first.tells_of_intruder(&test, source).await;
    other.tells_of_intruder(&test, source).await;

    let mut rtd = Browser::of(&test, &siena);
    let list = read(&mut rtd, "/findings?kind=intrusion").await;
    assert!(list.text.contains("Molte password provate via SSH su un account, da 203.0.113.9"), "{}", list.text);
    assert!(!list.text.contains("href=\"/campaigns\">1"), "one device is no campaign of its own");
    let story = read(&mut rtd, &format!("/findings/{id}")).await;
    for words in ["anna", "T1110.001", "<code>AuthMethod</code>", "cambia la password"] {
        assert!(story.text.contains(words), "{words}: {}", story.text);
    }
    assert!(!story.text.contains("altro Comune"), "that another was tried is not theirs to know");
    let own = read(&mut rtd, "/campaigns").await;
    assert!(own.text.contains("Nessuna campagna") && !own.text.contains(SOURCE), "{}", own.text);
    assert_eq!(rtd.get("/api/v1/campaigns").await.status, StatusCode::FORBIDDEN);

    let mut consortium = Browser::of(&test, &operator);
    let all = read(&mut consortium, "/campaigns").await;
    for words in [SOURCE, "Siena", "Lucca"] {
        assert!(all.text.contains(words), "{words}: {}", all.text);
    }
    assert!(read(&mut consortium, "/findings").await.text.contains("1 indirizzo prova più computer"));
    let told = read(&mut consortium, "/api/v1/campaigns").await.json();
    assert_eq!((told[0]["devices"].as_u64(), told[0]["members"].as_array().map(Vec::len)), (Some(2), Some(2)));
    let inside = read(&mut consortium, &format!("/comuni/{}/campaigns", siena.tenant.id)).await;
    assert!(!inside.text.contains("Lucca") && !inside.text.contains(SOURCE), "{}", inside.text);

    let mut second = TestAgent::enrol(&test, &siena.actor, siena.tenant.id, "pc-siena-2").await;
    second.tells_of_intruder(&test, source).await;
    let own = read(&mut rtd, "/campaigns").await;
    assert!(own.text.contains(SOURCE) && own.text.contains("meno di 5"), "{}", own.text);
    assert!(read(&mut rtd, &format!("/findings/{id}")).await.text.contains("Fa parte di una campagna"));
}

#[tokio::test]
async fn the_policy_page_says_what_of_log_ins_is_watched_and_takes_a_change() {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let mut browser = Browser::of(&test, &rtd);
    let before = read(&mut browser, "/policy").await;
    assert_eq!((before.field("odd_from"), before.field("odd_until")), ("22".to_owned(), "5".to_owned()));
    let fields = |from: &'static str| {
        let version = before.field("version");
        vec![
            ("version", version),
            ("respond", "true".to_owned()),
            ("scan_folders", "/home".to_owned()),
            ("guard_folders", "/home".to_owned()),
            ("vault_mb", "2048".to_owned()),
            ("max_file_mb", "64".to_owned()),
            ("verdict_ms", "2000".to_owned()),
            ("isolate_hours", "0".to_owned()),
            ("superseded_hours", "24".to_owned()),
            ("intrusion", "false".to_owned()),
            ("odd_from", from.to_owned()),
            ("odd_until", "6".to_owned()),
            ("odd_sundays", "true".to_owned()),
        ]
    };
    let post = async |browser: &mut Browser, from| {
        let fields = fields(from);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/policy", &fields).await
    };
    let wrong = post(&mut browser, "99").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("<a href=\"#odd_from\">"), "{}", wrong.text);
    assert_eq!(post(&mut browser, "21").await.status, StatusCode::SEE_OTHER);
    let policy = read(&mut browser, &format!("/api/v1/tenants/{}/policy", rtd.tenant.id)).await.json();
    let wanted = serde_json::json!({ "watch": false, "odd_from": 21, "odd_until": 6, "odd_sundays": true });
    assert_eq!(policy["intrusion"], wanted);
}
