//! Whether the policy on the disk may be followed: under the server's signature, or as enrolment left it.

use super::Wrong;
use super::places::sha256_of;
use super::record::Installed;
use crate::identity::policy::{FILE, Held};
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use baluardo_model::fleet::Policy;
use baluardo_model::protection::Severity;

/// The policy, if it may be followed. `record` is what was installed.
pub(super) fn proven(state: &StateDir, identity: &Identity, record: &Installed) -> Result<Policy, Wrong> {
    let wrong = |rule, detail: String| Wrong::new(rule, Severity::Critical, state.file(FILE), detail);
    let held = match Held::load(state) {
        Ok(Some(held)) => held,
        Ok(None) => return Err(wrong("policy_removed", "the policy was removed".to_owned())),
        Err(error) => return Err(wrong("policy_forged", error.to_string())),
    };
    if matches!(held, Held::Bare(_)) && record.policy != sha256_of(&state.file(FILE)) {
        return Err(wrong("policy_forged", "it carries no signature of the server's".to_owned()));
    }
    held.proven(identity).map_err(|error| wrong("policy_forged", error.to_string()))
}

/// What is followed where the policy may not be: everybody's first one, with a number by which the server sees that it has to send its own.
pub(super) fn instead() -> Policy {
    Policy { version: 0, ..Policy::starting() }
}
