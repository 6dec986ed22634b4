//! What a recipient releases by a link of the daily letter goes through the real filter, to them and to nobody else.

use crate::house::World;
use crate::stage::client::{MailServer, inserted, last};
use crate::stage::milter::Milter;
use crate::stage::smtp::Sink;
use crate::stage::{phish, wait_for};
use baluardo_mail::{Class, Language, judge};
use baluardo_model::Clock as _;
use baluardo_model::mail::HeldState;
use baluardo_server::ambient::SystemClock;
use baluardo_service::identity::ClientHint;
use baluardo_service::mail::{self, Arriving};
use baluardo_service::outbox;
use baluardo_testkit::mail::held_links;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const OFFICE: &str = "ufficio@comune.siena.it";
const REGISTRY: &str = "anagrafe@comune.siena.it";

#[tokio::test(flavor = "multi_thread")]
async fn what_one_recipient_releases_reaches_them_alone_and_passes_the_filter() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let (house, siena) = (&world.test.house, &world.siena);
    let recipients = [OFFICE.to_owned(), REGISTRY.to_owned()];
    let bytes = phish("atteso");
    let (mut verdict, mut english) = (judge(&bytes, Language::Italian), judge(&bytes, Language::English));
    for judged in [&mut verdict, &mut english] {
        (judged.class, judged.score) = (Class::Spam, 0.8);
        judged.reasons.truncate(1);
        judged.reasons[0].code = "bulk_odd".to_owned();
    }
    let mail = Arriving {
        sender: "x@y.example",
        recipients: &recipients,
        bytes: &bytes,
        verdict: &verdict,
        english: &english,
    };
    let id = mail::hold_message(house, siena.tenant.id, &mail).await.unwrap().id;
    // A letter of the days to come is read today, so that both programs live in the same time.
    world.test.clock.set(SystemClock.now().plus(DAY * 2));
    assert_eq!(mail::send_digests(house).await.unwrap(), 2);
    outbox::deliver_due_mail(house, None).await.unwrap();
    let letters = outbox::list_local_mail(house).await.unwrap();
    world.test.clock.set(SystemClock.now());
    let letter = letters.iter().find(|one| one.to == OFFICE && one.subject.starts_with("Posta fermata")).unwrap();
    let link = held_links(&letter.text).remove(0);
    mail::release_by_link(house, &link, &ClientHint::default()).await.unwrap();

    let sink = Sink::start();
    sink.busy(true);
    let hop = format!("smtp://127.0.0.1:{}", sink.port);
    let state = folder.path().join("state");
    let milter = Milter::start(folder.path(), &["--state", state.to_str().unwrap(), "--next-hop", &hop]);
    // The mail server asks the filter before it takes the message.
    let first = wait_for("the message comes", || sink.taken().first().cloned());
    assert_eq!(first.recipients, [OFFICE]);
    let mut server = MailServer::connect(milter.port);
    let said = server.deliver("x@y.example", &[OFFICE], &first.message);
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("released"));
    let said = server.deliver("x@y.example", &[REGISTRY], &first.message);
    assert_eq!(last(&said), 'd', "for somebody else it is a message like any other");
    sink.busy(false);
    let left = || {
        let parts = mail::held_parts(house, &siena.actor, siena.tenant.id, id);
        let parts = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(parts)).unwrap();
        (parts[0].state == HeldState::Released).then_some(())
    };
    wait_for("the mail server takes it", left);
    assert!(sink.taken().iter().all(|taken| taken.recipients == [OFFICE]), "nobody else ever gets it");
    let row = mail::get_held(house, &siena.actor, siena.tenant.id, id).await.unwrap();
    assert_eq!(row.state, HeldState::Held, "for the other it waits");
    let said = server.deliver("x@y.example", &[OFFICE], &first.message);
    assert_eq!(last(&said), 'd', "its mark is worth nothing any more");
}
