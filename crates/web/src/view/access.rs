//! The page on which a person changes how they sign in.

use crate::view::{Chrome, FieldErrors};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A passkey in the list.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyRow {
    /// Its id.
    pub id: String,
    /// What its owner calls it; empty when they never said.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last worked.
    pub used_at: Option<Timestamp>,
}

/// The password with its second factor.
#[derive(Clone, Debug, Serialize)]
pub struct PasswordRow {
    /// Since when it is this one.
    pub set_at: Timestamp,
    /// Since when the second factor is this one.
    pub totp_set_at: Timestamp,
    /// When the two last worked.
    pub used_at: Option<Timestamp>,
}

/// A new second factor, as an app takes it.
#[derive(Clone, Debug)]
pub struct NewTotp {
    /// The QR code as a `data:image/svg+xml` address made by the platform.
    pub qr_data_uri: String,
    /// The same secret in Base32, for who cannot scan.
    pub secret: String,
}

/// How the reader signs in (`/access`).
#[derive(Debug, Template, Serialize)]
#[template(path = "identity/access.html")]
pub struct AccessPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The address they sign in with.
    pub email: String,
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<PasskeyRow>,
    /// Their password; none for who has passkeys only.
    pub password: Option<PasswordRow>,
    /// A new second factor; only for who confirmed who they are just now, and may change things.
    #[serde(skip)]
    pub new_totp: Option<NewTotp>,
    /// Whether one way to sign in may be removed, because another remains.
    pub several: bool,
    /// Whether passkeys can be used at the address of this console.
    pub passkeys_possible: bool,
    /// What is wrong: fields `password`, `code`, `present`, `repeat`, or `form` for the whole.
    pub errors: FieldErrors,
}
