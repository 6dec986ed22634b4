//! What a comune wants to happen to its mail, as it stands.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::MailPolicy;
use baluardo_store::{TenantScope, Tx};

/// The name under which the settings keep it.
pub(super) const SETTING: &str = "mail.policy";

/// The policy of `tenant` for its mail; the ordinary one while nobody changed it.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn get_mail_policy(house: &House, actor: &Actor, tenant: TenantId) -> Result<MailPolicy, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeMailPolicy, tenant).await?;
    standing_policy(&mut tx, scope).await
}

/// The same for those who have a scope.
///
/// # Errors
/// [`Error::Internal`] when what is kept cannot be read: guessing would change what happens to somebody's mail.
pub(crate) async fn standing_policy(tx: &mut Tx, scope: TenantScope) -> Result<MailPolicy, Error> {
    match tx.tenant(scope).setting(SETTING).await? {
        Some(kept) => serde_json::from_str(&kept).map_err(|e| Error::internal(format!("the mail policy: {e}"))),
        None => Ok(MailPolicy::default()),
    }
}
