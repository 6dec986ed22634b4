//! What an agent is told when it is not a yes.

use crate::error::Error;
use crate::house::House;
use crate::rights::tenant_of;
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, Timestamp};
use baluardo_store::StoreError;
use baluardo_wire::problem::Problem;

/// A refusal with a stable code that the agent may act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {title} ({detail})")]
pub struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// One sentence: what is wrong.
    pub title: &'static str,
    /// What to do about it, with the figures of this case.
    pub detail: String,
    /// HTTP status that says the same.
    pub status: u16,
}

impl Refusal {
    const fn new(code: &'static str, status: u16, title: &'static str, detail: String) -> Self {
        Self { code, title, detail, status }
    }

    /// The agent speaks another version of the protocol.
    #[must_use]
    pub fn version(theirs: u32) -> Self {
        let ours = baluardo_wire::PROTOCOL;
        let detail =
            format!("the agent speaks version {theirs}, this server version {ours}: update the older of the two");
        Self::new("wire.version", 400, "the protocol version does not fit", detail)
    }

    /// A body that is no message: the face says why.
    #[must_use]
    pub fn unreadable(why: impl std::fmt::Display) -> Self {
        Self::new("wire.unreadable", 400, "the message cannot be read", why.to_string())
    }

    /// A body beyond [`baluardo_wire::MAX_BODY_BYTES`].
    #[must_use]
    pub fn too_large() -> Self {
        let detail = format!("send at most {} bytes", baluardo_wire::MAX_BODY_BYTES);
        Self::new("wire.too_large", 413, "the message is too large", detail)
    }

    /// A connection that did not come to a request: the door says why.
    #[must_use]
    pub fn handshake(why: impl std::fmt::Display) -> Self {
        Self::new("door.handshake", 400, "the connection was not made", why.to_string())
    }

    /// A connection that broke in the middle of a message.
    #[must_use]
    pub fn broken(why: impl std::fmt::Display) -> Self {
        Self::new("door.broken", 400, "the connection broke in the middle of a message", why.to_string())
    }

    /// A network that holds more connections than one may.
    #[must_use]
    pub fn crowd(network: &str) -> Self {
        let detail = format!("{network} holds all the connections that one network may");
        Self::new("door.crowd", 429, "too many connections from one network", detail)
    }

    pub(crate) fn pack_unknown(sha256: &str) -> Self {
        let detail =
            format!("{} is not, or no more, a pack for this device", sha256.chars().take(64).collect::<String>());
        Self::new("pack.unknown", 404, "there is no such pack", detail)
    }

    pub(crate) fn flood(device: DeviceId) -> Self {
        let detail = format!("device {device} calls more often than any agent does: look at that computer");
        Self::new("device.flood", 429, "this device calls too often", detail)
    }

    /// A call that needs a device's certificate came without one, or with another actor.
    #[must_use]
    pub fn no_certificate() -> Self {
        let detail = "enrol this computer with a token from the console".to_owned();
        Self::new("device.no_certificate", 401, "only an enrolled device may call this", detail)
    }

    pub(crate) fn certificate_bad(why: &str) -> Self {
        let detail = format!("{why}: enrol this computer again with a new token from the console");
        Self::new("device.certificate_bad", 403, "the certificate names no device", detail)
    }

    pub(crate) fn device_unknown() -> Self {
        let detail = "enrol this computer again with a new token from the console".to_owned();
        Self::new("device.unknown", 403, "this device is not known here", detail)
    }

    pub(crate) fn device_revoked() -> Self {
        let detail = "it was revoked in the console: to use it again, enrol it with a new token".to_owned();
        Self::new("device.revoked", 403, "this device is no longer trusted", detail)
    }

    pub(crate) fn certificate_replaced() -> Self {
        let detail = "a newer one was used already: if this is the right computer, enrol it again".to_owned();
        Self::new("device.certificate_replaced", 403, "this certificate was replaced by a newer one", detail)
    }

    pub(crate) fn certificate_over(until: Timestamp) -> Self {
        let detail = format!("it ended at {}: enrol this computer again with a new token", until.rfc3339());
        Self::new("device.certificate_over", 403, "this certificate has ended", detail)
    }

    pub(crate) fn renew_early(days: u64) -> Self {
        let detail = format!("it can be renewed when a third of its life is left, in {days} days");
        Self::new("renew.early", 409, "this certificate is too young to be renewed", detail)
    }

    pub(crate) fn renew_again() -> Self {
        let detail = "one was given less than a minute ago: wait a minute".to_owned();
        Self::new("renew.again", 429, "this device asks too often for a certificate", detail)
    }

    pub(crate) fn evidence_unknown() -> Self {
        let detail = "tell of it in an exchange first".to_owned();
        Self::new("evidence.unknown", 409, "this device has told of no such package", detail)
    }

    pub(crate) fn evidence_large(size: u64) -> Self {
        let detail = format!("the device told of {size} bytes; {} is the most", baluardo_model::evidence::MAX_PACKAGE);
        Self::new("evidence.too_large", 413, "the package is larger than was told, or than is taken", detail)
    }

    pub(crate) fn token_unknown() -> Self {
        let detail = "copy the whole line again, or make a new token in the console of your comune".to_owned();
        Self::new("enrol.token_unknown", 403, "this enrolment token is not from here", detail)
    }

    pub(crate) fn token_used() -> Self {
        let detail = "each token enrols one computer: make a new one in the console".to_owned();
        Self::new("enrol.token_used", 409, "this enrolment token was used already", detail)
    }

    pub(crate) fn token_withdrawn() -> Self {
        let detail = "somebody withdrew it in the console: make a new one there".to_owned();
        Self::new("enrol.token_withdrawn", 410, "this enrolment token was withdrawn", detail)
    }

    pub(crate) fn token_expired() -> Self {
        let detail = "a token lives for 24 hours: make a new one in the console".to_owned();
        Self::new("enrol.token_expired", 410, "this enrolment token is no longer valid", detail)
    }

    pub(crate) fn csr_bad(why: impl std::fmt::Display) -> Self {
        let detail = format!("{why}; the token, or the certificate that you have, stays good");
        Self::new("enrol.csr_bad", 422, "the certificate request cannot be accepted", detail)
    }

    pub(crate) fn enrol_too_long(field: &str, limit: usize) -> Self {
        let detail = format!("{field} may hold at most {limit} bytes; the token can still be used");
        Self::new("enrol.too_long", 422, "a field of the request is too long", detail)
    }

    pub(crate) fn gap(acked: u64) -> Self {
        let detail = format!("events are kept up to acked_seq={acked}: send from the next one on");
        Self::new("exchange.gap", 409, "events are missing before these", detail)
    }

    pub(crate) fn gone_again() -> Self {
        let detail = "it said so less than a minute ago: wait a minute".to_owned();
        Self::new("exchange.gone_again", 429, "this device says too often that events are gone", detail)
    }

    pub(crate) fn disorder(before: u64, after: u64) -> Self {
        let detail = format!("event {after} follows event {before}: numbers start at 1 and rise by one");
        Self::new("exchange.disorder", 422, "the events are not in order", detail)
    }

    pub(crate) fn too_many(count: usize) -> Self {
        let detail = format!("{count} events came, {} is the most", baluardo_wire::MAX_EVENTS);
        Self::new("exchange.too_many", 413, "too many events in one exchange", detail)
    }

    pub(crate) fn busy() -> Self {
        Self::new("busy", 503, "the server has no hands free", "try again in a few seconds".to_owned())
    }

    /// Whether it is the asker's doing, and so counted.
    pub(crate) const fn is_theirs(&self) -> bool {
        self.status < 500
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.to_owned(),
            title: refusal.title.to_owned(),
            detail: refusal.detail,
            status: refusal.status,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => Self::busy(),
            Error::Forbidden | Error::NotFound => Self::no_certificate(),
            other => {
                tracing::error!(error = %other, "an agent's call failed");
                let detail = "the server's log knows more; try again later".to_owned();
                Self::new("internal", 500, "the server is at fault", detail)
            }
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

/// Counts a refusal that the face itself made, such as a body that is too large; `actor` is who called, if known.
pub fn note_refusal(house: &House, actor: &Actor, refusal: &Refusal) {
    house.fleet.tally.count(tenant_of(actor), refusal, house.now());
}
