//! Passwords and tokens of mailboxes, at rest and in hand.

use crate::error::Error;
use crate::house::House;
use baluardo_model::mailbox::MailboxAuth;
use baluardo_model::{MailboxId, TenantId};
use serde::{Deserialize, Serialize};

/// How one signs in, with its secrets. It tells none of them when it is printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// With a password.
    Password(String),
    /// With a token that is renewed.
    Oauth2 {
        /// Where.
        token_url: String,
        /// The client's name there.
        client: String,
        /// Its secret; empty for a client without.
        client_secret: String,
        /// What renews.
        refresh_token: String,
    },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Credential::Password",
            Self::Oauth2 { .. } => "Credential::Oauth2",
        })
    }
}

/// What is sealed.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) password: String,
    pub(super) client_secret: String,
    pub(super) refresh_token: String,
}

impl Secret {
    pub(super) fn seal(&self, house: &House, tenant: TenantId, id: MailboxId) -> Result<String, Error> {
        let text = serde_json::to_vec(self).map_err(|_| Error::internal("a secret cannot be written"))?;
        house.seal.seal(&purpose(tenant, id), &text, house.chance.as_ref())
    }

    pub(super) fn open(house: &House, tenant: TenantId, id: MailboxId, sealed: &str) -> Result<Self, Error> {
        let text = house.seal.open(&purpose(tenant, id), sealed)?;
        serde_json::from_slice(&text).map_err(|_| Error::internal(format!("the secret of mailbox {id} is damaged")))
    }

    /// The credential that it makes with what is no secret.
    pub(super) fn credential(self, auth: MailboxAuth, token_url: &str, client: &str) -> Credential {
        match auth {
            MailboxAuth::Password => Credential::Password(self.password),
            MailboxAuth::Oauth2 => Credential::Oauth2 {
                token_url: token_url.to_owned(),
                client: client.to_owned(),
                client_secret: self.client_secret,
                refresh_token: self.refresh_token,
            },
        }
    }
}

fn purpose(tenant: TenantId, id: MailboxId) -> String {
    format!("mailbox {tenant} {id}")
}
