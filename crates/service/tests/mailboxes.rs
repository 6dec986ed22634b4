//! Mailboxes at providers and what is noted of certified mail, as the RTD and the guard ask for them.

use baluardo_mail::{Language, judge};
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::{HeldPlace, MailboxTls};
use baluardo_service::Error;
use baluardo_service::mail::{self, Arriving};
use baluardo_service::mailbox::{self, Credential, Lying, NewMailbox};
use baluardo_service::outbox::{SendError, Sending};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::{note_pec, phish};
use baluardo_testkit::people::{Entered, activate, found};
use std::time::Duration;

async fn town() -> (TestHouse, Entered) {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    (test, rtd)
}

fn described() -> NewMailbox {
    NewMailbox {
        address: "posta@comune.siena.it".to_owned(),
        host: "imaps.fornitore.example".to_owned(),
        port: 993,
        password: "molto segreta".to_owned(),
        enabled: true,
        ..NewMailbox::default()
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    answer.unwrap_err().code()
}

#[tokio::test]
async fn a_secret_is_asked_again_where_the_way_leads_elsewhere_and_never_shown() {
    let (test, rtd) = town().await;
    let (house, actor, tenant) = (&test.house, &rtd.actor, rtd.tenant.id);
    let id = mailbox::add_mailbox(house, actor, tenant, &described()).await.unwrap();
    assert_eq!(code(mailbox::add_mailbox(house, actor, tenant, &described()).await), "mailbox.exists");
    let row = mailbox::get_mailbox(house, actor, tenant, id).await.unwrap();
    assert!(!row.settings.sealed.contains("segreta") && !format!("{row:?}").contains(&row.settings.sealed));
    let elsewhere = NewMailbox { host: "imap.ladro.example".to_owned(), password: String::new(), ..described() };
    assert_eq!(code(mailbox::change_mailbox(house, actor, tenant, id, &elsewhere).await), "mailbox.secret_again");
    let renamed = NewMailbox { folder: "Sospetti".to_owned(), password: String::new(), ..described() };
    mailbox::change_mailbox(house, actor, tenant, id, &renamed).await.unwrap();
    let opened = mailbox::open_mailbox(house, tenant, id).await.unwrap();
    assert_eq!(opened.connection.credential, Credential::Password("molto segreta".to_owned()));
    assert_eq!(opened.connection.folder, "Sospetti");
    assert!(!format!("{opened:?}").contains("segreta"));
    let log = baluardo_service::audit::export_audit(house, actor, tenant).await.unwrap();
    assert!(format!("{log:?}").contains("mailbox.added") && !format!("{log:?}").contains("segreta"));
}

#[tokio::test]
async fn what_cannot_be_reached_safely_is_refused_with_its_field() {
    let (test, rtd) = town().await;
    let (house, actor, tenant) = (&test.house, &rtd.actor, rtd.tenant.id);
    let plain = NewMailbox { tls: MailboxTls::Plain, ..described() };
    assert_eq!(code(mailbox::add_mailbox(house, actor, tenant, &plain).await), "mailbox.plain_far");
    let no_secret = NewMailbox { password: String::new(), ..described() };
    assert_eq!(code(mailbox::add_mailbox(house, actor, tenant, &no_secret).await), "mailbox.password_missing");
    let host = NewMailbox { host: "a b".to_owned(), ..described() };
    assert_eq!(code(mailbox::add_mailbox(house, actor, tenant, &host).await), "mailbox.host_bad");
    assert!(mailbox::list_mailboxes(house, actor, tenant).await.unwrap().is_empty());
}

struct Nobody;

impl mail::Reinjection for Nobody {
    fn send<'a>(&'a self, _: mail::Returning<'a>) -> Sending<'a> {
        Box::pin(async { Err(SendError::Never("nothing of a mailbox leaves by a mail server".to_owned())) })
    }
}

#[tokio::test]
async fn a_message_of_a_mailbox_is_brought_back_by_its_guard_and_by_nobody_else() {
    let (test, rtd) = town().await;
    let (house, actor, tenant) = (&test.house, &rtd.actor, rtd.tenant.id);
    let id = mailbox::add_mailbox(house, actor, tenant, &described()).await.unwrap();
    let (bytes, to) = (phish("esempio"), ["posta@comune.siena.it".to_owned()]);
    let (verdict, english) = (judge(&bytes, Language::Italian), judge(&bytes, Language::English));
    let mail = Arriving { sender: "", recipients: &to, bytes: &bytes, verdict: &verdict, english: &english };
    let lying = Lying { mailbox: id, message_id: "<1@a.example>", mail };
    let held = mailbox::hold_in_mailbox(house, tenant, &lying).await.unwrap();
    assert!(held.new && !mailbox::hold_in_mailbox(house, tenant, &lying).await.unwrap().new);
    mailbox::note_place(house, tenant, held.id, HeldPlace::Quarantine).await.unwrap();
    assert_eq!(code(mailbox::remove_mailbox(house, actor, tenant, id).await), "mailbox.has_held");
    mail::release_held(house, actor, tenant, held.id).await.unwrap();
    assert_eq!(mail::send_released(house, &Nobody).await.unwrap(), mail::Sent::default());
    assert_eq!(mailbox::waiting(house).await.unwrap(), [(tenant, id)]);
    let tasks = mailbox::tasks(house, tenant, id).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].state, tasks[0].place), (1, HeldState::Releasing, HeldPlace::Quarantine));
    assert_eq!(mailbox::content_of(house, tenant, held.id).await.unwrap(), Some(bytes.clone()));
    mailbox::task_later(house, tenant, &tasks[0], "the server is away").await.unwrap();
    assert!(mailbox::waiting(house).await.unwrap().is_empty(), "it rests");
    mailbox::end_task(house, tenant, &tasks[0], HeldPlace::Returned).await.unwrap();
    let row = mail::get_held(house, actor, tenant, held.id).await.unwrap();
    assert_eq!(row.state, HeldState::Released);
    assert_eq!(mailbox::held_place(house, actor, tenant, held.id).await.unwrap(), Some(HeldPlace::Returned));
}

#[tokio::test]
async fn notes_of_certified_mail_are_written_once_and_forgotten_in_time() {
    let (test, rtd) = town().await;
    let (house, actor, tenant) = (&test.house, &rtd.actor, rtd.tenant.id);
    let id = mailbox::add_mailbox(house, actor, tenant, &described()).await.unwrap();
    let identity = note_pec(&test, tenant, id, "bando").await;
    note_pec(&test, tenant, id, "bando").await;
    let notes = mailbox::list_pec(house, actor, tenant).await.unwrap();
    assert_eq!((notes.len(), notes[0].note.hostile), (1, true));
    mailbox::mark_pec_seen(house, actor, tenant, &identity).await.unwrap();
    assert_eq!(code(mailbox::mark_pec_seen(house, actor, tenant, &identity).await), "not_found");
    let day = Duration::from_secs(24 * 60 * 60);
    test.clock.set(house.now().plus(day.saturating_mul(20)));
    assert_eq!(mailbox::forget_pec(house).await.unwrap(), 0);
    test.clock.set(house.now().plus(day.saturating_mul(2)));
    assert_eq!(mailbox::forget_pec(house).await.unwrap(), 1);
    assert!(mailbox::list_pec(house, actor, tenant).await.unwrap().is_empty());
}
