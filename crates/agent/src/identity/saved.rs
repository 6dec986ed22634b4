//! What enrolment left on disk: the identity, and the policy beside it.

use super::policy::save_bare;
use super::state_dir::{StateDir, StateError};
use baluardo_model::fleet::Policy;
use baluardo_model::{DeviceId, TenantId, Timestamp};
use baluardo_wire::renew::WHEN_LEFT;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The file whose presence means: enrolled.
pub(crate) const IDENTITY: &str = "identity.json";

/// How long a certificate is taken to live where it is not known when it began.
const LIFE: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long before its end a certificate is spoken of.
const WARN_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who this computer is to which server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Host and port of the server's door for agents.
    pub server: String,
    /// The tenant that the device belongs to.
    pub tenant: TenantId,
    /// The device's id.
    pub device: DeviceId,
    /// PEM of the device's key (PKCS#8). Secret.
    pub key: String,
    /// PEM: the device's certificate, then the tenant's intermediate.
    pub certificate_chain: String,
    /// PEM: the root that the server's certificate must hang from.
    pub root: String,
    /// Ed25519 public key of orders, base64 without padding.
    pub order_key: String,
    /// When this computer got the certificate; none where an earlier version did not note it.
    #[serde(default)]
    pub certified_at: Option<Timestamp>,
    /// When the certificate ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("server", &self.server).field("device", &self.device).finish_non_exhaustive()
    }
}

impl Identity {
    /// The identity on disk; `None` before enrolment.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn load(state: &StateDir) -> Result<Option<Self>, StateError> {
        state.read_json(IDENTITY)
    }

    /// Keeps identity and policy. The policy goes first and the identity is one file, so a crash leaves a computer that is
    /// either not enrolled or enrolled with everything.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn save(&self, policy: &Policy, state: &StateDir) -> Result<(), StateError> {
        save_bare(policy, state)?;
        state.write_json(IDENTITY, self)
    }

    /// Keeps the identity with a renewed certificate: one file, so that a crash leaves the old one or the new one, and both
    /// are good.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn save_renewed(&self, state: &StateDir) -> Result<(), StateError> {
        state.write_json(IDENTITY, self)
    }

    /// Whether both are the same device of the same tenant, and trust the same server: a renewal changes key and certificate only.
    #[must_use]
    pub fn is_same_device(&self, other: &Self) -> bool {
        (self.tenant, self.device) == (other.tenant, other.device)
            && self.root == other.root
            && self.order_key == other.order_key
    }

    /// From when on the certificate is to be renewed: when a third of its life is left.
    #[must_use]
    pub fn renew_from(&self) -> Timestamp {
        let life = self.certified_at.map_or(LIFE, |from| self.expires_at.since(from));
        self.expires_at.minus(life / WHEN_LEFT)
    }

    /// Whether the certificate has ended at `now`.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// What people must know of the certificate's end at `now`: nothing while it is more than 30 days away, because it is
    /// renewed long before.
    #[must_use]
    pub fn certificate_warning(&self, now: Timestamp) -> Option<String> {
        let ends = self.expires_at.rfc3339();
        if self.has_ended(now) {
            return Some(format!(
                "this computer's certificate ended on {ends}, because the agent did not reach the server in time to renew \
                 it: the server no longer accepts it. In the console choose Devices, Add a computer; stop the agent, run \
                 here the command that is shown (baluardo-agent enrol TOKEN) and start it again. What was found and not \
                 yet sent, the vault, the quarantine and the policy are kept, and this computer stays protected meanwhile"
            ));
        }
        let left = self.expires_at.since(now);
        (left <= WARN_BEFORE).then(|| {
            format!(
                "this computer's certificate ends in {} days ({ends}) and could not be renewed so far: check the connection \
                 to the server",
                left.as_secs() / 86_400
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::policy::Held;

    fn identity() -> Identity {
        Identity {
            server: "localhost:8444".to_owned(),
            tenant: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            device: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
            key: "SECRET".to_owned(),
            certificate_chain: String::new(),
            root: String::new(),
            order_key: String::new(),
            certified_at: None,
            expires_at: Timestamp::from_micros(100 * 86_400 * 1_000_000),
        }
    }

    #[test]
    fn what_was_saved_is_loaded_and_the_key_is_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        assert_eq!(Identity::load(&state).unwrap(), None);
        let policy = Policy { version: 7, ..Policy::starting() };
        identity().save(&policy, &state).unwrap();
        assert_eq!(Identity::load(&state).unwrap(), Some(identity()));
        assert_eq!(Held::load(&state).unwrap().unwrap().proven(&identity()).unwrap(), policy);
        assert!(!format!("{:?}", identity()).contains("SECRET"));
    }

    #[test]
    fn a_crash_before_the_last_file_leaves_the_computer_not_enrolled() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        save_bare(&Policy::starting(), &state).unwrap();
        std::fs::write(state.file("identity.json.new"), "{\"server\":").unwrap();
        assert_eq!(Identity::load(&state).unwrap(), None);
        identity().save(&Policy::starting(), &state).unwrap();
        assert!(Identity::load(&state).unwrap().is_some());
    }

    #[test]
    fn the_certificates_end_is_told_thirty_days_before() {
        let day = |n: i64| Timestamp::from_micros(n * 86_400 * 1_000_000);
        assert_eq!(identity().certificate_warning(day(69)), None);
        assert!(identity().certificate_warning(day(70)).unwrap().contains("30 days"));
        let ended = identity().certificate_warning(day(100)).unwrap();
        for part in ["ended on", "baluardo-agent enrol TOKEN", "vault", "quarantine", "are kept"] {
            assert!(ended.contains(part), "{part}: {ended}");
        }
    }

    #[test]
    fn a_certificate_is_due_when_a_third_of_its_life_is_left() {
        let day = |n: i64| Timestamp::from_micros(n * 86_400 * 1_000_000);
        let known = Identity { certified_at: Some(day(10)), ..identity() };
        assert_eq!(known.renew_from(), day(70));
        let unknown = Identity { expires_at: day(365), ..identity() };
        assert_eq!(unknown.renew_from().since(day(0)).as_secs() / 86_400, 243);
    }
}
