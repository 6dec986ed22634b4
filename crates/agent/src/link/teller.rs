//! Says how the link stands: in the log when that changes, and in the file that `status` reads.

use super::call::{CallError, Door};
use super::contact::Contact;
use super::drive::is_revoked;
use super::exchange::{ExchangeError, Next};
use super::renew::RenewError;
use crate::duty::Duty;
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::spool::Spool;
use baluardo_model::{Clock, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How often the coming end of the certificate is spoken of.
const WARN_EVERY: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Teller {
    identity: Identity,
    state: StateDir,
    door: Arc<Door>,
    spool: Arc<Spool>,
    duty: Arc<dyn Duty>,
    clock: Arc<dyn Clock>,
    last_contact: Option<Timestamp>,
    /// What was last said to be wrong, so that an outage of hours is one line in the log.
    trouble: Option<String>,
    /// Why the certificate could not be renewed.
    not_renewed: Option<String>,
    warned_at: Option<Timestamp>,
}

impl Teller {
    pub(super) fn new(
        identity: Identity,
        state: StateDir,
        door: Arc<Door>,
        spool: Arc<Spool>,
        duty: Arc<dyn Duty>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let before = Contact::load(&state);
        if let Some(address) = before.as_ref().and_then(|contact| contact.server_at) {
            door.was_reached_at(address);
        }
        let last_contact = before.and_then(|contact| contact.last_contact);
        let (trouble, not_renewed, warned_at) = (None, None, None);
        Self { identity, state, door, spool, duty, clock, last_contact, trouble, not_renewed, warned_at }
    }

    /// Tells how an exchange ended.
    pub(super) fn tell(&mut self, result: &Result<Next, ExchangeError>) {
        let now = self.clock.now();
        self.warn_of_certificate(now);
        match result {
            Ok(_) => {
                if self.trouble.take().is_some() || self.last_contact.is_none() {
                    tracing::info!("in contact with {}", self.identity.server);
                }
                self.last_contact = Some(now);
            }
            Err(error) => {
                let ended = self.identity.certificate_warning(now).filter(|_| self.identity.has_ended(now));
                match (error, ended) {
                    // Nothing else than the end of the certificate is worth a word then.
                    (ExchangeError::Call(CallError::Secure { .. } | CallError::Broken { .. }), Some(ended)) => {
                        self.tell_trouble(ended);
                    }
                    _ => self.tell_trouble(words(error)),
                }
            }
        }
        let (coverage, coverage_note) = self.duty.coverage();
        let contact = Contact {
            at: now,
            last_contact: self.last_contact,
            trouble: self.trouble.clone().or_else(|| self.not_renewed.clone()).unwrap_or_default(),
            barred: matches!(result, Err(ExchangeError::Call(call)) if is_revoked(call)),
            server_at: self.door.reached(),
            backlog: self.spool.standing().backlog(),
            coverage,
            coverage_note,
            policy_version: self.duty.policy_version(),
        };
        contact.save(&self.state);
    }

    /// Tells how a renewal ended.
    pub(super) fn tell_renewal(&mut self, renewed: Result<Option<Identity>, RenewError>) {
        match renewed {
            Ok(None) => {}
            Ok(Some(identity)) => {
                tracing::info!(
                    "this computer's certificate was renewed and lasts until {}",
                    identity.expires_at.rfc3339()
                );
                self.identity = identity;
                self.not_renewed = None;
            }
            Err(error) => {
                let ends = self.identity.expires_at.rfc3339();
                let words = format!(
                    "this computer's certificate, which ends on {ends}, could not be renewed: {error}; the agent tries \
                     again every hour"
                );
                tracing::warn!("{words}");
                self.not_renewed = Some(words);
            }
        }
    }

    fn tell_trouble(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::warn!("{trouble} (this computer stays protected, what is found waits on its disk)");
            self.trouble = Some(trouble);
        }
    }

    fn warn_of_certificate(&mut self, now: Timestamp) {
        // A clock that went back must not silence the warning.
        let due = self.warned_at.is_none_or(|at| now < at || now.since(at) >= WARN_EVERY);
        if due && let Some(warning) = self.identity.certificate_warning(now) {
            tracing::warn!("{warning}");
            self.warned_at = Some(now);
        }
    }
}

/// What went wrong, with what a person can do about it.
fn words(error: &ExchangeError) -> String {
    match error {
        ExchangeError::Call(call) if is_revoked(call) => {
            format!("{call} This device is no longer accepted; the agent asks again every hour.")
        }
        other => other.to_string(),
    }
}
