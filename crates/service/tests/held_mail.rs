//! Held mail: whose it is, who may look at it, how it leaves, and when it is forgotten.

use baluardo_model::TenantId;
use baluardo_model::identity::{Management, Role};
use baluardo_model::mail::{ConsortiumSees, HeldState, MailPolicy, Outcome};
use baluardo_service::mail::{self, HeldFilter, Reinjection, Returning, Sent};
use baluardo_service::outbox::{SendError, Sending};
use baluardo_service::{Error, audit, identity};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::{hold, phish};
use baluardo_testkit::people::{Entered, activate, found, invite};
use std::sync::Mutex;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct World {
    test: TestHouse,
    operator: Entered,
    siena: Entered,
    lucca: Entered,
}

async fn world() -> World {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    World { test, operator, siena, lucca }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    async fn count(&self, who: &Entered) -> Result<usize, Error> {
        let held = mail::list_held(&self.test.house, &who.actor, self.tenant(), &HeldFilter::default()).await?;
        Ok(held.len())
    }

    async fn wants(&self, policy: MailPolicy) {
        mail::change_mail_policy(&self.test.house, &self.siena.actor, self.tenant(), &policy).await.unwrap();
    }

    async fn acts(&self) -> Vec<String> {
        let log = audit::export_audit(&self.test.house, &self.siena.actor, self.tenant()).await.unwrap();
        log.into_iter().map(|line| line.entry.act).filter(|act| act.starts_with("mail.")).collect()
    }
}

#[tokio::test]
async fn a_domain_counts_once_it_was_approved_and_for_one_comune_only() {
    let world = world().await;
    let (house, operator) = (&world.test.house, &world.operator.actor);
    let owner = async || {
        let to = ["Ufficio@Comune.Siena.IT".to_owned(), "x@altrove.example".to_owned()];
        let found = mail::destinations(house, &to).await.unwrap();
        assert!(found[1].is_none());
        found[0].as_ref().map(|found| found.tenant)
    };
    // Lucca is faster in claiming what is Siena's.
    for rtd in [&world.lucca, &world.siena] {
        mail::claim_domain(house, &rtd.actor, rtd.tenant.id, " Comune.Siena.it. ").await.unwrap();
        assert_eq!(owner().await, None, "a claim alone draws no mail");
    }
    let again = mail::claim_domain(house, &world.lucca.actor, world.lucca.tenant.id, "comune.siena.it").await;
    assert_eq!(again.unwrap_err().code(), "mail.domain_claimed");
    let own = mail::decide_domain(house, &world.lucca.actor, world.lucca.tenant.id, "comune.siena.it", true).await;
    assert_eq!(own.unwrap_err().code(), "forbidden", "nobody approves their own claim");
    mail::decide_domain(house, operator, world.tenant(), "comune.siena.it", true).await.unwrap();
    assert_eq!(owner().await, Some(world.tenant()));
    let second = mail::decide_domain(house, operator, world.lucca.tenant.id, "comune.siena.it", true).await;
    assert_eq!(second.unwrap_err().code(), "mail.domain_taken");
    mail::decide_domain(house, operator, world.lucca.tenant.id, "comune.siena.it", false).await.unwrap();
    mail::give_up_domain(house, &world.siena.actor, world.tenant(), "comune.siena.it").await.unwrap();
    assert_eq!(owner().await, None);
    for bad in ["", "comune", "a b.it", "-a.it", "comune.it/x", "\0.it"] {
        let refused = mail::claim_domain(house, &world.siena.actor, world.tenant(), bad).await;
        assert_eq!(refused.unwrap_err().code(), "mail.domain_bad", "{bad:?}");
    }
}

#[tokio::test]
async fn the_same_delivery_is_held_once_and_another_is_another() {
    let world = world().await;
    let first = hold(&world.test, world.tenant(), "uno").await;
    let again = hold(&world.test, world.tenant(), "uno").await;
    assert!(first.new && !again.new && first.id == again.id);
    assert!(hold(&world.test, world.tenant(), "due").await.new);
    assert!(hold(&world.test, world.lucca.tenant.id, "uno").await.new, "each comune holds its own");
    assert_eq!(world.count(&world.siena).await.unwrap(), 2);
    let ends = mail::mail_counts(&world.test.house, &world.siena.actor, world.tenant()).await.unwrap();
    assert_eq!(ends.iter().map(|end| (end.outcome, end.count)).collect::<Vec<_>>(), [(Outcome::Held, 2)]);
}

#[tokio::test]
async fn the_content_is_sealed_and_shown_as_text_and_every_look_is_logged() {
    let world = world().await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    let held = hold(&world.test, world.tenant(), "segretissimo").await;
    mail::get_held(house, rtd, world.tenant(), held.id).await.unwrap();
    let content = mail::read_held(house, rtd, world.tenant(), held.id).await.unwrap();
    assert!(content.text.contains("Gentile cliente segretissimo") && !content.text.contains('<'));
    assert!(content.links.iter().any(|link| link.target.contains("192.0.2.77") && link.shown.contains("poste.it")));
    assert_eq!(world.acts().await, ["mail.looked", "mail.content_read"]);
    let stranger = mail::get_held(house, &world.lucca.actor, world.lucca.tenant.id, held.id).await;
    assert_eq!(stranger.unwrap_err().code(), "not_found");
    let clerk = invite(&world.test, rtd, world.tenant(), "carla@comune.siena.it", Role::Clerk).await;
    assert_eq!(world.count(&clerk).await.unwrap_err().code(), "forbidden");
}

#[tokio::test]
async fn the_consortium_sees_what_the_comune_allows_and_nothing_under_local_management() {
    let world = world().await;
    let (house, operator) = (&world.test.house, &world.operator.actor);
    let held = hold(&world.test, world.tenant(), "uno").await;
    let sees = async || {
        let list = world.count(&world.operator).await.is_ok();
        (list, mail::read_held(house, operator, world.tenant(), held.id).await.is_ok())
    };
    assert_eq!(sees().await, (false, false), "nothing by itself");
    world.wants(MailPolicy { consortium: ConsortiumSees::List, ..MailPolicy::default() }).await;
    assert_eq!(sees().await, (true, false));
    world.wants(MailPolicy { consortium: ConsortiumSees::Content, ..MailPolicy::default() }).await;
    assert_eq!(sees().await, (true, true));
    identity::switch_management(house, &world.siena.actor, world.tenant(), Management::Local).await.unwrap();
    assert_eq!(sees().await, (false, false));
    let rules = mail::change_mail_policy(house, operator, world.tenant(), &MailPolicy::default()).await;
    assert_eq!(rules.unwrap_err().code(), "forbidden", "the rules are the comune's own");
}

#[tokio::test]
async fn what_is_decided_is_decided_once_and_its_content_goes() {
    let world = world().await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    let held = hold(&world.test, world.tenant(), "uno").await;
    mail::delete_held(house, rtd, world.tenant(), held.id).await.unwrap();
    assert_eq!(mail::release_held(house, rtd, world.tenant(), held.id).await.unwrap_err().code(), "mail.not_held");
    assert_eq!(mail::read_held(house, rtd, world.tenant(), held.id).await.unwrap_err().code(), "mail.content_gone");
    let again = hold(&world.test, world.tenant(), "uno").await;
    assert_eq!((again.id, again.state), (held.id, HeldState::Deleted), "a delivery that is tried again stays decided");
    assert_eq!(world.acts().await, ["mail.deleted"]);
}

/// A mail server that answers as it is told to.
#[derive(Default)]
struct Server {
    answers: Mutex<Vec<SendError>>,
    taken: Mutex<Vec<(Vec<String>, Vec<u8>)>>,
}

impl Reinjection for Server {
    fn send<'a>(&'a self, mail: Returning<'a>) -> Sending<'a> {
        self.taken.lock().unwrap().push((mail.recipients.to_vec(), mail.bytes.to_vec()));
        let answer = self.answers.lock().unwrap().pop().map_or(Ok(()), Err);
        Box::pin(async move { answer })
    }
}

#[tokio::test]
async fn a_released_message_is_sent_until_the_mail_server_takes_it_and_its_mark_is_good_until_then() {
    let world = world().await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    mail::claim_domain(house, rtd, world.tenant(), "comune.siena.it").await.unwrap();
    mail::decide_domain(house, &world.operator.actor, world.tenant(), "comune.siena.it", true).await.unwrap();
    let held = hold(&world.test, world.tenant(), "uno").await;
    let server = Server::default();
    server.answers.lock().unwrap().push(SendError::Later("451 busy".to_owned()));
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent::default(), "what is held stays");
    mail::release_held(house, rtd, world.tenant(), held.id).await.unwrap();
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 0, failed: 1 });
    let row = mail::get_held(house, rtd, world.tenant(), held.id).await.unwrap();
    assert_eq!((row.state, row.last_error.as_str()), (HeldState::Releasing, "451 busy"));
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent::default(), "not before its time");

    let sent = server.taken.lock().unwrap()[0].clone();
    let text = String::from_utf8(sent.1).unwrap();
    let (mark, message) = text.split_once("\r\n").unwrap();
    let mark = mark.strip_prefix("X-Baluardo-Release: ").unwrap();
    assert_eq!(message.as_bytes(), phish("uno"));
    let passes =
        async |mark: &str, to: &str, bytes: &[u8]| mail::may_pass(house, mark, &[to.to_owned()], bytes).await.unwrap();
    assert!(passes(mark, "ufficio@comune.siena.it", message.as_bytes()).await);
    assert!(!passes(mark, "altro@comune.siena.it", message.as_bytes()).await);
    assert!(!passes(mark, "ufficio@comune.siena.it", b"altro").await);
    let forged = format!("{} {}", held.id, "00".repeat(32));
    assert!(!passes(&forged, "ufficio@comune.siena.it", message.as_bytes()).await);
    for nonsense in ["", "x", "x y", &format!("{} zz", held.id), &format!("{} 0", held.id)] {
        assert!(!passes(nonsense, "ufficio@comune.siena.it", message.as_bytes()).await, "{nonsense}");
    }

    world.test.clock.advance(Duration::from_secs(60));
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 1, failed: 0 });
    let row = mail::get_held(house, rtd, world.tenant(), held.id).await.unwrap();
    assert_eq!(row.state, HeldState::Released);
    assert!(!passes(mark, "ufficio@comune.siena.it", message.as_bytes()).await, "it is worth nothing any more");
    world.test.clock.advance(DAY);
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent::default());
    assert_eq!(server.taken.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn after_21_days_nothing_of_a_held_message_is_left_unless_the_comune_wrote_down_why() {
    let world = world().await;
    let house = &world.test.house;
    hold(&world.test, world.tenant(), "uno").await;
    hold(&world.test, world.lucca.tenant.id, "due").await;
    let longer =
        MailPolicy { keep_days: 90, legal_basis: "Accordo sindacale 3/2026".to_owned(), ..MailPolicy::default() };
    mail::change_mail_policy(house, &world.lucca.actor, world.lucca.tenant.id, &longer).await.unwrap();
    let without = MailPolicy { keep_days: 22, ..MailPolicy::default() };
    let refused = mail::change_mail_policy(house, &world.siena.actor, world.tenant(), &without).await;
    assert_eq!(refused.unwrap_err().code(), "mail.basis_missing");

    world.test.clock.advance(DAY * 21 - Duration::from_secs(1));
    assert_eq!(mail::forget_mail(house).await.unwrap(), 0);
    world.test.clock.advance(Duration::from_secs(1));
    assert_eq!(mail::forget_mail(house).await.unwrap(), 1);
    assert_eq!(world.count(&world.siena).await.unwrap(), 0);
    assert!(world.acts().await.contains(&"mail.forgotten".to_owned()));
    let log = audit::export_audit(house, &world.siena.actor, world.tenant()).await.unwrap();
    assert!(!format!("{log:?}").contains("consegne-rapide"), "the log outlives the mail, so no address stands in it");
    world.test.clock.advance(DAY * 69);
    assert_eq!(mail::forget_mail(house).await.unwrap(), 1);
}
