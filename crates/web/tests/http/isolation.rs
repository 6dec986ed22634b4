//! Who may knock where: every route of the tables, as everybody, with another tenant's ids. The answer is always "not
//! signed in", "forbidden" or "not there"; nothing of the other tenant is in it, and nothing of theirs changes.
//!
//! The routes come from `routes::table()`, so a new one is knocked at from its first day.

use crate::stage::{Answer, Browser};
use axum::http::StatusCode;
use baluardo_model::TenantId;
use baluardo_model::hunt::Quarry;
use baluardo_model::identity::{Actor, Management, Role};
use baluardo_model::mail::senders::SenderAct;
use baluardo_service::fleet::{self, Gathered, NewHunt, NewPack, PolicyChange};
use baluardo_service::identity::{self, NewToken};
use baluardo_service::mail::NewSenderRule;
use baluardo_service::{audit, mail, mailbox, protection};
use baluardo_testkit::mail::{hold, note_pec, phish};
use baluardo_testkit::people::{Entered, activate, ask, found, invite, mail_to};
use baluardo_testkit::{TestAgent, TestFinding, TestHouse};
use baluardo_web::routes::{Access, RouteInfo, table};
use serde_json::{Value, json};

/// A word that stands in every row of the victim and nowhere else.
const MARKER: &str = "zanzibarre";

/// A house with two comuni: Siena is the victim, Lucca is next door.
pub(crate) struct World {
    pub(crate) test: TestHouse,
    pub(crate) operator: Entered,
    pub(crate) rtd: Entered,
    neighbour: Entered,
    pub(crate) victim: Victim,
}

/// What the victim has, by id.
pub(crate) struct Victim {
    tenant: TenantId,
    agent: TestAgent,
    found: TestFinding,
    held: String,
    sender_rule: String,
    report: String,
    person: String,
    token: String,
    enrol_token: String,
    rollback: String,
    evidence: String,
    request: String,
    hunt: String,
    mailbox: String,
    pec: String,
    round: String,
}

pub(crate) async fn world() -> World {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let neighbour = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    let tenant = rtd.tenant.id;
    let policy = fleet::get_policy(&test.house, &rtd.actor, tenant).await.unwrap();
    let folder = format!("/srv/{MARKER}");
    let change = PolicyChange { scan_folders: vec![folder.clone()], ..PolicyChange::from(&policy) };
    fleet::change_policy(&test.house, &rtd.actor, tenant, &change).await.unwrap();
    let mut agent = TestAgent::enrol(&test, &rtd.actor, tenant, &format!("{MARKER}-pc")).await;
    let found = agent.tells_of(&test, &format!("{folder}/fattura.exe")).await;
    let mut content = Gathered::default();
    content.add("a.yar", format!("rule {MARKER} {{ condition: false }}").as_bytes());
    let pack = NewPack { name: MARKER.to_owned(), content };
    fleet::import_pack(&test.house, &rtd.actor, tenant, pack).await.unwrap();
    let clerk = invite(&test, &rtd.actor, tenant, &format!("{MARKER}@comune.siena.it"), Role::Clerk).await;
    let scopes = vec!["people.read".to_owned()];
    let new = NewToken { tenant, name: MARKER.to_owned(), role: None, scopes, days: 1 };
    let token = identity::create_token(&test.house, &rtd.actor, &new).await.unwrap();
    let quarry = Quarry::FileName { pattern: format!("{MARKER}*") };
    let new = NewHunt { quarry, folders: Vec::new(), devices: Vec::new(), reason: MARKER.to_owned(), days: 1 };
    let hunt = fleet::start_hunt(&test.house, &rtd.actor, tenant, &new).await.unwrap();
    let round = fleet::start_member_hunts(&test.house, &operator.actor, &new).await.unwrap().round;
    let request = ask(&test, "A001", "altro@comune.example.it").await;
    let below = format!("{}/{MARKER}", policy.guard_folders[0]);
    let hour = std::time::Duration::from_secs(3_600);
    let to = Some(test.house.now().minus(hour));
    let rollback = fleet::preview_rollback(&test.house, &rtd.actor, tenant, agent.device, &below, to).await.unwrap();
    let evidence = agent.sends_evidence(&test, MARKER).await;
    let rule = NewSenderRule {
        act: SenderAct::Block,
        subject: format!("{MARKER}.example"),
        reason: MARKER.to_owned(),
        days: 9,
    };
    let rule = mail::make_sender_rule(&test.house, &rtd.actor, tenant, &rule).await.unwrap();
    let report = mail::report_message(&test.house, &clerk.actor, tenant, phish(MARKER)).await.unwrap();
    let new = mailbox::NewMailbox {
        address: format!("{MARKER}@comune.siena.it"),
        host: "imap.example.it".to_owned(),
        port: 993,
        password: "segreto".to_owned(),
        ..mailbox::NewMailbox::default()
    };
    let mailbox = mailbox::add_mailbox(&test.house, &rtd.actor, tenant, &new).await.unwrap();
    let pec = note_pec(&test, tenant, mailbox, MARKER).await;
    let victim = Victim {
        tenant,
        rollback: rollback.to_string(),
        evidence: evidence.to_string(),
        agent,
        found,
        held: hold(&test, tenant, MARKER).await.id.to_string(),
        sender_rule: rule.id.to_string(),
        report: report.report.id.to_string(),
        person: clerk.person.id.to_string(),
        token: token.id.to_string(),
        enrol_token: fleet::create_enrol_token(&test.house, &rtd.actor, tenant, MARKER).await.unwrap().id,
        request: request.to_string(),
        hunt: hunt.to_string(),
        mailbox: mailbox.to_string(),
        pec,
        round: round.to_string(),
    };
    World { test, operator, rtd, neighbour, victim }
}

impl Victim {
    /// The route's path with the victim's ids in it.
    fn path(&self, route: &str) -> String {
        let mut path = Vec::new();
        let mut before = "";
        for part in route.split('/') {
            let filled = match (part, before) {
                ("{tenant}", _) => self.tenant.to_string(),
                ("{id}", "devices") => self.agent.device.to_string(),
                ("{id}", "findings") => self.found.finding.to_string(),
                ("{id}", "quarantine") => self.found.quarantine.to_string(),
                ("{id}", "hunts") => self.hunt.clone(),
                ("{id}", "members" | "member-hunts") => self.round.clone(),
                ("{id}", "mail") => self.held.clone(),
                ("{id}", "senders") => self.sender_rule.clone(),
                ("{id}", "reports") => self.report.clone(),
                ("{id}", "mailboxes") => self.mailbox.clone(),
                ("{id}", "people") => self.person.clone(),
                ("{id}", "tokens") => self.token.clone(),
                ("{id}", "enrol-tokens") => self.enrol_token.clone(),
                ("{id}", "requests" | "receipt" | "inbox") => self.request.clone(),
                ("{name}", "packs") => MARKER.to_owned(),
                ("{rollback}", _) => self.rollback.clone(),
                ("{evidence}", _) => self.evidence.clone(),
                // The victim signs in by password: any passkey is somebody else's.
                ("{id}", "passkeys") | ("{token}", _) => "x".repeat(43),
                (part, before) => {
                    assert!(!part.contains('{'), "{route}: say here what the id after {before:?} is");
                    part.to_owned()
                }
            };
            path.push(filled);
            before = part;
        }
        path.join("/")
    }

    /// A JSON body that the call would take from somebody who may.
    fn body(&self, path: &str) -> Value {
        let last = path.rsplit('/').next().unwrap_or_default();
        match last {
            "people" => json!({ "email": "nuovo@comune.siena.it", "name": "Nuovo", "role": "clerk" }),
            "management" => json!({ "management": "central" }),
            "patron" => json!({ "month": 12, "day": 1 }),
            "tokens" => json!({ "name": "t", "scopes": ["overview.read"], "days": 1 }),
            "hunts" => json!({ "quarry": { "kind": "file_name", "pattern": "a" }, "reason": "no" }),
            "domains" => json!({ "domain": "comune.siena.it" }),
            "senders" => json!({ "act": "block", "subject": "esempio.it", "reason": "no" }),
            "preview" if path.contains("/senders/") => json!({ "act": "block", "subject": "esempio.it" }),
            "decide" => json!({ "state": "harmless" }),
            "mailboxes" => json!({ "address": "a@comune.siena.it", "host": "imap.example.it", "password": "p" }),
            "seen" => json!({ "identity": self.pec }),
            _ if path.ends_with(&self.mailbox) => json!({ "address": "b@comune.siena.it", "host": "imap.example.it" }),
            _ if path.ends_with("/mail/policy") => json!({ "on_suspicion": "tag" }),
            "refuse" | "pause" => json!({ "reason": "no" }),
            "source" => json!({ "address": "https://regole.example/a.yar", "every_hours": 24 }),
            "judge" => json!({ "judgement": "harmless" }),
            "policy" => json!({
                "scan_folders": ["/home"], "guard_folders": ["/home"], "vault_bytes": 1_u64 << 30,
                "max_file_bytes": 1 << 20, "verdict_ms": 500, "respond": false,
            }),
            "rollbacks" => json!({ "folder": "/home", "to": "2026-11-22T09:00:00Z" }),
            "evidence" => json!({ "reason": "because" }),
            "delete" if path.contains("/evidence/") => json!({ "reason": "because" }),
            _ if path.contains("/rollbacks/") => json!({ "documents": 1 }),
            _ => json!({}),
        }
    }

    /// A form with a good value for every field of every page.
    fn fields(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("name", "Nuovo"),
            ("email", "nuovo@comune.siena.it"),
            ("role", "clerk"),
            ("reason", "no"),
            ("note", "visto"),
            ("judgement", "harmless"),
            ("content", "rule prova { condition: false }"),
            ("source_name", "fonte"),
            ("every_hours", "24"),
            ("address", "https://regole.example/a.yar"),
            ("management", "central"),
            ("month", "12"),
            ("day", "1"),
            ("scopes", "overview.read"),
            ("label", "pc"),
            ("scan_folders", "/home"),
            ("guard_folders", "/home"),
            ("vault_mb", "1024"),
            ("max_file_mb", "16"),
            ("verdict_ms", "500"),
            ("kind", "file_name"),
            ("pattern", "a"),
            ("days", "1"),
            ("on_suspicion", "tag"),
            ("on_trouble", "deliver"),
            ("consortium", "content"),
            ("keep_days", "7"),
            ("domain", "comune.siena.it"),
            ("act", "block"),
            ("subject", "esempio.it"),
            ("state", "harmless"),
            ("odd_from", "22"),
            ("odd_until", "5"),
        ]
    }
}

/// Everything of the victim that an attacker might change, as the platform sees it.
async fn rows(world: &World) -> String {
    let (house, tenant) = (&world.test.house, world.victim.tenant);
    let log = audit::export_audit(house, &Actor::Platform, tenant).await.unwrap();
    let people = identity::list_people(house, &Actor::Platform, tenant).await.unwrap();
    let people: Vec<_> = people.iter().map(|one| (&one.email, one.state, one.sessions)).collect();
    let tokens = identity::list_tokens(house, &Actor::Platform, tenant).await.unwrap();
    let enrol_tokens = fleet::list_enrol_tokens(house, &Actor::Platform, tenant).await.unwrap();
    let policy = fleet::get_policy(house, &Actor::Platform, tenant).await.unwrap();
    let device = fleet::get_device(house, &Actor::Platform, tenant, world.victim.agent.device).await.unwrap();
    let finding = protection::get_finding(house, &Actor::Platform, tenant, world.victim.found.finding).await.unwrap();
    let mail = mail::list_held(house, &Actor::Platform, tenant, &mail::HeldFilter::default()).await.unwrap();
    let rules = mail::get_mail_policy(house, &Actor::Platform, tenant).await.unwrap();
    let domains = mail::list_domains(house, &Actor::Platform, tenant).await.unwrap();
    let body = identity::get_tenant(house, &Actor::Platform, tenant).await.unwrap();
    let hunts = fleet::list_hunts(house, &Actor::Platform, tenant).await.unwrap();
    let senders = mail::list_sender_rules(house, &Actor::Platform, tenant, "").await.unwrap();
    let reports = mail::list_reports(house, &Actor::Platform, tenant, &mail::ReportFilter::default()).await.unwrap();
    let boxes = mailbox::list_mailboxes(house, &Actor::Platform, tenant).await.unwrap();
    let mail = format!("{mail:?}{rules:?}{domains:?}{senders:?}{reports:?}{boxes:?}");
    let fleet = format!("{hunts:?}{enrol_tokens:?}{policy:?}{:?}{finding:?}", device.orders);
    format!("{log:?}{people:?}{tokens:?}{fleet}{mail}{:?}", body.management)
}

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
