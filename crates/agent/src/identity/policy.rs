//! The policy that is followed, as it lies on disk: under the server's signature as soon as an order brought one, and bare as enrolment
//! left it before. Which of the two may be believed is said where the agent starts.

use super::saved::Identity;
use super::state_dir::{StateDir, StateError};
use baluardo_model::Timestamp;
use baluardo_model::fleet::{OrderKind, Policy};
use baluardo_wire::order::{OrderError, SignedOrder};
use serde::{Deserialize, Serialize};

/// The policy that is followed.
pub const FILE: &str = "policy.json";

/// When the order was given that brought the policy.
const ORDER: &str = "policy-order.json";

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Held {
    /// The order that brought it, as the server signed it.
    Signed {
        /// The order.
        signed: SignedOrder,
    },
    /// The policy alone, as enrolment left it.
    Bare(Box<Policy>),
}

impl Held {
    /// What the file holds; none where there is none.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn load(state: &StateDir) -> Result<Option<Self>, StateError> {
        state.read_json(FILE)
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn save(&self, state: &StateDir) -> Result<(), StateError> {
        state.write_json(FILE, self)
    }

    /// The policy; of an order only where `identity`'s server signed it for this device.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn proven(&self, identity: &Identity) -> Result<Policy, OrderError> {
        match self {
            Self::Bare(policy) => Ok((**policy).clone()),
            Self::Signed { signed } => match signed.proven(&identity.order_key, identity.device)?.order {
                OrderKind::ApplyPolicy { policy } => Ok(*policy),
                other => Err(OrderError::Unreadable(format!("it is an order to {}", other.code()))),
            },
        }
    }
}

/// Keeps a policy that no order brought.
///
/// # Errors
/// See [`StateError`].
pub fn save_bare(policy: &Policy, state: &StateDir) -> Result<(), StateError> {
    Held::Bare(Box::new(policy.clone())).save(state)
}

/// When the order was given that brought the policy that is followed; none where that is not known.
#[must_use]
pub fn given_at(state: &StateDir) -> Option<Timestamp> {
    state.read_json(ORDER).ok().flatten()
}

/// Keeps when the order was given that brought the policy.
///
/// # Errors
/// See [`StateError`].
pub fn save_given(given: Timestamp, state: &StateDir) -> Result<(), StateError> {
    state.write_json(ORDER, &given)
}
