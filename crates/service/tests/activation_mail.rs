//! Mail leaves at least once, under one Message-ID, whatever happens between the act and the mail server.

mod stage;

use baluardo_model::RequestId;
use baluardo_model::identity::Actor;
use baluardo_service::activation::{approve_request, get_request};
use baluardo_service::outbox::{self, Leaving, MailTransport, SendError, Sending};
use baluardo_service::seal::SealKey;
use baluardo_service::{House, Settings};
use baluardo_testkit::people::*;
use baluardo_testkit::{SeededChance, TestHouse};
use stage::*;
use std::sync::{Arc, Mutex};

story!(
    a_crash_between_act_and_mail_leaves_the_mail_due,
    a_mail_that_left_twice_has_one_message_id_and_one_line,
    mail_without_a_server_waits_and_says_so,
    a_failing_server_is_asked_less_and_less_often,
    mail_kept_here_is_nobodys_where_mail_leaves,
);

/// A mail server that notes what it gets, and fails as often as it is told.
#[derive(Default)]
struct Server {
    got: Mutex<Vec<(String, String)>>,
    fails: Mutex<Vec<SendError>>,
}

impl MailTransport for Server {
    fn send<'a>(&'a self, mail: Leaving<'a>) -> Sending<'a> {
        Box::pin(async move {
            if let Some(failure) = self.fails.lock().unwrap().pop() {
                return Err(failure);
            }
            self.got.lock().unwrap().push((mail.to.to_owned(), mail.message_id.to_owned()));
            Ok(())
        })
    }
}

/// The same house after a restart, with mail that leaves.
fn with_server(test: &TestHouse, seed: u64) -> House {
    let settings = Settings { local_mail: false, ..test.house.settings().clone() };
    let seal = SealKey::from_bytes(&[7; 32]).unwrap();
    House::new(test.store.clone(), test.clock.clone(), Arc::new(SeededChance::new(seed)), settings, seal).unwrap()
}

/// A request that was just approved; its receipt has left.
async fn approved(test: &TestHouse) -> RequestId {
    let operator = found(test).await.signed.actor;
    let id = ask(test, "I726", "a@siena.example").await;
    outbox::deliver_due_mail(&test.house, None).await.unwrap();
    approve_request(&test.house, &operator, id).await.unwrap();
    id
}

async fn sent_lines(house: &House, id: RequestId) -> usize {
    let seen = get_request(house, &Actor::Platform, id).await.unwrap();
    seen.request.log.iter().filter(|event| event.kind.code() == "mail_sent").count()
}

async fn a_crash_between_act_and_mail_leaves_the_mail_due(test: TestHouse) {
    let id = approved(&test).await;
    let house = with_server(&test, 1);
    let server = Server::default();
    assert_eq!(sent_lines(&house, id).await, 0);
    let done = outbox::deliver_due_mail(&house, Some(&server)).await.unwrap();
    assert_eq!((done.left, done.failed), (1, 0));
    assert_eq!(sent_lines(&house, id).await, 1);
    let again = outbox::deliver_due_mail(&house, Some(&server)).await.unwrap();
    assert_eq!((again.left, server.got.lock().unwrap().len()), (0, 1), "what left does not leave again");
}

async fn mail_without_a_server_waits_and_says_so(test: TestHouse) {
    let id = approved(&test).await;
    let house = with_server(&test, 2);
    assert_eq!(code(outbox::deliver_due_mail(&house, None).await), "internal");
    assert_eq!(outbox::deliver_due_mail(&house, Some(&Server::default())).await.unwrap().left, 1);
    assert_eq!(sent_lines(&house, id).await, 1);
}

async fn a_mail_that_left_twice_has_one_message_id_and_one_line(test: TestHouse) {
    let id = approved(&test).await;
    let server = Arc::new(Server::default());
    let (one, two) = (with_server(&test, 3), with_server(&test, 4));
    let (first, second) =
        tokio::join!(outbox::deliver_due_mail(&one, Some(&*server)), outbox::deliver_due_mail(&two, Some(&*server)),);
    first.unwrap();
    second.unwrap();
    let got = server.got.lock().unwrap().clone();
    assert!((1..=2).contains(&got.len()), "{got:?}");
    assert!(got.iter().all(|mail| *mail == got[0]), "{got:?}");
    assert_eq!(sent_lines(&one, id).await, 1);
}

async fn a_failing_server_is_asked_less_and_less_often(test: TestHouse) {
    let id = approved(&test).await;
    let house = with_server(&test, 5);
    let server = Server::default();
    let away = || SendError::Later("la porta è chiusa".to_owned());
    server.fails.lock().unwrap().extend([SendError::Never("550 no such box".to_owned()), away(), away()]);
    for minutes in [1, 2, 360] {
        assert_eq!(outbox::deliver_due_mail(&house, Some(&server)).await.unwrap().failed, 1);
        test.clock.advance(minutes * MINUTE - MINUTE / 60);
        let early = outbox::deliver_due_mail(&house, Some(&server)).await.unwrap();
        assert_eq!(early, outbox::Delivered::default(), "{minutes} minutes are not over");
        test.clock.advance(MINUTE / 60);
    }
    let state = outbox::mail_state(&house, &Actor::Platform).await.unwrap();
    assert_eq!(state.waiting, 1);
    assert_eq!(state.trouble.unwrap().why, "refused: 550 no such box");
    assert_eq!(outbox::deliver_due_mail(&house, Some(&server)).await.unwrap().left, 1);
    assert_eq!(sent_lines(&house, id).await, 1);
    assert_eq!(outbox::mail_state(&house, &Actor::Platform).await.unwrap().trouble, None);
}

async fn mail_kept_here_is_nobodys_where_mail_leaves(test: TestHouse) {
    approved(&test).await;
    outbox::deliver_due_mail(&test.house, None).await.unwrap();
    assert_eq!(outbox::list_local_mail(&test.house).await.unwrap().len(), 2);
    assert_eq!(code(outbox::list_local_mail(&with_server(&test, 6)).await), "not_found");
}
