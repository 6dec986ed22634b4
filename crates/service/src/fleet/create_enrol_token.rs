//! Makes the one line that enrols one computer.

use super::actor_name;
use super::authority::root_certificate_in;
use super::foreign_text::name;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use crate::secret;
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_wire::token::EnrolToken;
use serde::Serialize;
use std::time::Duration;

/// How long a token can be used.
const LIFE: Duration = Duration::from_secs(24 * 3_600);

/// The most characters of a label.
const MAX_LABEL: usize = 100;

/// A fresh token: the line is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnrolTicket {
    /// Its id, to withdraw it.
    pub id: String,
    /// The line to paste on the computer.
    pub line: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Makes a token with which one computer joins `tenant` within 24 hours. `label` reminds its maker of which computer
/// it is meant for; it may be empty.
///
/// # Errors
/// [`Error::Invalid`] `token.label_long` beyond 100 characters; as [`tenant_scope`].
#[crate::act]
pub async fn create_enrol_token(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    label: &str,
) -> Result<EnrolTicket, Error> {
    let label = name(label);
    if label.chars().count() > MAX_LABEL {
        let message = format!("write at most {MAX_LABEL} characters");
        return Err(Error::invalid("label", "token.label_long", message));
    }
    let secret = secret::fresh(house.chance.as_ref());
    let id = secret::hash(&secret);
    let now = house.now();
    let expires_at = now.plus(LIFE);
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::EnrolDevice, tenant).await?;
    let by = actor_name(actor);
    tx.tenant(scope).insert_enrol_token(&id, &label, &by, now, expires_at).await?;
    record(house, &mut tx, scope, actor, "enrol_token.created", format!("enrol_token {id}"), &label).await?;
    let root = root_certificate_in(house, &mut tx).await?;
    tx.commit().await?;
    let token = EnrolToken { server: house.settings.agent_address.clone(), root_sha256: root.sha256, secret };
    Ok(EnrolTicket { id, line: token.to_line(), expires_at })
}
