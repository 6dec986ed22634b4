//! Renews the device's certificate while a third of its life is left: a fresh key, a request over the door that the old
//! certificate opens, and one file that is replaced whole. The old certificate is good until the new one was used, so a
//! crash at any instant leaves an identity that the server takes.

use super::call::{CallError, Door};
use super::tls::{self, TlsError};
use crate::identity::key::{self, KeyError};
use crate::identity::saved::Identity;
use crate::identity::state_dir::{StateDir, StateError};
use baluardo_model::{Clock, Timestamp};
use baluardo_wire::PROTOCOL;
use baluardo_wire::renew::{PATH, RenewRequest, Renewed};
use std::sync::Arc;
use std::time::Duration;

/// After a renewal that failed the next is tried so much later.
const AGAIN: Duration = Duration::from_secs(3600);

/// Why a certificate could not be renewed; the old one stays.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What the server gave makes no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server could not be asked, or said no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server's answer makes no identity.
    #[error("the server's answer cannot be used: {0}")]
    Answer(String),
}

/// The device's side of renewal.
pub(super) struct Renewal {
    identity: Identity,
    state: StateDir,
    door: Arc<Door>,
    clock: Arc<dyn Clock>,
    tried_at: Option<Timestamp>,
}

impl Renewal {
    pub(super) fn new(identity: Identity, state: StateDir, door: Arc<Door>, clock: Arc<dyn Clock>) -> Self {
        Self { identity, state, door, clock, tried_at: None }
    }

    /// Renews if it is time to: the identity with its new certificate, which the door shows from now on; `None` while
    /// there is nothing to do.
    ///
    /// # Errors
    /// See [`RenewError`]; it is tried again in an hour.
    pub(super) async fn turn(&mut self) -> Result<Option<Identity>, RenewError> {
        let now = self.clock.now();
        // A clock that went back must not put the next try off.
        let waits = self.tried_at.is_some_and(|at| at <= now && now.since(at) < AGAIN);
        if now < self.identity.renew_from() || waits {
            return Ok(None);
        }
        self.tried_at = Some(now);
        let renewed = self.renew(now).await?;
        self.door.show(tls::mutual(&renewed, Arc::clone(&self.clock))?);
        self.identity = renewed.clone();
        self.tried_at = None;
        Ok(Some(renewed))
    }

    async fn renew(&self, now: Timestamp) -> Result<Identity, RenewError> {
        let key = key::load_or_make_next(&self.state, &self.identity.key)?;
        let request = RenewRequest { protocol: PROTOCOL, csr: key::request(&key)? };
        let body = serde_json::to_vec(&request).map_err(|e| RenewError::Answer(e.to_string()))?;
        let mut line = self.door.connect().await?;
        let answer: Renewed = self.door.post(&mut line, PATH, body).await?;
        let renewed = |old: &Identity| Identity {
            key: key.serialize_pem(),
            certificate_chain: answer.certificate_chain.clone(),
            certified_at: Some(now),
            expires_at: answer.expires_at,
            ..old.clone()
        };
        let mine = renewed(&self.identity);
        if mine.expires_at <= self.identity.expires_at {
            return Err(RenewError::Answer("the new certificate ends no later than the old one".to_owned()));
        }
        // This also refuses a certificate for another key than ours.
        tls::mutual(&mine, Arc::clone(&self.clock))?;
        // What is on disk may name another server than the settings do; that is left alone.
        let kept = Identity::load(&self.state)?;
        kept.as_ref().map_or_else(|| mine.clone(), renewed).save_renewed(&self.state)?;
        key::forget_spent(&self.state);
        Ok(mine)
    }
}
