//! Who may knock where: every route of the tables, as everybody, with another tenant's ids. The answer is always "not
//! signed in", "forbidden" or "not there"; nothing of the other tenant is in it, and nothing of theirs changes.
//!
//! The routes come from `routes::table()`, so a new one is knocked at from its first day.

mod world;

pub(crate) use world::{Victim, World, world};

use crate::stage::{Answer, Browser};
use axum::http::StatusCode;
use baluardo_model::identity::{Management, Role};
use baluardo_service::identity::{self, NewToken};
use baluardo_testkit::TestAgent;
use baluardo_testkit::people::{Entered, invite, mail_to};
use baluardo_web::routes::{Access, RouteInfo, table};
use world::{MARKER, rows};

/// Knocks at a route with the victim's ids in path, query and body.
pub(crate) async fn knock(browser: &mut Browser, victim: &Victim, route: &RouteInfo) -> Answer {
    let path = victim.path(route.path);
    match route.method {
        "get" => browser.get(&format!("{path}?device={}&tenant={}", victim.agent.device, victim.tenant)).await,
        method if path.starts_with("/api/") => {
            let body = victim.body(&path);
            browser.call(method, &path, &body).await
        }
        "post" => browser.post(&path, &victim.fields()).await,
        method => panic!("{method} {path}: say here how to knock"),
    }
}

/// Whether an answer is a no.
fn refused(answer: &Answer) -> bool {
    let no = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status);
    no || (answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in"))
}

fn names_a_row(route: &RouteInfo) -> bool {
    route.path.contains('{')
}

/// Acts on the attacker's own rows or session: there is nothing of another tenant in them to reach.
fn own_act(route: &RouteInfo) -> bool {
    !names_a_row(route) && route.method != "get"
}

/// As `who`, at every door, except where `may` says that this one is open to them.
async fn knock_everywhere(world: &World, who: &str, browser: &Browser, may: impl Fn(&RouteInfo) -> bool) {
    let before = rows(world).await;
    let mut knocked = 0;
    for route in table().iter().filter(|route| !own_act(route)) {
        let answer = knock(&mut browser.clone(), &world.victim, route).await;
        let told = format!("{who}: {} {} answers {}\n{}", route.method, route.path, answer.status, answer.text);
        assert!(!answer.status.is_server_error(), "{told}");
        if may(route) {
            continue;
        }
        assert!(!answer.text.to_lowercase().contains(MARKER), "{told}");
        if names_a_row(route) && route.access == Access::Signed {
            assert!(refused(&answer), "{told}");
            knocked += 1;
        }
    }
    assert!(knocked > 50, "{who} knocked at {knocked} doors only");
    assert_eq!(before, rows(world).await, "{who} changed something of the victim's");
}

/// A program of `maker`'s body with every scope that the role can have.
async fn program(world: &World, maker: &Entered, role: Role) -> Browser {
    let scopes = identity::scopes_of(role).into_iter().map(str::to_owned).collect();
    let new = NewToken { tenant: maker.tenant.id, name: "tutto".to_owned(), role: Some(role), scopes, days: 1 };
    let token = identity::create_token(&world.test.house, &maker.actor, &new).await.unwrap();
    Browser::program(&world.test, &token.secret)
}

#[tokio::test]
async fn no_stranger_reaches_a_row_of_another_comune() {
    let world = world().await;
    let test = &world.test;
    let (lucca, consortium) = (world.neighbour.tenant.id, world.operator.tenant.id);
    let mut strangers = vec![
        ("nobody".to_owned(), Browser::far(test)),
        ("an RTD".to_owned(), Browser::of(test, &world.neighbour)),
        ("an RTD's program".to_owned(), program(&world, &world.neighbour, Role::Rtd).await),
    ];
    for role in [Role::Rtd, Role::Clerk, Role::Auditor] {
        let email = format!("{}@comune.lucca.it", role.code());
        let who = invite(test, &world.neighbour.actor, lucca, &email, role).await;
        strangers.push((format!("{} next door", role.code()), Browser::of(test, &who)));
    }
    for role in [Role::PoliceAnalyst, Role::Coordinator, Role::Auditor] {
        let email = format!("{}@consorzio.example", role.code());
        let who = invite(test, &world.operator.actor, consortium, &email, role).await;
        strangers.push((format!("{} of the consortium", role.code()), Browser::of(test, &who)));
        strangers.push((format!("program of a {}", role.code()), program(&world, &world.operator, role).await));
    }
    for (who, browser) in &strangers {
        knock_everywhere(&world, who, browser, |_| false).await;
    }
}

#[tokio::test]
async fn under_local_management_the_operator_reads_the_log_and_nothing_else() {
    let world = world().await;
    identity::switch_management(&world.test.house, &world.rtd.actor, world.victim.tenant, Management::Local)
        .await
        .unwrap();
    // Both sides read the log; the queue is the consortium's own.
    let own = |route: &RouteInfo| {
        let read = route.path.ends_with("/audit") || route.path.ends_with("/audit/export");
        let log = (route.method == "get" && read) || route.path.ends_with("/audit/check");
        (log && names_a_row(route)) || route.path.contains("/requests/{id}")
    };
    knock_everywhere(&world, "operator", &Browser::of(&world.test, &world.operator), own).await;
    knock_everywhere(&world, "operator's program", &program(&world, &world.operator, Role::Operator).await, own).await;
}

#[tokio::test]
async fn under_central_management_people_and_settings_stay_the_comunes_own() {
    let world = world().await;
    let mut operator = Browser::of(&world.test, &world.operator);
    let own = ["/people", "/tokens", "/management", "/patron", "/settings"];
    let before = rows(&world).await;
    let mut knocked = 0;
    for route in table().iter().filter(|route| names_a_row(route) && own.iter().any(|part| route.path.contains(part))) {
        let answer = knock(&mut operator, &world.victim, route).await;
        assert!(refused(&answer), "{} {} answers {}", route.method, route.path, answer.status);
        knocked += 1;
    }
    assert!(knocked >= 10, "{knocked}");
    assert_eq!(before, rows(&world).await);
}

/// Were the ids wrong, everything above would pass: the victim's own RTD opens every one of these doors.
#[tokio::test]
async fn the_same_ids_open_the_doors_to_their_owner() {
    let world = world().await;
    let browser = Browser::of(&world.test, &world.rtd);
    let mut marked = 0;
    for route in table().iter().filter(|route| route.method == "get" && names_a_row(route)) {
        // The queue and hunts over many comuni are the consortium's; the inbox, receipts and links are nobody's in particular.
        let consortiums =
            ["/requests/", "/hunts/members/", "/member-hunts/"].iter().any(|part| route.path.contains(part));
        if route.access == Access::Public || consortiums {
            continue;
        }
        let answer = knock(&mut browser.clone(), &world.victim, route).await;
        assert_eq!(answer.status, StatusCode::OK, "{} {}", route.path, answer.text);
        marked += usize::from(answer.text.to_lowercase().contains(MARKER));
    }
    assert!(marked >= 12, "the word stands on {marked} pages only");
}

/// And were the knocking itself blind, it would let the owner pass for a stranger.
#[tokio::test]
#[should_panic(expected = "the owner: get /")]
async fn the_owner_does_not_pass_for_a_stranger() {
    let world = world().await;
    knock_everywhere(&world, "the owner", &Browser::of(&world.test, &world.rtd), |_| false).await;
}

#[tokio::test]
async fn live_events_of_another_tenant_are_never_heard() {
    let mut world = world().await;
    let mut neighbours = TestAgent::enrol(&world.test, &world.neighbour.actor, world.neighbour.tenant.id, "pc").await;
    let mut line = Browser::of(&world.test, &world.neighbour).listen("/api/v1/events").await;
    assert!(line.next().await.contains("hello"));
    let theirs = world.victim.agent.tells_of(&world.test, &format!("/srv/{MARKER}/2.exe")).await;
    let own = neighbours.tells_of(&world.test, "/srv/1.exe").await;
    let mut heard = String::new();
    while !heard.contains(&own.finding.to_string()) {
        heard.push_str(&line.next().await);
    }
    assert!(!heard.contains(&theirs.finding.to_string()), "{heard}");
}

#[tokio::test]
async fn a_letter_about_one_comune_goes_to_nobody_else() {
    let world = world().await;
    let mail = mail_to(&world.test, "luca@comune.lucca.it").await.unwrap();
    assert!(!mail.to_lowercase().contains(MARKER) && !mail.contains("Siena"));
}
