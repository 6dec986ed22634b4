//! Checks that nobody changed, removed or put in a line: the whole chain, or only what has come since the last time.
//!
//! How far a chain was followed is remembered in memory and nowhere else: whoever can write to the database cannot write
//! there. After a start of the server the first check therefore follows the whole chain.

use crate::audit::record::digest;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::audit::AuditLine;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many lines are read at once.
const AT_ONCE: u32 = 1_000;

/// How much of a log to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What has come since the last check, and that the line on which that one ended is still the same.
    New,
    /// Every line.
    Whole,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChainCheck {
    /// When it ended.
    pub at: Timestamp,
    /// When every line was last checked.
    pub whole_at: Timestamp,
    /// The last line that fits the chain; 0 for none.
    pub lines: u64,
    /// The first line that was changed, removed or put in.
    pub broken_at: Option<u64>,
}

/// A chain as far as it was followed.
#[derive(Clone, Debug, Default)]
struct Chain {
    seq: u64,
    digest: String,
}

impl Chain {
    /// Goes on by one line; `false` when it does not fit, and then stays where it was.
    fn follow(&mut self, line: &AuditLine) -> bool {
        let fits = line.seq == self.seq + 1
            && line.previous == self.digest
            && line.digest == digest(&self.digest, line.seq, &line.entry);
        if fits {
            self.seq = line.seq;
            self.digest.clone_from(&line.digest);
        }
        fits
    }
}

/// What was found in the log of each tenant since the server started.
#[derive(Debug, Default)]
pub(crate) struct Checks(Mutex<HashMap<TenantId, (ChainCheck, Chain)>>);

impl Checks {
    fn last(&self, tenant: TenantId) -> Option<(ChainCheck, Chain)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    fn note(&self, tenant: TenantId, check: ChainCheck, chain: Chain) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, (check, chain));
    }
}

/// Checks the log of a tenant. A log that was found broken stays so until the whole of it is checked again.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn check_log(house: &House, actor: &Actor, tenant: TenantId, extent: Extent) -> Result<ChainCheck, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeAudit, tenant).await?;
    let now = house.now();
    let known = house.audit_checks.last(tenant).filter(|_| extent == Extent::New);
    if let Some((check, _)) = known.as_ref().filter(|(check, _)| check.broken_at.is_some()) {
        return Ok(*check);
    }
    let whole_at = known.as_ref().map_or(now, |(check, _)| check.whole_at);
    let mut chain = known.map(|(_, chain)| chain).unwrap_or_default();
    let mut rows = tx.tenant(scope);
    let mut broken_at = None;
    // The line on which the last check ended is read once more: a log that was cut off there is noticed.
    if chain.seq > 0 {
        let still = rows.audit_from(chain.seq, 1).await?;
        let same = still.first().is_some_and(|line| line.seq == chain.seq && line.digest == chain.digest);
        broken_at = (!same).then_some(chain.seq);
    }
    while broken_at.is_none() {
        let lines = rows.audit_from(chain.seq + 1, AT_ONCE).await?;
        if lines.is_empty() {
            break;
        }
        broken_at = lines.iter().any(|line| !chain.follow(line)).then_some(chain.seq + 1);
    }
    let check = ChainCheck { at: now, whole_at, lines: chain.seq, broken_at };
    house.audit_checks.note(tenant, check, chain);
    Ok(check)
}

/// Checks the chain of a whole log, oldest line first, without any memory.
///
/// # Errors
/// [`Error::Conflict`] naming the first line that was changed, removed or put in.
pub fn check_chain(lines: &[AuditLine]) -> Result<(), Error> {
    let mut chain = Chain::default();
    if lines.iter().all(|line| chain.follow(line)) {
        return Ok(());
    }
    let expected = chain.seq + 1;
    Err(Error::conflict("audit_broken", format!("line {expected} of the audit log was tampered with")))
}
