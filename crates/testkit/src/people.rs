//! People who come in as people do: through a link, with a password and the codes of an app; and the mail that brings
//! the link.

use crate::house::TestHouse;
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{RequestId, TenantId, Timestamp};
use baluardo_service::activation::{self, SubmitRequest};
use baluardo_service::identity::{self, ClientHint, Invitation, LINK_PATH, NewSession, SignedIn};
use baluardo_service::{House, outbox};
use std::time::Duration;

/// The password of everybody here.
pub const PASSWORD: &str = "quattro cavalli corrono piano";
/// The address of the first operator.
pub const OPERATOR: &str = "olga@consorzio.example";

/// An authenticator app with one secret.
#[derive(Clone, Debug)]
pub struct CodeApp([u8; 20]);

impl CodeApp {
    /// Reads the secret as a person types it.
    ///
    /// # Panics
    /// On what is no Base32 of twenty bytes.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let mut bytes = Vec::new();
        let (mut held, mut bits) = (0_u32, 0);
        for letter in secret.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter);
            held = held << 5 | u32::try_from(value.expect("the secret is Base32")).expect("a digit is small");
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits & 0xff).expect("a byte"));
            }
        }
        Self(bytes.try_into().expect("the secret has twenty bytes"))
    }

    /// The code of an instant.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> String {
        let totp = totp_rs::Builder::new().with_secret(self.0).build_noncompliant();
        totp.generate(u64::try_from(now.micros() / 1_000_000).expect("tests live after 1970")).to_string()
    }
}

/// Somebody who is signed in, with what their browser holds.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Who they are to the use cases.
    pub signed: SignedIn,
    /// What their browser was given.
    pub browser: NewSession,
}

impl std::ops::Deref for Entered {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.signed
    }
}

/// The secret at the end of a link's address.
#[must_use]
pub fn secret_of(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Sets the password through a link and gives the session with the app that makes codes.
pub async fn enter(house: &House, secret: &str) -> (NewSession, CodeApp) {
    let landing = identity::open_link(house, secret).await.expect("the link is good");
    let app = CodeApp::of(&landing.totp.secret);
    let code = app.code(house.now());
    let session = identity::complete_setup_password(house, secret, PASSWORD, &code).await.expect("the code is right");
    (session, app)
}

/// Who holds a session.
pub async fn signed_in(house: &House, session: &NewSession) -> SignedIn {
    let found = identity::authenticate_session(house, &session.cookie_secret).await.expect("the store answers");
    found.expect("the session is open")
}

async fn entered(house: &House, secret: &str) -> Entered {
    let (browser, _) = enter(house, secret).await;
    Entered { signed: signed_in(house, &browser).await, browser }
}

/// Founds the consortium; its operator enters.
pub async fn found(test: &TestHouse) -> Entered {
    let founded = identity::found_consortium(&test.house, "Consorzio di prova", OPERATOR, "Olga Neri").await;
    let (_, link) = founded.expect("the house is new");
    entered(&test.house, &secret_of(&link.expect("a new operator has a link").url)).await
}

/// Lets the mail leave, a second later than any before, and gives what the newest one to an address says.
pub async fn mail_to(test: &TestHouse, address: &str) -> Option<String> {
    test.clock.advance(Duration::from_secs(1));
    outbox::deliver_due_mail(&test.house, None).await.expect("the local inbox takes mail");
    let mails = outbox::list_local_mail(&test.house).await.expect("mail is kept here");
    mails.into_iter().find(|mail| mail.to == address).map(|mail| mail.text)
}

/// The secret of the link in a mail.
#[must_use]
pub fn link_in(text: &str) -> String {
    let at = text.find(LINK_PATH).expect("the mail has a link") + LINK_PATH.len();
    text[at..].split_whitespace().next().unwrap_or_default().to_owned()
}

/// What a comune writes.
#[must_use]
pub fn application(code: &str, email: &str) -> Application {
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
pub async fn ask(test: &TestHouse, code: &str, email: &str) -> RequestId {
    let form = SubmitRequest { service: ServiceCode::Activation, application: application(code, email) };
    let receipt = activation::submit_request(&test.house, &form, &ClientHint::default()).await;
    outbox::deliver_due_mail(&test.house, None).await.expect("the local inbox takes mail");
    receipt.expect("the form is good").id
}

/// A comune asks, is activated, and its RTD enters.
pub async fn activate(test: &TestHouse, operator: &Actor, code: &str, email: &str) -> Entered {
    let request = ask(test, code, email).await;
    activation::approve_request(&test.house, operator, request).await.expect("the request waits");
    let mail = mail_to(test, email).await.expect("the RTD has mail");
    entered(&test.house, &link_in(&mail)).await
}

/// Somebody is invited and enters.
pub async fn invite(test: &TestHouse, actor: &Actor, tenant: TenantId, email: &str, role: Role) -> Entered {
    let invitation = Invitation { email: email.to_owned(), name: "Invitata".to_owned(), role, office: String::new() };
    identity::invite_person(&test.house, actor, tenant, &invitation).await.expect("the invitation is good");
    let mail = mail_to(test, email).await.expect("who is invited has mail");
    entered(&test.house, &link_in(&mail)).await
}
