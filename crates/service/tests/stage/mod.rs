//! The stage of the stories: a founded house, people who enter, mail that arrives.
#![expect(dead_code, reason = "each story uses a part of the stage")]

use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::identity::{Actor, Role, Tenant};
use baluardo_model::{RequestId, TenantId, Timestamp};
use baluardo_service::activation::{self, SubmitRequest};
use baluardo_service::identity::{self, ClientHint, Invitation, LINK_PATH, NewSession, SignedIn};
use baluardo_service::{House, outbox};
use baluardo_testkit::TestHouse;
use std::time::Duration;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const PASSWORD: &str = "quattro cavalli corrono piano";
pub(crate) const OPERATOR: &str = "olga@consorzio.example";

/// Tells a story on SQLite always, and on PostgreSQL where there is one.
macro_rules! story {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let address = format!("sqlite:{}", folder.path().join("house.db").display());
                super::$name(baluardo_testkit::TestHouse::on(&address).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(address) = baluardo_testkit::fresh_postgres_address().await {
                    super::$name(baluardo_testkit::TestHouse::on(&address).await).await;
                }
            }
        }
    )+};
}
pub(crate) use story;

/// Somebody at a network address of the documentation range.
pub(crate) fn client(last: u8) -> ClientHint {
    ClientHint { ip: Some(std::net::Ipv4Addr::new(192, 0, 2, last).into()) }
}

/// An authenticator app with one secret.
pub(crate) struct App(Vec<u8>);

impl App {
    /// Reads the secret as a person types it.
    pub(crate) fn of(secret: &str) -> Self {
        let mut bytes = Vec::new();
        let (mut held, mut bits) = (0_u32, 0);
        for letter in secret.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
            held = held << 5 | u32::try_from(value).unwrap();
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
            }
        }
        Self(bytes)
    }

    /// The code of an instant.
    pub(crate) fn code(&self, now: Timestamp) -> String {
        let secret: [u8; 20] = self.0.clone().try_into().unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        totp.generate(u64::try_from(now.micros() / 1_000_000).unwrap()).to_string()
    }
}

/// The secret at the end of a link's address.
pub(crate) fn secret_of(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

/// Sets the password through a link and gives the session with the app that makes codes.
pub(crate) async fn enter(house: &House, secret: &str) -> (NewSession, App) {
    let landing = identity::open_link(house, secret).await.unwrap();
    let app = App::of(&landing.totp.secret);
    let session = identity::complete_setup_password(house, secret, PASSWORD, &app.code(house.now())).await.unwrap();
    (session, app)
}

/// Who holds a session.
pub(crate) async fn signed_in(house: &House, session: &NewSession) -> SignedIn {
    identity::authenticate_session(house, &session.cookie_secret).await.unwrap().expect("the session is open")
}

/// Founds the consortium; its operator enters.
pub(crate) async fn found(test: &TestHouse) -> SignedIn {
    let (_, link) = identity::found_consortium(&test.house, "Consorzio di prova", OPERATOR, "Olga Neri").await.unwrap();
    let (session, _) = enter(&test.house, &secret_of(&link.unwrap().url)).await;
    signed_in(&test.house, &session).await
}

/// Lets the mail leave, a second later than any before, and gives what the newest one to an address says.
pub(crate) async fn mail_to(test: &TestHouse, address: &str) -> Option<String> {
    test.clock.advance(MINUTE / 60);
    outbox::deliver_due_mail(&test.house, None).await.unwrap();
    let mails = outbox::list_local_mail(&test.house).await.unwrap();
    mails.into_iter().find(|mail| mail.to == address).map(|mail| mail.text)
}

/// The secret of the link in a mail.
pub(crate) fn link_in(text: &str) -> String {
    let at = text.find(LINK_PATH).expect("the mail has a link") + LINK_PATH.len();
    text[at..].split_whitespace().next().unwrap().to_owned()
}

/// What a comune writes.
pub(crate) fn application(code: &str, email: &str) -> Application {
    Application {
        cadastral_code: code.to_owned(),
        rtd_name: "Anna Bianchi".to_owned(),
        rtd_role: "Segretaria comunale".to_owned(),
        email: email.to_owned(),
        pec: "comune@pec.example.it".to_owned(),
        devices: 12,
        note: String::new(),
    }
}

/// A comune asks for activation; its receipt leaves.
pub(crate) async fn ask(test: &TestHouse, code: &str, email: &str) -> RequestId {
    let form = SubmitRequest { service: ServiceCode::Activation, application: application(code, email) };
    let receipt = activation::submit_request(&test.house, &form, &ClientHint::default()).await.unwrap();
    outbox::deliver_due_mail(&test.house, None).await.unwrap();
    receipt.id
}

/// A comune asks, is activated, and its RTD enters.
pub(crate) async fn activate(test: &TestHouse, operator: &Actor, code: &str, email: &str) -> SignedIn {
    let house = &test.house;
    let request = ask(test, code, email).await;
    activation::approve_request(house, operator, request).await.unwrap();
    let mail = mail_to(test, email).await.unwrap();
    let (session, _) = enter(house, &link_in(&mail)).await;
    signed_in(house, &session).await
}

/// Somebody is invited and enters.
pub(crate) async fn invite(test: &TestHouse, actor: &Actor, tenant: TenantId, email: &str, role: Role) -> SignedIn {
    let house = &test.house;
    let invitation = Invitation { email: email.to_owned(), name: "Invitata".to_owned(), role, office: String::new() };
    identity::invite_person(house, actor, tenant, &invitation).await.unwrap();
    let mail = mail_to(test, email).await.unwrap();
    let (session, _) = enter(house, &link_in(&mail)).await;
    signed_in(house, &session).await
}

/// The stable code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, baluardo_service::Error>) -> &'static str {
    answer.expect_err("this is refused").code()
}

/// The acts in a tenant's log, oldest first.
pub(crate) async fn acts(house: &House, tenant: &Tenant) -> Vec<String> {
    let log = baluardo_service::audit::export_audit(house, &Actor::Platform, tenant.id).await.unwrap();
    log.into_iter().map(|line| line.entry.act).collect()
}
