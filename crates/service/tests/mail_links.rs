//! The links of the letter about held mail: what they do, for whom, how often, and until when.

mod stage;

use baluardo_mail::Class;
use baluardo_model::mail::digest::RecipientsMay;
use baluardo_model::mail::{HeldState, MailPolicy};
use baluardo_model::{HeldMailId, TenantId};
use baluardo_service::mail::{self, HeldFilter, HeldRow, Reinjection, Returning, Sent};
use baluardo_service::outbox::{self, SendError, Sending};
use baluardo_service::{audit, fleet};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::{at, held_links, hold_for};
use baluardo_testkit::people::{Entered, activate, found};
use stage::{client, code, story};
use std::sync::Mutex;

const OFFICE: &str = "ufficio@comune.siena.it";
const REGISTRY: &str = "anagrafe@comune.siena.it";
const SPAM: (Class, f32) = (Class::Spam, 0.9);
const PHISH: (Class, f32) = (Class::Phishing, 0.97);

struct World {
    test: TestHouse,
    operator: Entered,
    siena: Entered,
}

async fn world(test: TestHouse) -> World {
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    mail::claim_domain(&test.house, &siena.actor, siena.tenant.id, "comune.siena.it").await.unwrap();
    mail::decide_domain(&test.house, &operator.actor, siena.tenant.id, "comune.siena.it", true).await.unwrap();
    World { test, operator, siena }
}

/// A mail server that takes what it is given, unless it is told to be busy once.
#[derive(Default)]
struct Server {
    busy: Mutex<bool>,
    taken: Mutex<Vec<(Vec<String>, Vec<u8>)>>,
}

impl Reinjection for Server {
    fn send<'a>(&'a self, mail: Returning<'a>) -> Sending<'a> {
        let busy = std::mem::take(&mut *self.busy.lock().unwrap());
        if !busy {
            self.taken.lock().unwrap().push((mail.recipients.to_vec(), mail.bytes.to_vec()));
        }
        Box::pin(async move { if busy { Err(SendError::Later("451 busy".to_owned())) } else { Ok(()) } })
    }
}

impl Server {
    fn recipients(&self) -> Vec<Vec<String>> {
        self.taken.lock().unwrap().iter().map(|(to, _)| to.clone()).collect()
    }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    /// Holds a message, lets the letters leave the next morning, and gives it with the link of each recipient.
    async fn held(&self, judged: (Class, f32), to: &[&str]) -> (HeldMailId, Vec<String>) {
        let held = hold_for(&self.test, self.tenant(), "uno", judged, to).await;
        at(&self.test, "2026-11-03 08:00");
        mail::send_digests(&self.test.house).await.unwrap();
        outbox::deliver_due_mail(&self.test.house, None).await.unwrap();
        let letters = outbox::list_local_mail(&self.test.house).await.unwrap();
        let link = |address: &&str| {
            let letter = letters.iter().find(|one| one.to == *address && one.subject.starts_with("Posta fermata"));
            held_links(&letter.unwrap().text).remove(0)
        };
        (held.id, to.iter().map(link).collect())
    }

    async fn row(&self, id: HeldMailId) -> HeldRow {
        mail::get_held(&self.test.house, &self.siena.actor, self.tenant(), id).await.unwrap()
    }

    async fn open(&self, link: &str) -> Result<mail::HeldLanding, baluardo_service::Error> {
        mail::open_held_link(&self.test.house, link, &client(1)).await
    }

    async fn release(&self, link: &str) -> Result<mail::HeldLanding, baluardo_service::Error> {
        mail::release_by_link(&self.test.house, link, &client(1)).await
    }

    async fn ask(&self, link: &str) -> Result<mail::HeldLanding, baluardo_service::Error> {
        mail::ask_by_link(&self.test.house, link, &client(1)).await
    }

    async fn wants(&self, policy: &MailPolicy) {
        mail::change_mail_policy(&self.test.house, &self.siena.actor, self.tenant(), policy).await.unwrap();
    }

    /// How often acts of recipients stand in the log, in which no address does.
    async fn acts(&self) -> Vec<String> {
        let log = audit::export_audit(&self.test.house, &self.siena.actor, self.tenant()).await.unwrap();
        let of_links = ["mail.released_by_recipient", "mail.asked_by_recipient", "mail.link_refused"];
        let lines: Vec<_> = log.into_iter().filter(|line| of_links.contains(&line.entry.act.as_str())).collect();
        assert!(!format!("{lines:?}").contains('@'), "{lines:?}");
        lines.into_iter().map(|line| line.entry.act).collect()
    }
}

story!(
    a_recipient_releases_a_message_once_and_to_themselves,
    a_message_of_several_goes_only_to_who_releases_it,
    what_every_recipient_released_waits_for_nobody,
    a_message_that_is_the_rtds_is_asked_for_and_the_rtd_sees_by_whom,
    two_who_release_at_once_get_it_once
);

async fn a_recipient_releases_a_message_once_and_to_themselves(test: TestHouse) {
    let world = world(test).await;
    let (id, links) = world.held(SPAM, &[OFFICE]).await;
    let shown = world.open(&links[0]).await.unwrap();
    assert!(shown.may_release && !shown.asked && shown.subject.starts_with("uno:") && shown.reasons.len() == 1);
    assert_eq!(world.row(id).await.state, HeldState::Held, "looking does nothing");
    world.release(&links[0]).await.unwrap();
    let row = world.row(id).await;
    assert_eq!((row.state, row.changed_by.as_str()), (HeldState::Releasing, OFFICE));
    assert_eq!(code(world.release(&links[0]).await), "mail.link_used");
    assert_eq!(code(world.open(&links[0]).await), "mail.link_used");
    let server = Server::default();
    assert_eq!(mail::send_released(&world.test.house, &server).await.unwrap(), Sent { left: 1, failed: 0 });
    assert_eq!(server.recipients(), [[OFFICE]]);
    assert_eq!(
        world.acts().await,
        ["mail.released_by_recipient", "mail.link_refused", "mail.link_refused"],
        "each is a line of the log"
    );
}

async fn a_message_of_several_goes_only_to_who_releases_it(test: TestHouse) {
    let world = world(test).await;
    let house = &world.test.house;
    let (id, links) = world.held(SPAM, &[OFFICE, REGISTRY]).await;
    world.release(&links[0]).await.unwrap();
    let server = Server::default();
    *server.busy.lock().unwrap() = true;
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 0, failed: 1 });
    let parts = mail::held_parts(house, &world.siena.actor, world.tenant(), id).await.unwrap();
    assert_eq!((parts[0].recipient.as_str(), parts[0].last_error.as_str()), (OFFICE, "451 busy"));
    at(&world.test, "2026-11-03 08:05");
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 1, failed: 0 });
    assert_eq!(server.recipients(), [[OFFICE]], "nobody else gets it");
    assert_eq!(world.row(id).await.state, HeldState::Held, "for the others it is held");
    assert!(world.open(&links[1]).await.unwrap().may_release);
    assert_eq!(code(world.release(&links[0]).await), "mail.link_used");

    // The RTD releases the rest: whoever has it does not get it again, and then its content goes.
    mail::release_held(house, &world.siena.actor, world.tenant(), id).await.unwrap();
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 1, failed: 0 });
    assert_eq!(server.recipients(), [[OFFICE], [REGISTRY]]);
    assert_eq!(code(mail::read_held(house, &world.siena.actor, world.tenant(), id).await), "mail.content_gone");
}

async fn what_every_recipient_released_waits_for_nobody(test: TestHouse) {
    let world = world(test).await;
    let house = &world.test.house;
    let (id, links) = world.held(SPAM, &[OFFICE, REGISTRY]).await;
    world.release(&links[0]).await.unwrap();
    world.release(&links[1]).await.unwrap();
    let server = Server::default();
    assert_eq!(mail::send_released(house, &server).await.unwrap(), Sent { left: 2, failed: 0 });
    assert_eq!(world.row(id).await.state, HeldState::Released);
    assert_eq!(code(mail::read_held(house, &world.siena.actor, world.tenant(), id).await), "mail.content_gone");
    assert_eq!(code(mail::delete_held(house, &world.siena.actor, world.tenant(), id).await), "mail.not_held");
    let mut both = server.recipients().concat();
    both.sort_unstable();
    assert_eq!(both, [REGISTRY, OFFICE]);
}

async fn a_message_that_is_the_rtds_is_asked_for_and_the_rtd_sees_by_whom(test: TestHouse) {
    let world = world(test).await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    hold_for(&world.test, world.tenant(), "peggiore", (Class::Malware, 0.99), &["altri@comune.siena.it"]).await;
    let (id, links) = world.held(PHISH, &[OFFICE, REGISTRY]).await;
    assert!(!world.open(&links[0]).await.unwrap().may_release);
    assert_eq!(code(world.release(&links[0]).await), "mail.link_not_yours");
    assert!(world.ask(&links[0]).await.unwrap().asked);
    assert!(world.ask(&links[0]).await.unwrap().asked, "asking again changes nothing");
    world.ask(&links[1]).await.unwrap();
    let list = mail::list_held(house, rtd, world.tenant(), &HeldFilter::default()).await.unwrap();
    assert_eq!((list[0].id, list[0].asked_by.as_slice()), (id, [OFFICE.to_owned(), REGISTRY.to_owned()].as_slice()));
    assert_eq!(list[0].state, HeldState::Held, "the RTD decides");
    assert_eq!(world.acts().await, ["mail.asked_by_recipient", "mail.asked_by_recipient"]);
    mail::delete_held(house, rtd, world.tenant(), id).await.unwrap();
    assert_eq!(code(world.open(&links[0]).await), "mail.link_deleted");
    assert_eq!(code(world.ask(&links[1]).await), "mail.link_deleted");
}

async fn two_who_release_at_once_get_it_once(test: TestHouse) {
    let world = world(test).await;
    let (_, links) = world.held(SPAM, &[OFFICE, REGISTRY]).await;
    let other = world.test.beside();
    let hint = client(2);
    let (one, two) = tokio::join!(world.release(&links[0]), mail::release_by_link(&other, &links[0], &hint));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let server = Server::default();
    assert_eq!(mail::send_released(&world.test.house, &server).await.unwrap(), Sent { left: 1, failed: 0 });
}

#[tokio::test]
async fn what_the_rtd_deletes_does_not_leave_any_more() {
    let world = world(TestHouse::in_memory().await).await;
    let house = &world.test.house;
    let (id, links) = world.held(SPAM, &[OFFICE, REGISTRY]).await;
    world.release(&links[0]).await.unwrap();
    mail::delete_held(house, &world.siena.actor, world.tenant(), id).await.unwrap();
    assert_eq!(mail::send_released(house, &Server::default()).await.unwrap(), Sent::default());
}

#[tokio::test]
async fn a_link_lasts_seven_days_or_as_long_as_its_message() {
    let world = world(TestHouse::in_memory().await).await;
    let (_, links) = world.held(SPAM, &[OFFICE]).await;
    at(&world.test, "2026-11-10 07:59:59");
    assert!(world.open(&links[0]).await.is_ok());
    at(&world.test, "2026-11-10 08:00");
    assert_eq!(code(world.open(&links[0]).await), "mail.link_expired");
    assert_eq!(code(world.release(&links[0]).await), "mail.link_expired");
    at(&world.test, "2026-11-24 08:00");
    mail::forget_mail(&world.test.house).await.unwrap();
    assert_eq!(code(world.release(&links[0]).await), "mail.link_gone");
    assert_eq!(world.acts().await.len(), 3);
}

#[tokio::test]
async fn where_messages_are_kept_for_three_days_so_are_their_links() {
    let world = world(TestHouse::in_memory().await).await;
    world.wants(&MailPolicy { keep_days: 3, ..MailPolicy::default() }).await;
    let (id, links) = world.held(SPAM, &[OFFICE]).await;
    let shown = world.open(&links[0]).await.unwrap();
    let end = world.row(id).await.taken_at.plus(stage::DAY * 3);
    assert!(shown.expires_at <= end && end.since(shown.expires_at) < std::time::Duration::from_secs(1));
}

#[tokio::test]
async fn a_forged_link_opens_nothing_is_counted_and_many_are_slowed_down() {
    let world = world(TestHouse::in_memory().await).await;
    let (id, links) = world.held(SPAM, &[OFFICE]).await;
    // The house that made the link reads another tenant, another message or another end out of it, or nothing.
    for at in [3, 25, 45, 60, 90, 117] {
        let mut bad: Vec<char> = links[0].chars().collect();
        bad[at] = if bad[at] == 'A' { 'Q' } else { 'A' };
        let bad: String = bad.into_iter().collect();
        assert_eq!(code(world.release(&bad).await), "mail.link_bad", "{at}");
    }
    let consortium = world.operator.tenant.id;
    let refusals = fleet::list_refusals(&world.test.house, &world.operator.actor, consortium).await.unwrap();
    let forged = refusals.iter().find(|row| row.code == "mail.link_forged").unwrap();
    assert_eq!((forged.count, forged.last_detail.as_str()), (6, ""));
    assert!(world.acts().await.is_empty(), "what names nobody stands in nobody's log");
    let mut last = "";
    for _ in 0..40 {
        last = code(world.open("x").await);
    }
    assert_eq!(last, "throttled");
    assert!(world.open(&links[0]).await.is_ok(), "a good link opens all the same");
    assert_eq!(world.row(id).await.state, HeldState::Held);
}

#[tokio::test]
async fn a_comune_that_leaves_nothing_to_recipients_is_asked_for_everything() {
    let world = world(TestHouse::in_memory().await).await;
    let (id, links) = world.held(SPAM, &[OFFICE]).await;
    assert!(world.open(&links[0]).await.unwrap().may_release);
    world.wants(&MailPolicy { recipients_may: RecipientsMay::Nothing, ..MailPolicy::default() }).await;
    assert_eq!(code(world.release(&links[0]).await), "mail.link_not_yours");
    world.ask(&links[0]).await.unwrap();
    assert_eq!(world.row(id).await.asked_by, [OFFICE]);
}

#[tokio::test]
async fn a_domain_that_was_given_up_takes_its_links_with_it() {
    let world = world(TestHouse::in_memory().await).await;
    let (_, links) = world.held(SPAM, &[OFFICE]).await;
    let gone = mail::give_up_domain(&world.test.house, &world.siena.actor, world.tenant(), "comune.siena.it");
    gone.await.unwrap();
    assert_eq!(code(world.release(&links[0]).await), "mail.link_gone");
}

#[tokio::test]
async fn a_part_passes_the_filter_for_its_recipient_and_for_nobody_else() {
    let world = world(TestHouse::in_memory().await).await;
    let house = &world.test.house;
    let (_, links) = world.held(SPAM, &[OFFICE, REGISTRY]).await;
    world.release(&links[0]).await.unwrap();
    let spy = Spy::default();
    mail::send_released(house, &spy).await.unwrap();
    let bytes = spy.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    let (mark, message) = text.split_once("\r\n").unwrap();
    let mark = mark.strip_prefix("X-Baluardo-Release: ").unwrap();
    let passes = async |to: &[&str]| {
        let to: Vec<String> = to.iter().map(|one| (*one).to_owned()).collect();
        mail::may_pass(house, mark, &to, message.as_bytes()).await.unwrap()
    };
    assert!(passes(&[OFFICE]).await);
    assert!(!passes(&[REGISTRY]).await);
    assert!(!passes(&[OFFICE, REGISTRY]).await);
}

/// A mail server that looks and says that it is busy.
#[derive(Default)]
struct Spy(Mutex<Vec<u8>>);

impl Reinjection for Spy {
    fn send<'a>(&'a self, mail: Returning<'a>) -> Sending<'a> {
        *self.0.lock().unwrap() = mail.bytes.to_vec();
        Box::pin(async { Err(SendError::Later("451 busy".to_owned())) })
    }
}
