//! Somebody reports a message in the console.

use super::judged::judged;
use super::take_report::{Reporter, take_report};
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::reports::ReportWay;
use baluardo_store::mail::reports::ReportRow;

/// Judges a message that somebody received, keeps the report without the message, and answers at once; a letter says the same.
/// What a program reports is answered and listed, and counts for nobody: it is no person.
///
/// # Errors
/// [`Error::Invalid`] `mail.report_empty`, `mail.report_large`; [`Error::Throttled`] beyond what one person may report; as
/// [`tenant_scope`].
#[crate::act]
pub async fn report_message(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    bytes: Vec<u8>,
) -> Result<ReportRow, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ReportMail, tenant).await?;
    let reporter = reporter(&mut tx, scope, actor).await?;
    drop(tx);
    // Judging takes a moment, in which no transaction waits.
    let judged = judged(bytes).await?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ReportMail, tenant).await?;
    let row = take_report(house, &mut tx, scope, actor, &reporter, &judged).await?;
    tx.commit().await?;
    Ok(row)
}

async fn reporter(
    tx: &mut baluardo_store::Tx,
    scope: baluardo_store::TenantScope,
    actor: &Actor,
) -> Result<Reporter, Error> {
    let way = ReportWay::Console;
    match actor {
        Actor::Person { id, name, .. } => {
            let found = tx.tenant(scope).person(*id).await?.ok_or(Error::NotFound)?;
            let email = found.person.email;
            Ok(Reporter { identity: email.clone(), name: name.clone(), email, proven: true, way })
        }
        Actor::Token { id, .. } => {
            let identity = id.to_string();
            Ok(Reporter { identity, name: "API".to_owned(), email: String::new(), proven: false, way })
        }
        _ => Err(Error::Forbidden),
    }
}
