//! How messages ended, gathered in memory and written now and then: a message that is delivered costs no commit.

use baluardo_model::TenantId;
use baluardo_model::mail::Outcome;
use baluardo_service::{House, mail};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The counts that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<HashMap<(TenantId, Outcome), u64>>);

impl Tally {
    /// Counts one message for each.
    pub(super) fn add(&self, ends: &[(TenantId, Outcome)]) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for end in ends {
            *counts.entry(*end).or_default() += 1;
        }
    }

    /// Writes them; what cannot be written waits for the next time.
    pub(super) async fn write(&self, house: &House) {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let rows: Vec<_> = counts.iter().map(|((tenant, outcome), many)| (*tenant, *outcome, *many)).collect();
        if let Err(error) = mail::count_outcome(house, &rows).await {
            tracing::warn!(%error, "how messages ended could not be written; it is tried again");
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (end, many) in counts {
                *waiting.entry(end).or_default() += many;
            }
        }
    }
}
