//! Mailboxes of a tenant at its providers, and up to where each was read.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::mailbox::{MailboxAuth, MailboxKind, MailboxRemark, MailboxTls, MailboxTrouble};
use baluardo_model::{MailboxId, TenantId, Timestamp};

crate::statements! {
    ADD = "INSERT INTO mailbox (tenant, mailbox, kind, address, host, port, tls, login, auth, client, token_url, sealed, folder,
        authserv, enabled, added_by, added_at, revision, validity, last_uid, read_at, trouble, said, remarks, checked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, 0, 0, NULL, '', '', '[]', NULL)";
    CHANGE = "UPDATE mailbox SET kind = $3, address = $4, host = $5, port = $6, tls = $7, login = $8, auth = $9, client = $10,
        token_url = $11, sealed = $12, folder = $13, authserv = $14, enabled = $15, revision = revision + 1
        WHERE tenant = $1 AND mailbox = $2";
    FORGET_CURSOR = "UPDATE mailbox SET validity = 0, last_uid = 0, read_at = NULL WHERE tenant = $1 AND mailbox = $2";
    REMOVE = "DELETE FROM mailbox WHERE tenant = $1 AND mailbox = $2";
    GET = "SELECT mailbox, kind, address, host, port, tls, login, auth, client, token_url, sealed, folder, authserv, enabled,
        added_by, added_at, validity, last_uid, read_at, trouble, said, remarks, checked_at FROM mailbox
        WHERE tenant = $1 AND mailbox = $2";
    ALL = "SELECT mailbox, kind, address, host, port, tls, login, auth, client, token_url, sealed, folder, authserv, enabled,
        added_by, added_at, validity, last_uid, read_at, trouble, said, remarks, checked_at FROM mailbox
        WHERE tenant = $1 ORDER BY address, mailbox";
    CHECKED = "UPDATE mailbox SET trouble = $3, said = $4, remarks = $5, checked_at = $6 WHERE tenant = $1 AND mailbox = $2";
    READ = "UPDATE mailbox SET validity = $3, last_uid = $4, read_at = $5 WHERE tenant = $1 AND mailbox = $2";
    RENEW = "UPDATE mailbox SET sealed = $3 WHERE tenant = $1 AND mailbox = $2";
    GUARDED = "SELECT tenant, mailbox, revision FROM mailbox WHERE enabled ORDER BY tenant, mailbox";
}

/// A mailbox as a person describes it; the secret is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct MailboxSettings {
    /// What kind.
    pub kind: MailboxKind,
    /// Its address.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailboxTls,
    /// The name by which one signs in.
    pub login: String,
    /// How.
    pub auth: MailboxAuth,
    /// The client's name at the provider of tokens; empty with a password.
    pub client: String,
    /// Where tokens are renewed; empty with a password.
    pub token_url: String,
    /// Password or tokens, sealed.
    pub sealed: String,
    /// The folder for quarantine.
    pub folder: String,
    /// The name under which the provider writes what it found of SPF, DKIM and DMARC; empty to believe nobody.
    pub authserv: String,
    /// Whether it is guarded.
    pub enabled: bool,
}

impl std::fmt::Debug for MailboxSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailboxSettings")
            .field("address", &self.address)
            .field("host", &self.host)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// A mailbox and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxRow {
    /// Which.
    pub id: MailboxId,
    /// As it is described.
    pub settings: MailboxSettings,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
    /// The server's mark for the numbers of messages (UIDVALIDITY); 0 before it was read.
    pub validity: u32,
    /// The number of the last message that was read.
    pub last_uid: u32,
    /// When it was last read.
    pub read_at: Option<Timestamp>,
    /// What is wrong.
    pub trouble: Option<MailboxTrouble>,
    /// What the server said of it.
    pub said: String,
    /// What the server cannot do.
    pub remarks: Vec<MailboxRemark>,
    /// When that was last found out.
    pub checked_at: Option<Timestamp>,
}

/// A mailbox that is to be guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub mailbox: MailboxId,
    /// Grows with each change.
    pub revision: u64,
}

const TABLE: &str = "mailbox";

fn number(row: &Row, at: usize) -> Result<u32, StoreError> {
    Ok(u32::try_from(row.int(at)?).unwrap_or(0))
}

fn mailbox(row: &Row) -> Result<MailboxRow, StoreError> {
    let settings = MailboxSettings {
        kind: row.coded(1, MailboxKind::from_code, TABLE, "kind")?,
        address: row.text(2)?,
        host: row.text(3)?,
        port: u16::try_from(row.int(4)?).unwrap_or(0),
        tls: row.coded(5, MailboxTls::from_code, TABLE, "tls")?,
        login: row.text(6)?,
        auth: row.coded(7, MailboxAuth::from_code, TABLE, "auth")?,
        client: row.text(8)?,
        token_url: row.text(9)?,
        sealed: row.text(10)?,
        folder: row.text(11)?,
        authserv: row.text(12)?,
        enabled: row.flag(13)?,
    };
    Ok(MailboxRow {
        id: row.parsed(0, TABLE, "mailbox")?,
        settings,
        added_by: row.text(14)?,
        added_at: row.time(15)?,
        validity: number(row, 16)?,
        last_uid: number(row, 17)?,
        read_at: row.time_or_null(18)?,
        trouble: MailboxTrouble::from_code(&row.text(19)?),
        said: row.text(20)?,
        remarks: row.json(21, TABLE, "remarks")?,
        checked_at: row.time_or_null(22)?,
    })
}

impl TenantTx<'_> {
    /// Writes a mailbox down.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the tenant has this one already.
    pub async fn add_mailbox(
        &mut self,
        id: MailboxId,
        new: &MailboxSettings,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut values = self.described(id, new);
        values.extend(args![by, now]);
        self.tx.execute(ADD, values).await.map(drop)
    }

    /// Changes one; false when there is none.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the tenant has another with the same server and name.
    pub async fn change_mailbox(&mut self, id: MailboxId, new: &MailboxSettings) -> Result<bool, StoreError> {
        Ok(self.tx.execute(CHANGE, self.described(id, new)).await? == 1)
    }

    fn described(&self, id: MailboxId, new: &MailboxSettings) -> Vec<crate::tx::Value> {
        args![
            self.tenant,
            id,
            new.kind.code(),
            new.address.as_str(),
            new.host.as_str(),
            i64::from(new.port),
            new.tls.code(),
            new.login.as_str(),
            new.auth.code(),
            new.client.as_str(),
            new.token_url.as_str(),
            new.sealed.as_str(),
            new.folder.as_str(),
            new.authserv.as_str(),
            new.enabled,
        ]
    }

    /// Forgets up to where a mailbox was read: it is another one now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_mailbox_cursor(&mut self, id: MailboxId) -> Result<(), StoreError> {
        self.tx.execute(FORGET_CURSOR, args![self.tenant, id]).await.map(drop)
    }

    /// Forgets a mailbox; false when there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove_mailbox(&mut self, id: MailboxId) -> Result<bool, StoreError> {
        Ok(self.tx.execute(REMOVE, args![self.tenant, id]).await? == 1)
    }

    /// One mailbox.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mailbox(&mut self, id: MailboxId) -> Result<Option<MailboxRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(mailbox).transpose()
    }

    /// All of them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mailboxes(&mut self) -> Result<Vec<MailboxRow>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(mailbox).collect()
    }

    /// Notes how a mailbox stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mailbox_checked(
        &mut self,
        id: MailboxId,
        trouble: Option<MailboxTrouble>,
        said: &str,
        remarks: &[MailboxRemark],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let trouble = trouble.map_or("", MailboxTrouble::code);
        let values = args![self.tenant, id, trouble, said, to_json(&remarks), now];
        self.tx.execute(CHECKED, values).await.map(drop)
    }

    /// Notes up to where a mailbox was read.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mailbox_read(
        &mut self,
        id: MailboxId,
        validity: u32,
        last_uid: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = args![self.tenant, id, i64::from(validity), i64::from(last_uid), now];
        self.tx.execute(READ, values).await.map(drop)
    }

    /// Keeps another sealed secret: providers may hand out a new token for the old one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn renew_mailbox_secret(&mut self, id: MailboxId, sealed: &str) -> Result<(), StoreError> {
        self.tx.execute(RENEW, args![self.tenant, id, sealed]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// Every mailbox that is to be guarded.
    ///
    /// # Errors
    /// What the database says.
    pub async fn guarded_mailboxes(&mut self) -> Result<Vec<Guarded>, StoreError> {
        let rows = self.tx.all(GUARDED, args![]).await?;
        let one = |row: &Row| {
            let (tenant, mailbox) = (row.parsed(0, TABLE, "tenant")?, row.parsed(1, TABLE, "mailbox")?);
            Ok(Guarded { tenant, mailbox, revision: row.count(2)? })
        };
        rows.iter().map(one).collect()
    }
}
