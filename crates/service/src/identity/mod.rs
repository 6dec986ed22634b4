//! People: sign-in, sessions, invitations, tokens, and the switch of management.
//!
//! A person proves who they are with a passkey, or with a password and a time-based code. Both are set through a
//! one-time link that comes by mail: looking at a link does not use it up, because mail scanners look at every link;
//! it is used up in the transaction that keeps the credential and opens the first session.

mod add_passkey;
mod address;
mod authenticate_token;
mod change_password;
mod complete_setup_password;
mod create_token;
mod credential_change;
mod disable_person;
mod found_consortium;
mod invite_person;
mod letters;
mod link;
mod list_credentials;
mod list_people;
mod list_tenants;
mod list_tokens;
mod open_link;
mod passkey;
mod password;
mod prove_passkey;
mod prove_password;
mod request_link;
mod rtd_of;
mod session;
mod set_patron;
mod setup_passkey;
mod sign_in_passkey;
mod sign_in_password;
mod sign_out;
mod sweep;
mod switch_management;
mod throttle;
mod totp;

pub use add_passkey::{finish_passkey_addition, remove_passkey, rename_passkey, start_passkey_addition};
pub(crate) use address::{check_email, check_line, check_text};
pub use authenticate_token::authenticate_token;
pub use change_password::{add_password, change_password, change_totp, remove_password};
pub use complete_setup_password::complete_setup_password;
pub use create_token::{CreatedToken, NewToken, create_token, scopes_of};
pub use disable_person::{disable_person, enable_person};
pub use found_consortium::found_consortium;
pub use invite_person::{Invitation, invite_person, resend_link, roles_of};
pub(crate) use letters::day_and_time;
pub use link::{LINK_PATH, SigninLink};
pub(crate) use link::{MAILED, MAILED_DAYS, make_link};
pub use list_credentials::{MyCredentials, PasskeyView, PasswordView, list_credentials};
pub use list_people::{PersonState, PersonView, list_people};
pub(crate) use list_tenants::not_founded;
pub use list_tenants::{first_consortium, get_tenant, list_tenants};
pub use list_tokens::{TokenView, list_tokens, revoke_token};
pub use open_link::{LinkLanding, open_link};
pub use passkey::PasskeyStart;
pub(crate) use passkey::relying_party;
pub use prove_passkey::{finish_passkey_proof, start_passkey_proof};
pub use prove_password::prove_password;
pub use request_link::request_link;
pub use rtd_of::rtd_of;
pub use session::{NewSession, SignedIn, authenticate_session};
pub(crate) use set_patron::patron_of;
pub use set_patron::{patron, set_patron};
pub use setup_passkey::{finish_passkey_setup, start_passkey_setup};
pub use sign_in_passkey::{finish_passkey_sign_in, start_passkey_sign_in};
pub use sign_in_password::sign_in_password;
pub use sign_out::{sign_out, sign_out_everywhere};
pub use sweep::{Swept, sweep};
pub use switch_management::switch_management;

pub use throttle::ClientHint;
pub(crate) use throttle::{FORMS_OF_NETWORK, REFUSED_LINKS_OF_NETWORK, charge_network};
pub use totp::TotpSetup;
