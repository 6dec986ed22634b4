//! Refusals on their way to the database.
//!
//! Whoever reaches the agents' door can cause a refusal, so each is counted in memory and written down in batches:
//! a flood of bad tokens costs no disk. For the same reason the audit log gets one line for each code and tenant in
//! ten minutes; the counts stay exact.

use crate::error::Error;
use crate::fleet::refusal::Refusal;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::fleet::refusals::RefusalRow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the audit log is spared a second line about the same.
const QUIET: Duration = Duration::from_secs(600);

/// Whose refusal, where known, and its code.
type Key = (Option<TenantId>, &'static str);

#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<HashMap<Key, Counted>>);

#[derive(Clone, Debug, Default)]
struct Counted {
    count: u64,
    last: Option<(Timestamp, String)>,
    logged_at: Option<Timestamp>,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one; a refusal of nobody known goes to the consortium's account.
    pub(crate) fn count(&self, tenant: Option<TenantId>, refusal: &Refusal, now: Timestamp) {
        let mut table = self.lock();
        let counted = table.entry((tenant, refusal.code)).or_default();
        counted.count += 1;
        counted.last = Some((now, refusal.detail.clone()));
    }

    /// Whether the audit log should tell of it now; saying yes starts the quiet time. A clock that went back ends it.
    pub(crate) fn may_log(&self, tenant: Option<TenantId>, code: &'static str, now: Timestamp) -> bool {
        let mut table = self.lock();
        let counted = table.entry((tenant, code)).or_default();
        let quiet = counted.logged_at.is_some_and(|at| at <= now && now.since(at) < QUIET);
        if !quiet {
            counted.logged_at = Some(now);
        }
        !quiet
    }

    /// Takes what is not written down yet.
    fn take(&self) -> Vec<(Key, Counted)> {
        let mut table = self.lock();
        let taken = table.iter().filter(|(_, c)| c.count > 0).map(|(key, c)| (*key, c.clone())).collect();
        for counted in table.values_mut() {
            counted.count = 0;
        }
        taken
    }

    /// Puts back what could not be written down.
    fn put_back(&self, taken: &[(Key, Counted)]) {
        let mut table = self.lock();
        for (key, counted) in taken {
            table.entry(*key).or_default().count += counted.count;
        }
    }

    /// Adds what is not written down yet to rows of `tenant`; `consortium` says whether nobody's refusals are its own.
    pub(crate) fn add_to(&self, rows: &mut Vec<RefusalRow>, tenant: TenantId, consortium: bool) {
        for ((whose, code), counted) in self.lock().iter() {
            let own = *whose == Some(tenant) || (whose.is_none() && consortium);
            let Some((last_at, last_detail)) = counted.last.clone().filter(|_| own && counted.count > 0) else {
                continue;
            };
            match rows.iter_mut().find(|row| row.code == *code) {
                Some(row) => {
                    row.count += counted.count;
                    row.last_at = last_at;
                    row.last_detail = last_detail;
                }
                None => rows.push(RefusalRow { code: (*code).to_owned(), count: counted.count, last_at, last_detail }),
            }
        }
        rows.sort_by(|a, b| a.code.cmp(&b.code));
    }
}

/// Writes the counts down.
pub(crate) async fn flush(house: &House) -> Result<(), Error> {
    let taken = house.fleet.tally.take();
    if taken.is_empty() {
        return Ok(());
    }
    let written = write(house, &taken).await;
    if written.is_err() {
        house.fleet.tally.put_back(&taken);
    }
    written
}

async fn write(house: &House, taken: &[(Key, Counted)]) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let consortium = tx.platform().first_consortium().await?.map(|home| home.id);
    for ((tenant, code), counted) in taken {
        let (Some(tenant), Some((at, detail))) = (tenant.or(consortium), &counted.last) else { continue };
        let scope = tenant_scope(&mut tx, &Actor::Platform, Act::Exchange, tenant).await?;
        tx.tenant(scope).count_refusals(code, counted.count, *at, detail).await?;
    }
    Ok(tx.commit().await?)
}
