//! When the letters of a comune are due: once a day at most, at its hour, and once for all days that were missed.

use crate::error::Error;
use crate::identity::patron_of;
use baluardo_model::Timestamp;
use baluardo_model::mail::MailPolicy;
use baluardo_model::mail::digest::last_due;
use baluardo_store::{TenantScope, Tx};
use serde::{Deserialize, Serialize};

/// The name under which the settings keep what was.
const SETTING: &str = "mail.digest";

/// What was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Past {
    /// Since when hour and days are as they are: nothing is due for a moment before.
    since: Option<Timestamp>,
    /// The last moment for which letters were written.
    last: Option<Timestamp>,
}

/// The moment for which letters are due now; none when there is none, or they were written.
pub(super) async fn due(
    tx: &mut Tx,
    scope: TenantScope,
    policy: &MailPolicy,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let patron = patron_of(tx, scope.tenant()).await?;
    let Some(moment) = last_due(policy.digest, policy.digest_hour, patron, now) else { return Ok(None) };
    let past = past(tx, scope).await?;
    let before = past.since.is_some_and(|since| moment <= since);
    let done = past.last.is_some_and(|last| moment.rome().date() <= last.rome().date());
    Ok((!before && !done).then_some(moment))
}

/// Notes that the letters of `moment` are written.
pub(super) async fn written(tx: &mut Tx, scope: TenantScope, moment: Timestamp) -> Result<(), Error> {
    let past = Past { last: Some(moment), ..past(tx, scope).await? };
    keep(tx, scope, past).await
}

/// Another hour or other days hold from now on.
pub(in crate::mail) async fn begin_anew(tx: &mut Tx, scope: TenantScope, now: Timestamp) -> Result<(), Error> {
    let past = Past { since: Some(now), ..past(tx, scope).await? };
    keep(tx, scope, past).await
}

async fn past(tx: &mut Tx, scope: TenantScope) -> Result<Past, Error> {
    match tx.tenant(scope).setting(SETTING).await? {
        Some(kept) => serde_json::from_str(&kept).map_err(|e| Error::internal(format!("the letters of mail: {e}"))),
        None => Ok(Past::default()),
    }
}

async fn keep(tx: &mut Tx, scope: TenantScope, past: Past) -> Result<(), Error> {
    let text = serde_json::to_string(&past).map_err(Error::internal)?;
    tx.tenant(scope).put_setting(SETTING, &text).await?;
    Ok(())
}
