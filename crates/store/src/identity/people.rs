//! People, by tenant, and by address before anybody is known.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::identity::{Person, Role};
use baluardo_model::{PersonId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO person (tenant, person, email, name, role, office, created_at, disabled_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    GET = "SELECT tenant, person, email, name, role, office, created_at, disabled_at FROM person
        WHERE tenant = $1 AND person = $2";
    BY_EMAIL = "SELECT tenant, person, email, name, role, office, created_at, disabled_at FROM person WHERE email = $1";
    LIST = "SELECT tenant, person, email, name, role, office, created_at, disabled_at,
        (SELECT COUNT(*) FROM credential c WHERE c.tenant = p.tenant AND c.person = p.person AND c.kind = 'passkey'),
        (SELECT COUNT(*) FROM credential c WHERE c.tenant = p.tenant AND c.person = p.person AND c.kind = 'password'),
        (SELECT MAX(s.seen_at) FROM session s WHERE s.tenant = p.tenant AND s.person = p.person),
        (SELECT COUNT(*) FROM session s WHERE s.tenant = p.tenant AND s.person = p.person AND s.ended_at IS NULL
        AND s.expires_at > $2 AND s.seen_at > $3)
        FROM person p WHERE tenant = $1 ORDER BY name, person";
    WITH_ROLE = "SELECT tenant, person, email, name, role, office, created_at, disabled_at FROM person
        WHERE tenant = $1 AND role = $2 ORDER BY created_at, person";
    ABLE = "SELECT COUNT(*) FROM person p WHERE p.tenant = $1 AND p.role = $2 AND p.person <> $3
        AND p.disabled_at IS NULL
        AND EXISTS (SELECT 1 FROM credential c WHERE c.tenant = p.tenant AND c.person = p.person)";
    SET_DISABLED = "UPDATE person SET disabled_at = $3 WHERE tenant = $1 AND person = $2";
    RENAME = "UPDATE person SET name = $3, office = $4 WHERE tenant = $1 AND person = $2";
}

/// A person as the database knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPerson {
    /// Who.
    pub person: Person,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
}

/// A person with what a list of people tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    /// Who.
    pub stored: StoredPerson,
    /// How many passkeys they have.
    pub passkeys: u64,
    /// Whether they have a password.
    pub has_password: bool,
    /// When they were last seen, as far back as sessions are kept.
    pub last_seen: Option<Timestamp>,
    /// How many browsers they are signed in with.
    pub sessions: u64,
}

fn stored(row: &Row) -> Result<StoredPerson, StoreError> {
    stored_at(row, 0)
}

/// Reads the columns of a person that start at `from`.
pub(super) fn stored_at(row: &Row, from: usize) -> Result<StoredPerson, StoreError> {
    Ok(StoredPerson {
        person: Person {
            tenant: row.parsed(from, "person", "tenant")?,
            id: row.parsed(from + 1, "person", "person")?,
            email: row.text(from + 2)?,
            name: row.text(from + 3)?,
            role: row.coded(from + 4, Role::from_code, "person", "role")?,
            office: row.text_or_null(from + 5)?,
            created_at: row.time(from + 6)?,
        },
        disabled_at: row.time_or_null(from + 7)?,
    })
}

impl PlatformTx<'_> {
    /// The person who signs in with this address (in lower case), of whatever tenant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn person_by_email(&mut self, email: &str) -> Result<Option<StoredPerson>, StoreError> {
        self.tx.optional(BY_EMAIL, args![email]).await?.as_ref().map(stored).transpose()
    }
}

impl TenantTx<'_> {
    /// Writes a new person; their tenant is that of the scope, whatever the struct says.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the address is taken, in this tenant or another.
    pub async fn insert_person(&mut self, new: &Person) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            new.id,
            new.email.as_str(),
            new.name.as_str(),
            new.role.code(),
            new.office.clone(),
            new.created_at,
        ];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// A person of this tenant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn person(&mut self, id: PersonId) -> Result<Option<StoredPerson>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(stored).transpose()
    }

    /// Everybody of this tenant, by name. Sessions are open that expire after `now` and were used after `awake`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn people(&mut self, now: Timestamp, awake: Timestamp) -> Result<Vec<ListedPerson>, StoreError> {
        let rows = self.tx.all(LIST, args![self.tenant, now, awake]).await?;
        rows.iter()
            .map(|row| {
                Ok(ListedPerson {
                    stored: stored(row)?,
                    passkeys: row.count(8)?,
                    has_password: row.count(9)? > 0,
                    last_seen: row.time_or_null(10)?,
                    sessions: row.count(11)?,
                })
            })
            .collect()
    }

    /// Those with a role, the longest-serving first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn people_with_role(&mut self, role: Role) -> Result<Vec<StoredPerson>, StoreError> {
        self.tx.all(WITH_ROLE, args![self.tenant, role.code()]).await?.iter().map(stored).collect()
    }

    /// How many people with `role`, other than `except`, could sign in today. Holds the turn of the tenant's people, so
    /// that two who disable each other cannot both be told that the other remains.
    ///
    /// # Errors
    /// What the database says.
    pub async fn others_able(&mut self, role: Role, except: PersonId) -> Result<u64, StoreError> {
        self.tx.hold_turn(&format!("people {}", self.tenant)).await?;
        let count = self.tx.number(ABLE, args![self.tenant, role.code(), except]).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Bars a person from signing in since an instant, or lets them in again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_disabled(&mut self, id: PersonId, since: Option<Timestamp>) -> Result<(), StoreError> {
        self.tx.execute(SET_DISABLED, args![self.tenant, id, since]).await.map(drop)
    }

    /// Changes the name and the office of a person.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rename_person(&mut self, id: PersonId, name: &str, office: Option<&str>) -> Result<(), StoreError> {
        self.tx.execute(RENAME, args![self.tenant, id, name, office]).await.map(drop)
    }
}
