//! What reaches a mail server on behalf of a use case: the server's own code, because the network is its business.

use super::settings::Connection;
use crate::house::House;
use baluardo_model::mailbox::{MailboxRemark, MailboxTrouble};
use baluardo_model::{MailboxId, TenantId};
use std::pin::Pin;

/// What is wrong with a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {said}", trouble.code())]
pub struct Trouble {
    /// In one of our words.
    pub trouble: MailboxTrouble,
    /// In the words of the server or the system; never a secret.
    pub said: String,
}

impl Trouble {
    /// With the words of the server.
    #[must_use]
    pub fn new(trouble: MailboxTrouble, said: impl std::fmt::Display) -> Self {
        Self { trouble, said: said.to_string() }
    }

    /// The same without a secret that a server said back.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() && self.said.contains(secret) {
            self.said = self.said.replace(secret, "…");
        }
        self
    }
}

/// A mailbox that answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What its server cannot do.
    pub remarks: Vec<MailboxRemark>,
}

/// The answer to a try, some time.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Result<Checked, Trouble>> + Send + 'a>>;

/// Reaches mail servers.
pub trait MailboxDoor: Send + Sync {
    /// Connects, signs in and looks at the folders; changes nothing there. What the provider of tokens hands out in place of the
    /// one that renews is kept in the house.
    fn check<'a>(&'a self, house: &'a House, which: (TenantId, MailboxId), connection: &'a Connection) -> Checking<'a>;
}
