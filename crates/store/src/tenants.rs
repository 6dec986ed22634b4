//! Tenants and their settings.

use crate::error::StoreError;
use crate::scope::{ConsortiumTx, PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::TenantId;
use baluardo_model::identity::{Management, Tenant, TenantKind};

crate::statements! {
    INSERT = "INSERT INTO tenant (tenant, consortium, kind, name, cadastral_code, management, patron, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = "SELECT tenant, consortium, kind, name, cadastral_code, management, created_at FROM tenant WHERE tenant = $1";
    CONSORTIUM = "SELECT tenant, consortium, kind, name, cadastral_code, management, created_at FROM tenant
        WHERE kind = 'consortium' ORDER BY tenant LIMIT 1";
    MEMBERS = "SELECT tenant, consortium, kind, name, cadastral_code, management, created_at FROM tenant
        WHERE consortium = $1 AND kind <> 'consortium' ORDER BY name, tenant";
    MEMBER_BY_CODE = "SELECT tenant, consortium, kind, name, cadastral_code, management, created_at FROM tenant
        WHERE consortium = $1 AND cadastral_code = $2";
    SET_MANAGEMENT = "UPDATE tenant SET management = $2 WHERE tenant = $1";
    SET_PATRON = "UPDATE tenant SET patron = $2 WHERE tenant = $1";
    PATRON = "SELECT patron FROM tenant WHERE tenant = $1";
    PUT_SETTING = "INSERT INTO setting (tenant, name, value) VALUES ($1, $2, $3)
        ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value";
    GET_SETTING = "SELECT value FROM setting WHERE tenant = $1 AND name = $2";
}

/// The stable word of a kind of tenant.
#[must_use]
pub const fn kind_code(kind: TenantKind) -> &'static str {
    match kind {
        TenantKind::Consortium => "consortium",
        TenantKind::Comune => "comune",
        TenantKind::Police => "police",
        TenantKind::Association => "association",
    }
}

fn kind_of(code: &str) -> Option<TenantKind> {
    [TenantKind::Consortium, TenantKind::Comune, TenantKind::Police, TenantKind::Association]
        .into_iter()
        .find(|kind| kind_code(*kind) == code)
}

/// The stable word of a way of managing.
#[must_use]
pub const fn management_code(management: Management) -> &'static str {
    match management {
        Management::Central => "central",
        Management::Local => "local",
    }
}

fn management_of(code: &str) -> Option<Management> {
    [Management::Central, Management::Local].into_iter().find(|m| management_code(*m) == code)
}

fn tenant(row: &Row) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.parsed(0, "tenant", "tenant")?,
        consortium: row.parsed(1, "tenant", "consortium")?,
        kind: row.coded(2, kind_of, "tenant", "kind")?,
        name: row.text(3)?,
        cadastral_code: row.text_or_null(4)?,
        management: row.coded(5, management_of, "tenant", "management")?,
        created_at: row.time(6)?,
    })
}

impl PlatformTx<'_> {
    /// Writes a new tenant.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the consortium has this comune already.
    pub async fn insert_tenant(&mut self, new: &Tenant) -> Result<(), StoreError> {
        let values = args![
            new.id,
            new.consortium,
            kind_code(new.kind),
            new.name.as_str(),
            new.cadastral_code.clone(),
            management_code(new.management),
            None::<String>,
            new.created_at,
        ];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// Any tenant by id: the rights table asks before it grants a scope.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.tx.optional(GET, args![id]).await?.as_ref().map(tenant).transpose()
    }

    /// The consortium of this installation: the first that was made.
    ///
    /// # Errors
    /// What the database says.
    pub async fn first_consortium(&mut self) -> Result<Option<Tenant>, StoreError> {
        self.tx.optional(CONSORTIUM, args![]).await?.as_ref().map(tenant).transpose()
    }
}

impl ConsortiumTx<'_> {
    /// Every member, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn members(&mut self) -> Result<Vec<Tenant>, StoreError> {
        self.tx.all(MEMBERS, args![self.consortium]).await?.iter().map(tenant).collect()
    }

    /// The member with this cadastral code.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_by_code(&mut self, cadastral_code: &str) -> Result<Option<Tenant>, StoreError> {
        self.tx.optional(MEMBER_BY_CODE, args![self.consortium, cadastral_code]).await?.as_ref().map(tenant).transpose()
    }
}

impl TenantTx<'_> {
    /// Moves the switch between central and local management.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_management(&mut self, management: Management) -> Result<(), StoreError> {
        self.tx.execute(SET_MANAGEMENT, args![self.tenant, management_code(management)]).await.map(drop)
    }

    /// Sets the day of the patron saint as `MM-DD`, or none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_patron(&mut self, patron: Option<&str>) -> Result<(), StoreError> {
        self.tx.execute(SET_PATRON, args![self.tenant, patron]).await.map(drop)
    }

    /// The day of the patron saint as `MM-DD`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn patron(&mut self) -> Result<Option<String>, StoreError> {
        match self.tx.optional(PATRON, args![self.tenant]).await? {
            Some(row) => row.text_or_null(0),
            None => Ok(None),
        }
    }

    /// Keeps a setting.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.tx.execute(PUT_SETTING, args![self.tenant, name, value]).await.map(drop)
    }

    /// Reads a setting.
    ///
    /// # Errors
    /// What the database says.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.tx.optional(GET_SETTING, args![self.tenant, name]).await?.map(|row| row.text(0)).transpose()
    }
}
