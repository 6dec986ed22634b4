//! The held mail of a comune, without content.

use super::{HeldRow, OutcomeCount};
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::HeldState;
use baluardo_store::mail::held::HeldQuery;
use std::time::Duration;

/// The most messages that are shown.
const MAX_ROWS: u32 = 500;
/// Of how many days the counts are.
const COUNTED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What part of the held mail to read.
#[derive(Clone, Debug, Default)]
pub struct HeldFilter {
    /// Only messages whose subject, author, sender or recipients hold this; empty for all.
    pub text: String,
    /// Only those that stand so.
    pub state: Option<HeldState>,
    /// Only of this class: `phishing`, `malware`, `fraud`, `spam`; empty for all.
    pub class: String,
}

/// Held messages of `tenant`: those that wait first, then the most hostile, then the newest; at most 500.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_held(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    filter: &HeldFilter,
) -> Result<Vec<HeldRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    let class = filter.class.replace('\0', "");
    let query = HeldQuery { state: filter.state, class: &class, text: &filter.text };
    Ok(tx.tenant(scope).held_mails(query, MAX_ROWS).await?)
}

/// How the mail of `tenant` ended in the last 30 days; kinds without any are left out.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn mail_counts(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<OutcomeCount>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    Ok(tx.tenant(scope).mail_counts(house.now().minus(COUNTED)).await?)
}
