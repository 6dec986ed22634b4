//! Tries whether a mailbox can be reached, and says in plain words what is wrong.

use super::door::{Checked, Trouble};
use super::guarding::{connection, note_checked};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_model::{MailboxId, TenantId};
use std::sync::Arc;
use std::time::Duration;

/// The longest that somebody waits.
const PATIENCE: Duration = Duration::from_secs(45);

/// Tries a mailbox; what came of it stands beside it from then on.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Internal`] in a program that reaches no mail servers; as [`tenant_scope`].
#[crate::act]
pub async fn test_mailbox(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: MailboxId,
) -> Result<Result<Checked, Trouble>, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    let row = tx.tenant(scope).mailbox(id).await?.ok_or(Error::NotFound)?;
    let connection = connection(house, tenant, &row)?;
    record(house, &mut tx, scope, actor, "mailbox.tested", format!("mailbox {id}"), &row.settings.host).await?;
    tx.commit().await?;
    let door = house.mailbox_door.get().map(Arc::clone);
    let door = door.ok_or_else(|| Error::internal("this program reaches no mail servers"))?;
    let late = || Err(Trouble::new(MailboxTrouble::Unreachable, "no answer in time"));
    let answer =
        tokio::time::timeout(PATIENCE, door.check(house, (tenant, id), &connection)).await.unwrap_or_else(|_| late());
    note_checked(house, tenant, id, answer.as_ref()).await?;
    Ok(answer)
}
