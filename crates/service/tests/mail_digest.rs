//! The daily letter about held mail: who gets it and when, that nobody gets it twice or misses it, and what of it is kept.

mod stage;

use baluardo_mail::{Action, Class, Language, judge};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::MailPolicy;
use baluardo_model::mail::digest::DigestDays;
use baluardo_service::outbox::{self, LocalMail};
use baluardo_service::{audit, mail};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::{at, held_links, hold_for};
use baluardo_testkit::people::{Entered, activate, found};
use sqlx::{Connection as _, SqliteConnection};
use stage::{DAY, story};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

const OFFICE: &str = "ufficio@comune.siena.it";
const REGISTRY: &str = "anagrafe@comune.siena.it";
const SPAM: (Class, f32) = (Class::Spam, 0.9);
const PHISH: (Class, f32) = (Class::Phishing, 0.97);

struct World {
    test: TestHouse,
    siena: Entered,
    lucca: Entered,
}

/// Both comuni answer for their domain. It is Monday, shortly after nine.
async fn world(test: TestHouse) -> World {
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    for (rtd, domain) in [(&siena, "comune.siena.it"), (&lucca, "comune.lucca.it")] {
        mail::claim_domain(&test.house, &rtd.actor, rtd.tenant.id, domain).await.unwrap();
        mail::decide_domain(&test.house, &operator.actor, rtd.tenant.id, domain, true).await.unwrap();
    }
    World { test, siena, lucca }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    async fn hold(&self, word: &str, judged: (Class, f32), to: &[&str]) {
        assert!(hold_for(&self.test, self.tenant(), word, judged, to).await.new);
    }

    /// How many letters are written at a moment.
    async fn written_at(&self, wall: &str) -> u64 {
        at(&self.test, wall);
        mail::send_digests(&self.test.house).await.unwrap()
    }

    /// The letters that came to an address.
    async fn letters(&self, address: &str) -> Vec<LocalMail> {
        outbox::deliver_due_mail(&self.test.house, None).await.unwrap();
        let all = outbox::list_local_mail(&self.test.house).await.unwrap();
        all.into_iter().filter(|one| one.to == address && one.subject.starts_with("Posta fermata")).collect()
    }

    async fn wants(&self, policy: &MailPolicy) {
        mail::change_mail_policy(&self.test.house, &self.siena.actor, self.tenant(), policy).await.unwrap();
    }
}

story!(
    a_letter_a_day_tells_each_person_what_of_theirs_is_held,
    a_letter_that_was_missed_for_days_comes_once,
    of_two_servers_that_write_at_once_nobody_hears_twice,
    a_run_that_breaks_off_anywhere_tells_everybody_once,
    hour_and_days_are_the_comunes_own_and_so_is_silence
);

async fn a_letter_a_day_tells_each_person_what_of_theirs_is_held(test: TestHouse) {
    let world = world(test).await;
    world.hold("uno", SPAM, &["Ufficio@Comune.Siena.it"]).await;
    world.hold("due", PHISH, &[REGISTRY, OFFICE, OFFICE, "x@altrove.example", "nessuno"]).await;
    assert_eq!(world.written_at("2026-11-02 23:00").await, 0, "the hour of this day was over when they came");
    assert_eq!(world.written_at("2026-11-03 07:59").await, 0);
    assert_eq!(world.written_at("2026-11-03 08:00").await, 2);
    assert_eq!(world.written_at("2026-11-03 08:01").await, 0);
    assert!(world.letters("x@altrove.example").await.is_empty(), "strangers hear nothing");
    let [office] = &world.letters(OFFICE).await[..] else { panic!("one letter") };
    let text = &office.text;
    assert!(text.contains("2 messaggi per ufficio@comune.siena.it (Comune di Siena)"), "{text}");
    assert!(text.contains("uno: il suo conto e' sospeso") && text.contains("Un link accorciato nasconde dove porta"));
    assert!(text.find("uno:") < text.find("due:"), "what is less surely hostile stands first");
    assert!(text.contains("Per riceverlo, entro il 10/11/2026 alle 08:00:"), "{text}");
    assert!(text.contains("Per chiederlo al responsabile"), "a phish is the RTD's to decide");
    assert!(!text.contains("BancoPosta") && !text.contains("192.0.2.77"), "nothing of what the messages say");
    assert!(!text.contains(REGISTRY) && !text.contains(".top"), "no other recipient, and nothing to open: {text}");
    assert_eq!(held_links(text).len(), 2);
    let [registry] = &world.letters(REGISTRY).await[..] else { panic!("one letter") };
    assert!(registry.text.contains("un messaggio per") && !registry.text.contains("uno:"), "{}", registry.text);
    let links = (held_links(&registry.text), held_links(text));
    assert!(links.1.iter().all(|link| !links.0.contains(link)), "each recipient has links of their own");

    assert_eq!(world.written_at("2026-11-04 08:00").await, 0, "no letter where nothing was held");
    world.hold("tre", SPAM, &[OFFICE]).await;
    assert_eq!(world.written_at("2026-11-05 08:00").await, 1);
    let again = world.letters(OFFICE).await;
    let last = again.iter().max_by_key(|letter| letter.at).unwrap();
    assert!(last.text.contains("tre:") && !last.text.contains("uno:"), "each message is told of once");
    let log = audit::export_audit(&world.test.house, &Actor::Platform, world.tenant()).await.unwrap();
    let told: Vec<_> = log.iter().filter(|line| line.entry.act == "mail.digest_sent").collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].entry.detail, "2 letters about 2 messages");
    assert!(!format!("{told:?}").contains('@'), "the log outlives the mail, so no address stands in it");
}

async fn a_letter_that_was_missed_for_days_comes_once(test: TestHouse) {
    let world = world(test).await;
    world.hold("uno", SPAM, &[OFFICE]).await;
    at(&world.test, "2026-11-04 10:00");
    world.hold("due", SPAM, &[OFFICE]).await;
    // The server was off from Monday to Friday, and comes back before lunch.
    assert_eq!(world.written_at("2026-11-06 11:30").await, 1);
    let [letter] = &world.letters(OFFICE).await[..] else { panic!("one letter") };
    assert!(letter.text.contains("uno:") && letter.text.contains("due:"));
    at(&world.test, "2026-11-06 12:00");
    world.hold("tre", SPAM, &[OFFICE]).await;
    assert_eq!(world.written_at("2026-11-06 23:59").await, 0);
    assert_eq!(world.written_at("2026-11-07 08:00").await, 1);
}

async fn of_two_servers_that_write_at_once_nobody_hears_twice(test: TestHouse) {
    let world = world(test).await;
    let other = world.test.beside();
    for day in 3..9 {
        world.hold(&format!("giorno{day}"), SPAM, &[OFFICE, REGISTRY]).await;
        at(&world.test, &format!("2026-11-{day:02} 08:30"));
        let (one, two) = tokio::join!(mail::send_digests(&world.test.house), mail::send_digests(&other));
        assert_eq!(one.unwrap() + two.unwrap(), 2, "day {day}");
    }
    for address in [OFFICE, REGISTRY] {
        assert_eq!(world.letters(address).await.len(), 6);
    }
}

/// Polls `work` so often, and drops it: what was begun is broken off there, as by a server that is killed.
async fn break_off_after(polls: usize, work: impl Future) {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if work.as_mut().poll(&mut context).is_ready() {
            return;
        }
        // The connection answers meanwhile, or not: both must do.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

async fn a_run_that_breaks_off_anywhere_tells_everybody_once(test: TestHouse) {
    let world = world(test).await;
    let people: Vec<String> = (0..5).map(|at| format!("ufficio{at}@comune.siena.it")).collect();
    let to: Vec<&str> = people.iter().map(String::as_str).collect();
    world.hold("uno", SPAM, &to).await;
    world.hold("due", PHISH, &to[..3]).await;
    at(&world.test, "2026-11-03 08:00");
    for polls in (0..150).step_by(3) {
        break_off_after(polls, mail::send_digests(&world.test.house)).await;
    }
    mail::send_digests(&world.test.house).await.unwrap();
    for (number, address) in people.iter().enumerate() {
        let letters = world.letters(address).await;
        assert_eq!(letters.len(), 1, "{address}");
        assert_eq!(held_links(&letters[0].text).len(), if number < 3 { 2 } else { 1 });
    }
}

async fn hour_and_days_are_the_comunes_own_and_so_is_silence(test: TestHouse) {
    let world = world(test).await;
    let lucca = world.lucca.tenant.id;
    let off = MailPolicy { digest: DigestDays::Off, ..MailPolicy::default() };
    world.wants(&off).await;
    world.hold("uno", SPAM, &[OFFICE]).await;
    hold_for(&world.test, lucca, "uno", SPAM, &["ufficio@comune.lucca.it"]).await;
    assert_eq!(world.written_at("2026-11-03 08:00").await, 1, "Siena wants none, Lucca has its own");
    assert!(world.letters(OFFICE).await.is_empty());

    // Switched on at noon it begins with the next hour, and tells what is still held.
    at(&world.test, "2026-11-03 12:00");
    let evening = MailPolicy { digest: DigestDays::WorkingDays, digest_hour: 18, ..MailPolicy::default() };
    world.wants(&evening).await;
    assert_eq!(world.written_at("2026-11-03 12:01").await, 0);
    assert_eq!(world.written_at("2026-11-03 18:00").await, 1);
    // Another hour makes no second letter of the same day.
    world.hold("due", SPAM, &[OFFICE]).await;
    world.wants(&MailPolicy { digest_hour: 19, ..evening.clone() }).await;
    assert_eq!(world.written_at("2026-11-03 20:00").await, 0);
    assert_eq!(world.written_at("2026-11-04 19:00").await, 1);
    at(&world.test, "2026-11-06 19:30");
    world.hold("tre", SPAM, &[OFFICE]).await;
    assert_eq!(world.written_at("2026-11-08 19:00").await, 0, "a Sunday");
    assert_eq!(world.written_at("2026-11-09 19:00").await, 1);
    let late = MailPolicy { digest_hour: 24, ..MailPolicy::default() };
    let refused = mail::change_mail_policy(&world.test.house, &world.siena.actor, world.tenant(), &late).await;
    assert_eq!(refused.unwrap_err().code(), "mail.hour_bad");
}

#[tokio::test]
async fn a_letter_lists_fifty_messages_and_counts_the_others() {
    let world = world(TestHouse::in_memory().await).await;
    for number in 0..53 {
        world.hold(&format!("n{number}"), (Class::Spam, 0.99 - number as f32 / 1_000.0), &[OFFICE]).await;
    }
    assert_eq!(world.written_at("2026-11-03 08:00").await, 1);
    let [letter] = &world.letters(OFFICE).await[..] else { panic!("one letter") };
    assert_eq!((letter.subject.as_str(), held_links(&letter.text).len()), ("Posta fermata: 53 messaggi", 50));
    assert!(letter.text.contains("Altri 3 messaggi fermati non sono in questo elenco"));
    assert!(letter.text.contains("n52:") && !letter.text.contains(" n0:"), "the least sure ones are listed");
}

/// Were it held, the letter would be told of in the next one.
#[tokio::test]
async fn the_filter_lets_the_letter_itself_through() {
    let world = world(TestHouse::in_memory().await).await;
    for number in 0..10 {
        world.hold(&format!("n{number}"), PHISH, &[OFFICE]).await;
    }
    world.written_at("2026-11-03 08:00").await;
    let [letter] = &world.letters(OFFICE).await[..] else { panic!("one letter") };
    for console in ["https://localhost:8443", "https://baluardo.consorzio.example"] {
        let text = letter.text.replace("https://localhost:8443", console);
        let bytes = format!(
            "From: baluardo@consorzio.example\r\nTo: {OFFICE}\r\nSubject: {}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}",
            letter.subject
        );
        let verdict = judge(bytes.as_bytes(), Language::English);
        assert!(verdict.action < Action::Quarantine, "{verdict:?}\n{text}");
    }
}

async fn number(raw: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(raw).await.unwrap()
}

#[tokio::test]
async fn nothing_of_a_letter_is_left_when_its_message_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let world = world(TestHouse::on(&address).await).await;
    world.hold("uno", SPAM, &[OFFICE, REGISTRY]).await;
    let taken = world.test.house.now();
    at(&world.test, "2026-11-10 12:00");
    world.hold("due", SPAM, &[REGISTRY]).await;
    assert_eq!(world.written_at("2026-11-11 08:00").await, 2);
    let mut raw = SqliteConnection::connect(&address).await.unwrap();
    assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest' AND body LIKE '%uno:%'").await, 2);
    let letters = world.letters(OFFICE).await;
    assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest' AND body <> ''").await, 0);
    let client = stage::client(1);
    mail::release_by_link(&world.test.house, &held_links(&letters[0].text)[0], &client).await.unwrap();
    assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM held_part").await, 1);

    world.test.clock.set(taken.plus(DAY * 21));
    assert_eq!(mail::forget_mail(&world.test.house).await.unwrap(), 1, "the other came later");
    for gone in [
        "SELECT COUNT(*) FROM held_part",
        "SELECT COUNT(*) FROM mail_digest",
        "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'",
        "SELECT COUNT(*) FROM local_mail WHERE subject LIKE 'Posta fermata%'",
        "SELECT COUNT(*) FROM held_mail WHERE subject LIKE 'uno:%'",
    ] {
        assert_eq!(number(&mut raw, gone).await, 0, "{gone}");
    }
    assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM held_mail").await, 1);
}

#[tokio::test]
async fn a_letter_that_cannot_be_written_leaves_all_messages_untold() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let world = world(TestHouse::on(&address).await).await;
    world.hold("uno", SPAM, &[OFFICE, REGISTRY]).await;
    let mut raw = SqliteConnection::connect(&address).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON outbox WHEN NEW.body LIKE '%ufficio@comune.siena.it%'
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    sqlx::query(trap).execute(&mut raw).await.unwrap();
    assert_eq!(world.written_at("2026-11-03 08:00").await, 0, "the registry comes first and hears nothing either");
    assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'").await, 0);
    sqlx::query("DROP TRIGGER trap").execute(&mut raw).await.unwrap();
    assert_eq!(world.written_at("2026-11-03 08:01").await, 2);
    assert_eq!(world.written_at("2026-11-03 08:02").await, 0);
}
