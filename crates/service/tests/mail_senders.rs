//! Allowed and blocked senders: who may make rules, what a preview tells, what a rule does, and who is known.

mod stage;

use baluardo_mail::{Acquaintance, Fingerprint, Local};
use baluardo_model::TenantId;
use baluardo_model::identity::Role;
use baluardo_model::mail::senders::{SenderAct, SenderSeen};
use baluardo_model::mail::{ConsortiumSees, MailPolicy};
use baluardo_service::mail::{self, NewSenderRule, Newcomer, Writer};
use baluardo_service::{Error, audit};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::hold;
use baluardo_testkit::people::{Entered, activate, found, invite};
use stage::{DAY, code, story};

/// Where the messages of `hold` say that they come from, with another envelope each.
const PHISHER: &str = "consegne-rapide-48213.top";

struct World {
    test: TestHouse,
    operator: Entered,
    siena: Entered,
    lucca: Entered,
}

async fn world(test: TestHouse) -> World {
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    World { test, operator, siena, lucca }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    async fn rule(&self, act: SenderAct, subject: &str, days: u32) -> Result<mail::SenderRule, Error> {
        let new = NewSenderRule { act, subject: subject.to_owned(), reason: "Fornitore".to_owned(), days };
        mail::make_sender_rule(&self.test.house, &self.siena.actor, self.tenant(), &new).await
    }

    async fn preview(&self, act: SenderAct, subject: &str) -> mail::RulePreview {
        let new = NewSenderRule { act, subject: subject.to_owned(), ..NewSenderRule::default() };
        mail::preview_sender_rule(&self.test.house, &self.siena.actor, self.tenant(), &new).await.unwrap()
    }

    /// What Siena knows of a message by this author.
    async fn knows(&self, author: &str, sender: &str) -> Local {
        let newcomer =
            Newcomer { writer: Writer { author, sender, results: None }, fingerprint: &Fingerprint::default() };
        let policy = MailPolicy::default();
        mail::know_locally(&self.test.house, self.tenant(), &policy, &newcomer).await.unwrap()
    }

    /// `many` messages are delivered on one day, and the next begins.
    async fn delivered(&self, author: &str, many: u64) {
        let end = [(self.tenant(), author.to_owned(), SenderSeen::Delivered, many)];
        mail::count_senders(&self.test.house, &end).await.unwrap();
        self.test.clock.advance(DAY);
    }
}

story!(a_rule_holds_until_it_ends_or_is_withdrawn, a_preview_tells_what_a_rule_would_have_changed);

async fn a_rule_holds_until_it_ends_or_is_withdrawn(test: TestHouse) {
    let world = world(test).await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    let said = async |author: &str| {
        let local = world.knows(author, author).await;
        (local.blocked, local.allowed)
    };
    assert_eq!(said("x@offerte.example").await, (false, false));
    world.rule(SenderAct::Block, "offerte.example", 30).await.unwrap();
    assert_eq!(said("x@posta.offerte.example").await, (true, false));
    let allowed = world.rule(SenderAct::Allow, "Offerte.example", 10).await.unwrap();
    assert_eq!(said("x@offerte.example").await, (false, true), "the later rule replaces the earlier one");
    let unproven = world.knows("x@offerte.example", "y@altrove.example").await;
    assert!(!unproven.allowed, "anybody can claim to be an allowed sender");
    world.test.clock.advance(DAY * 10);
    assert_eq!(said("x@offerte.example").await, (false, false), "it ended by itself");
    let again = mail::withdraw_sender_rule(house, rtd, world.tenant(), allowed.id).await;
    assert_eq!(code(again), "mail.rule_over");
    let block = world.rule(SenderAct::Block, "x@offerte.example", 365).await.unwrap();
    mail::withdraw_sender_rule(house, rtd, world.tenant(), block.id).await.unwrap();
    assert_eq!(said("x@offerte.example").await, (false, false));
    let rules = mail::list_sender_rules(house, rtd, world.tenant(), "").await.unwrap();
    assert_eq!(rules.len(), 3);
    assert!(rules.iter().all(|rule| !rule.stands(house.now())));
    assert!(mail::list_sender_rules(house, rtd, world.tenant(), "nessuno").await.unwrap().is_empty());

    let log = audit::export_audit(house, rtd, world.tenant()).await.unwrap();
    let log = format!("{log:?}");
    assert!(log.contains("mail.sender_ruled") && log.contains("mail.sender_rule_withdrawn"));
    assert!(!log.contains("offerte.example"), "the log outlives the rule, so no address stands in it");
    world.test.clock.advance(DAY * 22);
    mail::forget_mail(house).await.unwrap();
    assert!(mail::list_sender_rules(house, rtd, world.tenant(), "").await.unwrap().is_empty());
}

async fn a_preview_tells_what_a_rule_would_have_changed(test: TestHouse) {
    let world = world(test).await;
    for word in ["uno", "due"] {
        hold(&world.test, world.tenant(), word).await;
    }
    hold(&world.test, world.lucca.tenant.id, "tre").await;
    let unproven = (world.tenant(), format!("avvisi@{PHISHER}"), SenderSeen::Unproven, 4);
    let other = (world.lucca.tenant.id, format!("avvisi@{PHISHER}"), SenderSeen::Delivered, 100);
    mail::count_senders(&world.test.house, &[unproven, other]).await.unwrap();
    world.delivered(&format!("altro@{PHISHER}"), 3).await;

    let allow = world.preview(SenderAct::Allow, PHISHER).await;
    let subjects: Vec<_> = allow.freed.iter().map(|row| row.subject.split(':').next().unwrap().to_owned()).collect();
    assert_eq!((subjects.len(), allow.still_held, allow.stopped), (2, 0, 0), "{subjects:?}");
    assert_eq!((allow.days, allow.replaces), (21, None), "no longer than anything is kept");
    let block = world.preview(SenderAct::Block, PHISHER).await;
    assert_eq!((block.freed.len(), block.still_held, block.stopped), (0, 2, 7));
    let one = world.preview(SenderAct::Block, &format!("altro@{PHISHER}")).await;
    assert_eq!((one.still_held, one.stopped), (0, 3));
    let nobody = world.preview(SenderAct::Block, "nessuno.example").await;
    assert_eq!((nobody.still_held, nobody.stopped), (0, 0));
    let standing = world.rule(SenderAct::Block, PHISHER, 1).await.unwrap();
    assert_eq!(world.preview(SenderAct::Allow, PHISHER).await.replaces, Some(standing));
    world.test.clock.advance(DAY * 21);
    mail::forget_mail(&world.test.house).await.unwrap();
    assert_eq!(world.preview(SenderAct::Block, PHISHER).await.stopped, 0, "counts go with everything else");
}

#[tokio::test]
async fn a_form_with_nobody_or_everybody_in_it_is_refused() {
    let world = world(TestHouse::in_memory().await).await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    mail::claim_domain(house, rtd, world.tenant(), "comune.siena.it").await.unwrap();
    for (act, subject, days, refused) in [
        (SenderAct::Allow, "", 90, "mail.sender_bad"),
        (SenderAct::Block, "it", 90, "mail.sender_bad"),
        (SenderAct::Block, "gov.it", 90, "mail.sender_wide"),
        (SenderAct::Allow, "gmail.com", 90, "mail.sender_public"),
        (SenderAct::Allow, "comune.siena.it", 90, "mail.sender_own"),
        (SenderAct::Allow, "esempio.it", 0, "mail.rule_days"),
        (SenderAct::Allow, "esempio.it", 366, "mail.rule_days"),
    ] {
        assert_eq!(code(world.rule(act, subject, days).await), refused, "{subject:?} {days}");
    }
    world.rule(SenderAct::Allow, "anna@comune.siena.it", 1).await.unwrap();
    let nameless = NewSenderRule { subject: "a@b.it".to_owned(), days: 1, ..NewSenderRule::default() };
    assert_eq!(code(mail::make_sender_rule(house, rtd, world.tenant(), &nameless).await), "required");
}

#[tokio::test]
async fn rules_are_made_by_the_rtd_and_by_operators_whom_the_comune_lets_see_the_list() {
    let world = world(TestHouse::in_memory().await).await;
    let (house, tenant) = (&world.test.house, world.tenant());
    let clerk = invite(&world.test, &world.siena.actor, tenant, "carla@comune.siena.it", Role::Clerk).await;
    let list = async |who: &Entered| mail::list_sender_rules(house, &who.actor, tenant, "").await.map(|_| ());
    assert_eq!(code(list(&clerk).await), "forbidden");
    assert_eq!(code(list(&world.lucca).await), "not_found");
    assert_eq!(code(list(&world.operator).await), "forbidden");
    let policy = MailPolicy { consortium: ConsortiumSees::List, ..MailPolicy::default() };
    mail::change_mail_policy(house, &world.siena.actor, tenant, &policy).await.unwrap();
    list(&world.operator).await.unwrap();
    list(&world.siena).await.unwrap();
}

#[tokio::test]
async fn a_sender_is_known_after_several_days_and_not_after_many_messages() {
    let world = world(TestHouse::in_memory().await).await;
    let known = async |author: &str, sender: &str| world.knows(author, sender).await.acquaintance;
    let anna = "anna@fornitore.example";
    world.delivered(anna, 900).await;
    world.delivered(anna, 1).await;
    assert_eq!(known(anna, anna).await, Acquaintance::Unknown, "nine hundred messages in a day are one day");
    world.delivered(anna, 1).await;
    assert_eq!(known(anna, anna).await, Acquaintance::Known);
    assert_eq!(known(anna, "x@altrove.example").await, Acquaintance::Unknown, "nothing shows that it is she");
    let luca = "luca@fornitore.example";
    assert_eq!(known(luca, luca).await, Acquaintance::Unknown);
    world.delivered(anna, 1).await;
    world.delivered(anna, 1).await;
    assert_eq!(known(luca, luca).await, Acquaintance::Known, "after five days the whole house is known");
    let near = "anna@f0rnitore.example";
    assert_eq!(known(near, near).await, Acquaintance::NearKnown);
    let other = "anna@fornaio.example";
    assert_eq!(known(other, other).await, Acquaintance::Unknown);
    world.test.clock.advance(DAY * 22);
    assert_eq!(known(anna, anna).await, Acquaintance::Unknown, "no longer than anything is kept");
}

#[tokio::test]
async fn each_comune_knows_its_own_senders_and_the_table_names_none() {
    let world = world(TestHouse::in_memory().await).await;
    for _ in 0..3 {
        world.delivered("anna@fornitore.example", 1).await;
    }
    let writer = Writer { author: "anna@fornitore.example", sender: "anna@fornitore.example", results: None };
    let newcomer = Newcomer { writer, fingerprint: &Fingerprint::default() };
    let lucca = mail::know_locally(&world.test.house, world.lucca.tenant.id, &MailPolicy::default(), &newcomer).await;
    assert_eq!(lucca.unwrap().acquaintance, Acquaintance::Unknown);
    assert_eq!(world.knows(writer.author, writer.sender).await.acquaintance, Acquaintance::Known);
}
