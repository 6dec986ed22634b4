//! The house whose doors are tried: a comune with one of everything, each bearing a word of its own, and what can be said at each door.

use baluardo_model::TenantId;
use baluardo_model::hunt::Quarry;
use baluardo_model::identity::{Actor, Role};
use baluardo_model::mail::senders::SenderAct;
use baluardo_service::fleet::{self, Gathered, NewHunt, NewPack, PolicyChange};
use baluardo_service::identity::{self, NewToken};
use baluardo_service::mail::NewSenderRule;
use baluardo_service::{audit, mail, mailbox, protection};
use baluardo_testkit::mail::{hold, note_pec, phish};
use baluardo_testkit::people::{Entered, activate, ask, found, invite};
use baluardo_testkit::{TestAgent, TestFinding, TestHouse};
use serde_json::{Value, json};

/// A word that stands in every row of the victim and nowhere else.
pub(super) const MARKER: &str = "zanzibarre";

/// A house with two comuni: Siena is the victim, Lucca is next door.
pub(crate) struct World {
    pub(crate) test: TestHouse,
    pub(crate) operator: Entered,
    pub(crate) rtd: Entered,
    pub(super) neighbour: Entered,
    pub(crate) victim: Victim,
}

/// What the victim has, by id.
pub(crate) struct Victim {
    pub(super) tenant: TenantId,
    pub(super) agent: TestAgent,
    pub(super) found: TestFinding,
    pub(super) held: String,
    pub(super) sender_rule: String,
    pub(super) report: String,
    pub(super) person: String,
    pub(super) token: String,
    pub(super) enrol_token: String,
    pub(super) rollback: String,
    pub(super) evidence: String,
    pub(super) request: String,
    pub(super) hunt: String,
    pub(super) mailbox: String,
    pub(super) pec: String,
    pub(super) round: String,
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
    mail::claim_domain(&test.house, &rtd.actor, tenant, "comune.siena.it").await.unwrap();
    mail::decide_domain(&test.house, &operator.actor, tenant, "comune.siena.it", true).await.unwrap();
    let selector = [MARKER.to_owned()];
    mail::name_selectors(&test.house, &rtd.actor, tenant, "comune.siena.it", &selector).await.unwrap();
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
    pub(super) fn path(&self, route: &str) -> String {
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
    pub(super) fn body(&self, path: &str) -> Value {
        let last = path.rsplit('/').next().unwrap_or_default();
        match last {
            "people" => json!({ "email": "nuovo@comune.siena.it", "name": "Nuovo", "role": "clerk" }),
            "management" => json!({ "management": "central" }),
            "patron" => json!({ "month": 12, "day": 1 }),
            "tokens" => json!({ "name": "t", "scopes": ["overview.read"], "days": 1 }),
            "hunts" => json!({ "quarry": { "kind": "file_name", "pattern": "a" }, "reason": "no" }),
            "domains" => json!({ "domain": "comune.siena.it" }),
            "look" => json!({ "domain": "comune.siena.it" }),
            "selectors" => json!({ "domain": "comune.siena.it", "selectors": ["k1"] }),
            "senders" => json!({ "act": "block", "subject": "esempio.it", "reason": "no" }),
            "preview" if path.contains("/senders/") => json!({ "act": "block", "subject": "esempio.it" }),
            "decide" => json!({ "state": "harmless" }),
            "mailboxes" => json!({ "address": "a@comune.siena.it", "host": "imap.example.it", "password": "p" }),
            "seen" if path.contains("/health/") => json!({ "domain": "comune.siena.it" }),
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
    pub(super) fn fields(&self) -> Vec<(&'static str, &'static str)> {
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
            ("digest", "off"),
            ("digest_hour", "9"),
            ("recipients_may", "nothing"),
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
pub(super) async fn rows(world: &World) -> String {
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
    let health = mail::list_health(house, &Actor::Platform, tenant).await.unwrap();
    let mail = format!("{mail:?}{rules:?}{domains:?}{health:?}{senders:?}{reports:?}{boxes:?}");
    let fleet = format!("{hunts:?}{enrol_tokens:?}{policy:?}{:?}{finding:?}", device.orders);
    format!("{log:?}{people:?}{tokens:?}{fleet}{mail}{:?}", body.management)
}
