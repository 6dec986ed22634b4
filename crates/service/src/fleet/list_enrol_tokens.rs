//! The enrolment tokens of a tenant: those that can still be used, and what became of the others.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::fleet::tokens::EnrolTokenRow;
use serde::Serialize;
use std::time::Duration;

/// How long a token stays in the list after it was made.
const SHOWN: Duration = Duration::from_secs(30 * 86_400);

/// The most tokens of the list.
const MOST: u32 = 200;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolTokenState {
    /// It can still be used.
    Open,
    /// A device has used it.
    Used,
    /// Somebody withdrew it.
    Withdrawn,
    /// Its time is over.
    Expired,
}

impl EnrolTokenState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    fn of(row: &EnrolTokenRow, now: Timestamp) -> Self {
        if row.used_at.is_some() {
            Self::Used
        } else if row.is_withdrawn() {
            Self::Withdrawn
        } else if row.expires_at <= now {
            Self::Expired
        } else {
            Self::Open
        }
    }
}

/// A token as people see it, without its secret, which nobody has any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnrolTokenView {
    /// Names it, to withdraw it.
    pub id: String,
    /// What its maker wrote on it; empty for nothing.
    pub label: String,
    /// Name of who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be used; none for one that was withdrawn.
    pub expires_at: Option<Timestamp>,
    /// What became of it.
    pub state: EnrolTokenState,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The device that used it.
    pub device: Option<String>,
    /// That device's own name: foreign text.
    pub hostname: Option<String>,
}

/// Tokens of `tenant` that can still be used, and those of the last thirty days, newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_enrol_tokens(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<EnrolTokenView>, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::EnrolDevice, tenant).await?;
    let rows = tx.tenant(scope).enrol_tokens(now.minus(SHOWN), now, MOST).await?;
    Ok(rows.into_iter().map(|(row, hostname)| view(row, hostname, now)).collect())
}

fn view(row: EnrolTokenRow, hostname: Option<String>, now: Timestamp) -> EnrolTokenView {
    EnrolTokenView {
        state: EnrolTokenState::of(&row, now),
        expires_at: (!row.is_withdrawn()).then_some(row.expires_at),
        id: row.id,
        label: row.label,
        created_by: row.created_by,
        created_at: row.created_at,
        used_at: row.used_at,
        device: row.device,
        hostname,
    }
}
