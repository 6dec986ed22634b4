//! Pages by which a person comes in: sign-in, the one-time link, and the choice of how to sign in from then on.

use crate::view::{Chrome, FieldErrors};
use askama::Template;
use serde::Serialize;

/// Sign-in by password and one-time code, by passkey, or by asking for a one-time link (`/sign-in`).
#[derive(Debug, Template, Serialize)]
#[template(path = "identity/sign_in.html")]
pub struct SignInPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The address as typed.
    pub email: String,
    /// What is wrong: field `email`, `password`, `code`, or `form` for the whole.
    pub errors: FieldErrors,
    /// Whether a link was asked for just now. It is said for every address, known or not.
    pub link_sent: bool,
    /// Where to go afterwards: a path of ours, checked by the handler; empty for the overview.
    pub next: String,
}

/// Where a one-time link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It opens.
    Good,
    /// Too late, used, or never made: the three are not told apart.
    Bad,
}

/// Where a one-time link lands (`GET /link/{token}`). Opening it does nothing yet, because mail scanners open links too.
#[derive(Debug, Template, Serialize)]
#[template(path = "identity/link.html")]
pub struct LinkPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Where it stands.
    pub state: LinkState,
    /// The secret of the address, for the form's address. Never part of the JSON twin.
    #[serde(skip)]
    pub token: String,
    /// The person it was sent to; empty when it does not open.
    pub name: String,
    /// The body they work for; empty when it does not open.
    pub tenant: String,
}

impl LinkPage {
    /// Whether it opens.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.state == LinkState::Good
    }
}

/// The choice of how to sign in from now on (`/welcome`): a passkey, or a password with one-time codes.
#[derive(Debug, Template, Serialize)]
#[template(path = "identity/welcome.html")]
pub struct WelcomePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The address they will sign in with.
    pub email: String,
    /// The QR code for the one-time code app as a `data:image/svg+xml` address made by the platform.
    #[serde(skip)]
    pub qr_data_uri: String,
    /// The same secret in Base32, for who cannot scan.
    #[serde(skip)]
    pub totp_secret: String,
    /// What is wrong: field `password`, `repeat`, `code`, or `form` for the whole.
    pub errors: FieldErrors,
}
