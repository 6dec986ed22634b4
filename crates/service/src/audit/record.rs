//! Writes one line, in the transaction of the act that it tells of.

use crate::error::Error;
use crate::house::House;
use crate::secret::hex;
use baluardo_model::Timestamp;
use baluardo_model::identity::Actor;
use baluardo_store::audit::AuditEntry;
use baluardo_store::{TenantScope, Tx};
use sha2::{Digest as _, Sha256};

/// Logs that `actor` did `act` on `target`; `detail` holds what a reader needs, never a secret.
pub(crate) async fn record(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    actor: &Actor,
    act: &str,
    target: impl std::fmt::Display,
    detail: &str,
) -> Result<(), Error> {
    record_at(house.now(), tx, scope, actor, act, target, detail).await
}

/// The same for those who hold no house: the task that writes many exchanges at once.
pub(crate) async fn record_at(
    now: Timestamp,
    tx: &mut Tx,
    scope: TenantScope,
    actor: &Actor,
    act: &str,
    target: impl std::fmt::Display,
    detail: &str,
) -> Result<(), Error> {
    let entry = entry(now, actor, act, target.to_string(), detail);
    tx.tenant(scope).append_audit(&entry, digest).await?;
    Ok(())
}

fn entry(now: Timestamp, actor: &Actor, act: &str, target: String, detail: &str) -> AuditEntry {
    let (kind, id, name, role, tenant) = match actor {
        Actor::Person { id, tenant, role, name } => {
            ("person", id.to_string(), name.clone(), role.code(), tenant.to_string())
        }
        Actor::Token { id, tenant, role, .. } => {
            ("token", id.to_string(), "API".to_owned(), role.code(), tenant.to_string())
        }
        Actor::Device { id, tenant } => ("device", id.to_string(), String::new(), "", tenant.to_string()),
        Actor::Platform => ("platform", String::new(), "Baluardo".to_owned(), "", String::new()),
        Actor::Public => ("public", String::new(), String::new(), "", String::new()),
    };
    AuditEntry {
        at: now,
        actor_kind: kind.to_owned(),
        actor: id,
        actor_name: name,
        actor_role: role.to_owned(),
        actor_tenant: tenant,
        act: act.to_owned(),
        target,
        detail: detail.to_owned(),
    }
}

/// SHA-256 over the previous digest, the number and every field, each with its length before it, so that no two
/// different lines have the same bytes.
pub(crate) fn digest(previous: &str, seq: u64, entry: &AuditEntry) -> String {
    let at = entry.at.micros().to_string();
    let seq = seq.to_string();
    let fields = [
        previous,
        &seq,
        &at,
        &entry.actor_kind,
        &entry.actor,
        &entry.actor_name,
        &entry.actor_role,
        &entry.actor_tenant,
        &entry.act,
        &entry.target,
        &entry.detail,
    ];
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hex(&hasher.finalize())
}
