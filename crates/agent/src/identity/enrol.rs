//! Enrolment: from the line that a person copied to an identity on disk.

use super::key::{self, KeyError};
use super::machine;
use super::saved::Identity;
use super::state_dir::{StateDir, StateError};
use crate::integrity::{Places, note_installed};
use crate::link::call::{CallError, Door};
use crate::link::contact::Contact;
use crate::link::tls::{self, TlsError};
use crate::spool::disk::RealDisk;
use crate::spool::{Spool, SpoolError, SpoolSettings};
use baluardo_model::fleet::Coverage;
use baluardo_model::{Chance, Clock};
use baluardo_wire::PROTOCOL;
use baluardo_wire::enrol::{EnrolRequest, Enrolled, PATH};
use baluardo_wire::token::{EnrolToken, TokenError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use std::sync::Arc;

/// Why a computer could not be enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It is enrolled already.
    #[error(
        "this computer is already enrolled with {server} as device {device}: nothing was changed and the token was not \
         used; it can be enrolled anew once its certificate has ended, or the server has refused it (revoke the device \
         in the console, and let the agent run until it says so)"
    )]
    Already {
        /// With which server.
        server: String,
        /// As which device.
        device: String,
    },
    /// Not a token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The spool failed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// TLS failed.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server could not be asked, or said no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server's answer makes no identity.
    #[error("the server's answer cannot be used: {0}; tell the operator, and ask for a new token")]
    Answer(String),
}

/// Enrols this computer with the token in `token_line` and keeps what the server gave. `server` (`host:port`) replaces the
/// address in the token.
///
/// A computer whose certificate has ended, or that its server refuses, is enrolled anew as another device: what waits for
/// the server, the vault and the quarantine stay where they are.
///
/// # Errors
/// See [`EnrolError`]. After any of them the computer is not enrolled, unless it was before.
pub async fn enrol(
    token_line: &str,
    state: &StateDir,
    server: Option<&str>,
    clock: Arc<dyn Clock>,
    chance: &dyn Chance,
) -> Result<Identity, EnrolError> {
    let token = EnrolToken::from_line(token_line)?;
    let _lock = state.lock()?;
    let before = Identity::load(state)?;
    if let Some(identity) = &before {
        let refused = Contact::load(state).is_some_and(|contact| contact.barred);
        if !identity.has_ended(clock.now()) && !refused {
            let (server, device) = (identity.server.clone(), identity.device.to_string());
            return Err(EnrolError::Already { server, device });
        }
        key::forget_used(state, &identity.key);
    }
    let key = key::load_or_make(state)?;
    let address = server.unwrap_or(&token.server).to_owned();
    let door = Door::new(&address, tls::pinned(&token.root_sha256, Arc::clone(&clock))?)?;
    let request = EnrolRequest {
        protocol: PROTOCOL,
        secret: token.secret,
        csr: key::request(&key)?,
        hostname: machine::hostname(),
        os: machine::operating_system(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        coverage: Coverage::None,
        coverage_note: "protection has not started yet".to_owned(),
    };
    let body = serde_json::to_vec(&request).map_err(|e| EnrolError::Answer(e.to_string()))?;
    let mut line = door.connect().await?;
    let enrolled: Enrolled = door.post(&mut line, PATH, body).await?;
    let identity = check(&enrolled, address, key.serialize_pem(), &token.root_sha256, Arc::clone(&clock))?;
    let noted_by = Arc::clone(&clock);
    if before.is_some() {
        start_numbers_anew(state, clock, chance)?;
    }
    identity.save(&enrolled.policy, state)?;
    note_installed(state, &Places::here(), &*noted_by, chance)?;
    Ok(identity)
}

/// The server knows nothing of a device that is new to it: what waits gets the numbers from 1 on. This comes before the
/// identity, so that a crash in between is made good by enrolling once more.
fn start_numbers_anew(state: &StateDir, clock: Arc<dyn Clock>, chance: &dyn Chance) -> Result<(), EnrolError> {
    let settings = SpoolSettings::in_folder(state.file("spool"));
    Ok(Spool::open(settings, Arc::new(RealDisk), clock, chance)?.go_on_after(0)?)
}

/// The identity in the server's answer, once it is sure that it can be used: a computer that believed to be enrolled and
/// could not speak would protect nobody.
fn check(
    enrolled: &Enrolled,
    server: String,
    key: String,
    root_sha256: &str,
    clock: Arc<dyn Clock>,
) -> Result<Identity, EnrolError> {
    if !tls::is_pinned(&enrolled.root, root_sha256)? {
        return Err(EnrolError::Answer("its root certificate is not the one that the token names".to_owned()));
    }
    if BASE64.decode(&enrolled.order_key).map_or(0, |bytes| bytes.len()) != 32 {
        return Err(EnrolError::Answer("its key for orders is no Ed25519 public key".to_owned()));
    }
    let identity = Identity {
        server,
        tenant: enrolled.tenant,
        device: enrolled.device,
        key,
        certificate_chain: enrolled.certificate_chain.clone(),
        root: enrolled.root.clone(),
        order_key: enrolled.order_key.clone(),
        certified_at: Some(clock.now()),
        expires_at: enrolled.expires_at,
    };
    // This also refuses a certificate for another key than ours.
    tls::mutual(&identity, clock)?;
    Ok(identity)
}
