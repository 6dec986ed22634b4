//! The milter with a house: each comune's own rules, held messages in its console, released ones through once.

use crate::stage::client::{MailServer, inserted, last, removed};
use crate::stage::milter::Milter;
use crate::stage::{honest, phish, wait_for};
use baluardo_model::Clock as _;
use baluardo_model::mail::{HeldState, MailPolicy, OnSuspicion};
use baluardo_server::ambient::SystemClock;
use baluardo_service::mail::{self, HeldFilter, HeldRow};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{Entered, activate, found};
use std::path::Path;

/// A house on disk with two comuni that answer for a domain each.
pub(crate) struct World {
    pub(crate) test: TestHouse,
    pub(crate) operator: Entered,
    pub(crate) siena: Entered,
    pub(crate) lucca: Entered,
}

impl World {
    pub(crate) async fn on(state: &Path) -> Self {
        std::fs::create_dir_all(state).unwrap();
        // The key with which a house of the tests seals.
        std::fs::write(state.join("secrets.key"), [7; 32]).unwrap();
        let test = TestHouse::on(&format!("sqlite:{}", state.join("baluardo.db").display())).await;
        let operator = found(&test).await;
        let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
        let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
        for (rtd, domain) in [(&siena, "comune.siena.it"), (&lucca, "comune.lucca.it")] {
            mail::claim_domain(&test.house, &rtd.actor, rtd.tenant.id, domain).await.unwrap();
            mail::decide_domain(&test.house, &operator.actor, rtd.tenant.id, domain, true).await.unwrap();
        }
        // From here on both programs live in the same time.
        test.clock.set(SystemClock.now());
        Self { test, operator, siena, lucca }
    }

    pub(crate) async fn held(&self, rtd: &Entered) -> Vec<HeldRow> {
        mail::list_held(&self.test.house, &rtd.actor, rtd.tenant.id, &HeldFilter::default()).await.unwrap()
    }

    /// The subjects of what Siena holds, read from the rows, because the console shows 500 at most.
    pub(crate) async fn held_subjects(&self) -> Vec<String> {
        let mut all = Vec::new();
        for word in 0..10 {
            let filter = HeldFilter { text: format!("{word}:"), ..HeldFilter::default() };
            let rows = mail::list_held(&self.test.house, &self.siena.actor, self.siena.tenant.id, &filter).await;
            all.extend(rows.unwrap().into_iter().map(|row| row.mail.subject));
        }
        all
    }

    async fn wants(&self, rtd: &Entered, on_suspicion: OnSuspicion) {
        let policy = MailPolicy { on_suspicion, ..MailPolicy::default() };
        mail::change_mail_policy(&self.test.house, &rtd.actor, rtd.tenant.id, &policy).await.unwrap();
    }
}

fn milter(folder: &Path) -> Milter {
    Milter::start(folder, &["--state", folder.join("state").to_str().unwrap()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_message_waits_in_the_console_of_its_comune_before_the_mail_server_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    let said = server.deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    assert_eq!(said, [('d', Vec::new())]);
    let held = world.held(&world.siena).await;
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].state, held[0].class.as_str(), held[0].times), (HeldState::Held, "phishing", 1));
    assert!(held[0].subject.starts_with("esempio:") && !held[0].reasons.is_empty());
    assert!(world.held(&world.lucca).await.is_empty());
    assert_eq!(last(&server.deliver("x@y.example", &["ufficio@comune.siena.it"], &honest("uno"))), 'c');
    assert_eq!(world.held(&world.siena).await.len(), 1, "what is delivered is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_tried_again_after_a_crash_is_the_same_held_message() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let mut milter = milter(folder.path());
    MailServer::connect(milter.port).deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    milter.kill();
    milter.again();
    let said = MailServer::connect(milter.port).deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    assert_eq!(said, [('d', Vec::new())]);
    let held = world.held(&world.siena).await;
    assert_eq!((held.len(), held[0].times), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_of_several_comuni_get_what_each_comune_wants() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    world.wants(&world.lucca, OnSuspicion::Tag).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    let to = ["a@comune.siena.it", "b@comune.lucca.it", "c@COMUNE.SIENA.IT"];
    let said = server.deliver("x@y.example", &to, &phish("misto"));
    assert_eq!(removed(&said), ["<a@comune.siena.it>", "<c@COMUNE.SIENA.IT>"]);
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("tag"));
    assert_eq!(last(&said), 'c');
    let held = world.held(&world.siena).await;
    assert_eq!(held[0].recipients, ["a@comune.siena.it", "c@COMUNE.SIENA.IT"]);
    assert!(world.held(&world.lucca).await.is_empty());
    // One refuses, the other holds: nobody gets it, and it is in one console at least.
    world.wants(&world.lucca, OnSuspicion::Refuse).await;
    let said = server.deliver("x@y.example", &to, &phish("secondo"));
    assert_eq!(last(&said), 'd');
    assert_eq!(world.held(&world.lucca).await.len(), 1);
    let said = server.deliver("x@y.example", &["b@comune.lucca.it"], &phish("terzo"));
    assert!(String::from_utf8_lossy(&said[0].1).starts_with("550 5.7.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    // The table is gone, as on a damaged disk.
    let address = format!("sqlite:{}", folder.path().join("state/baluardo.db").display());
    let pool = sqlx::SqlitePool::connect(&address).await.unwrap();
    sqlx::query("ALTER TABLE held_piece RENAME TO elsewhere").execute(&pool).await.unwrap();
    let said = server.deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    assert!(String::from_utf8_lossy(&said[0].1).starts_with("451 4.7.1"), "{said:?}");
    sqlx::query("ALTER TABLE elsewhere RENAME TO held_piece").execute(&pool).await.unwrap();
    let said = server.deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    assert_eq!(last(&said), 'd');
    assert_eq!(world.held(&world.siena).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_message_goes_to_the_next_hop_with_a_mark_that_passes_until_it_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let sink = crate::stage::smtp::Sink::start();
    let hop = format!("smtp://127.0.0.1:{}", sink.port);
    let milter =
        Milter::start(folder.path(), &["--state", folder.path().join("state").to_str().unwrap(), "--next-hop", &hop]);
    let mut server = MailServer::connect(milter.port);
    server.deliver("x@y.example", &["ufficio@comune.siena.it"], &phish("esempio"));
    let (house, siena) = (&world.test.house, &world.siena);
    let id = world.held(siena).await[0].id;
    sink.busy(true);
    mail::release_held(house, &siena.actor, siena.tenant.id, id).await.unwrap();
    // The mail server took the bytes and said "later": the mark is good, and the row says why it waits.
    let first = wait_for("the message comes", || sink.taken().first().cloned());
    let text = String::from_utf8_lossy(&first.message).into_owned();
    assert!(text.starts_with("X-Baluardo-Release: "), "{text}");
    let said = server.deliver("x@y.example", &["ufficio@comune.siena.it"], &first.message);
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("released"));
    assert_eq!(last(&said), 'c');
    // For somebody else, or with another text, it is a message like any other.
    let said = server.deliver("x@y.example", &["capo@comune.siena.it"], &first.message);
    assert_eq!(last(&said), 'd');
    let changed = [&first.message[..], b"altro\r\n"].concat();
    assert_eq!(last(&server.deliver("x@y.example", &["ufficio@comune.siena.it"], &changed)), 'd');
    sink.busy(false);
    let row = crate::stage::wait_for("the release is tried again", || {
        let row = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(mail::get_held(house, &siena.actor, siena.tenant.id, id))
        });
        row.ok().filter(|row| row.state == HeldState::Released)
    });
    assert_eq!(row.recipients, ["ufficio@comune.siena.it"]);
    let last_one = sink.taken().pop().unwrap();
    let body = last_one.message.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
    assert_eq!(body, phish("esempio"), "not a byte is lost");
    // The mail server's yes is noted: the mark is worth nothing now. The same delivery again is the message that was decided.
    let said = server.deliver("x@y.example", &["ufficio@comune.siena.it"], &first.message);
    assert_eq!(last(&said), 'd');
    assert!(mail::read_held(house, &siena.actor, siena.tenant.id, id).await.is_err(), "its content is gone");
    assert!(world.held(&world.lucca).await.is_empty() && world.operator.tenant.id != siena.tenant.id);
}
