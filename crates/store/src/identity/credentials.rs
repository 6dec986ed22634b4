//! What people prove themselves with: password, TOTP secret, passkeys.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::{PersonId, Timestamp};

crate::statements! {
    PUT = "INSERT INTO credential (tenant, person, credential, kind, secret, last_step, created_at, used_at, name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)
        ON CONFLICT (tenant, person, credential) DO UPDATE SET secret = excluded.secret,
        last_step = excluded.last_step, created_at = excluded.created_at, used_at = NULL, name = excluded.name";
    OF = "SELECT credential, kind, secret, last_step, created_at, used_at, name FROM credential
        WHERE tenant = $1 AND person = $2 ORDER BY created_at, credential";
    STEP = "UPDATE credential SET last_step = $3, used_at = $4
        WHERE tenant = $1 AND person = $2 AND credential = 'totp' AND (last_step IS NULL OR last_step < $3)";
    USED = "UPDATE credential SET secret = $4, used_at = $5 WHERE tenant = $1 AND person = $2 AND credential = $3";
    RENAME = "UPDATE credential SET name = $4 WHERE tenant = $1 AND person = $2 AND credential = $3";
    REMOVE = "DELETE FROM credential WHERE tenant = $1 AND person = $2 AND credential = $3";
    PASSKEY_TAKEN = "SELECT COUNT(*) FROM credential WHERE kind = 'passkey' AND credential = $1";
}

/// What kind of proof a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A hashed password; good only together with TOTP.
    Password,
    /// A shared secret for time-based codes.
    Totp,
    /// A public key of WebAuthn.
    Passkey,
}

impl CredentialKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Password, Self::Totp, Self::Passkey].into_iter().find(|kind| kind.code() == code)
    }
}

/// A credential of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `password`, `totp`, or the id of the passkey: a person has one password and one TOTP secret, and many passkeys.
    pub id: String,
    /// What it is.
    pub kind: CredentialKind,
    /// Sealed text for password and TOTP; JSON of the public key for a passkey.
    pub secret: String,
    /// The last TOTP step that was accepted, so that no code works twice.
    pub last_step: Option<i64>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last worked.
    pub used_at: Option<Timestamp>,
    /// What its owner calls it; empty for one that has no name.
    pub name: String,
}

fn credential(row: &Row) -> Result<Credential, StoreError> {
    Ok(Credential {
        id: row.text(0)?,
        kind: row.coded(1, CredentialKind::from_code, "credential", "kind")?,
        secret: row.text(2)?,
        last_step: row.int_or_null(3)?,
        created_at: row.time(4)?,
        used_at: row.time_or_null(5)?,
        name: row.text(6)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a credential, in the place of the one with the same id.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the passkey belongs to somebody else already.
    pub async fn put_credential(&mut self, person: PersonId, new: &Credential) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            person,
            new.id.as_str(),
            new.kind.code(),
            new.secret.as_str(),
            new.last_step,
            new.created_at,
            new.name.as_str(),
        ];
        self.tx.execute(PUT, values).await.map(drop)
    }

    /// Every credential of a person, the oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn credentials(&mut self, person: PersonId) -> Result<Vec<Credential>, StoreError> {
        self.tx.all(OF, args![self.tenant, person]).await?.iter().map(credential).collect()
    }

    /// The same, and holds the turn of this person's credentials, so that of two who each remove one of the last two, one
    /// is told that the other is gone.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_credentials(&mut self, person: PersonId) -> Result<Vec<Credential>, StoreError> {
        self.tx.hold_turn(&format!("credentials {person}")).await?;
        self.credentials(person).await
    }

    /// Calls a credential by another name; `false` when there is none with this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rename_credential(&mut self, person: PersonId, id: &str, name: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(RENAME, args![self.tenant, person, id, name]).await? == 1)
    }

    /// Removes a credential; `false` when there is none with this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_credential(&mut self, person: PersonId, id: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(REMOVE, args![self.tenant, person, id]).await? == 1)
    }

    /// Takes a TOTP step for this sign-in; `false` when it, or a later one, was taken before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_totp_step(&mut self, person: PersonId, step: i64, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(STEP, args![self.tenant, person, step, now]).await? == 1)
    }

    /// Notes that a credential worked, and what it looks like afterwards (a passkey counts its uses).
    ///
    /// # Errors
    /// What the database says.
    pub async fn credential_used(
        &mut self,
        person: PersonId,
        id: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(USED, args![self.tenant, person, id, secret, now]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// Whether a passkey is registered already, by anybody.
    ///
    /// # Errors
    /// What the database says.
    pub async fn passkey_taken(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.tx.number(PASSKEY_TAKEN, args![id]).await? > 0)
    }
}
