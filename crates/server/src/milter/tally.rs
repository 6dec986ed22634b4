//! How messages ended, gathered in memory and written now and then: a message that is delivered costs no commit.

use baluardo_model::TenantId;
use baluardo_model::mail::Outcome;
use baluardo_model::mail::senders::SenderSeen;
use baluardo_service::{House, mail};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// The most different senders that wait to be written; those beyond are not remembered.
const MOST_SENDERS: usize = 20_000;

/// The counts that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Tally {
    ends: Counts<(TenantId, Outcome)>,
    senders: Counts<(TenantId, String, SenderSeen)>,
}

impl Tally {
    /// Counts one message for each.
    pub(super) fn add(&self, ends: &[(TenantId, Outcome)]) {
        for end in ends {
            self.ends.add(*end, 1, usize::MAX);
        }
    }

    /// Counts one delivered message of an author.
    pub(super) fn add_sender(&self, tenant: TenantId, author: &str, seen: SenderSeen) {
        if !author.is_empty() {
            self.senders.add((tenant, author.to_owned(), seen), 1, MOST_SENDERS);
        }
    }

    /// Writes them; what cannot be written waits for the next time.
    pub(super) async fn write(&self, house: &House) {
        let ends = self.ends.take();
        let rows: Vec<_> = ends.iter().map(|((tenant, outcome), many)| (*tenant, *outcome, *many)).collect();
        if let Err(error) = mail::count_outcome(house, &rows).await {
            tracing::warn!(%error, "how messages ended could not be written; it is tried again");
            ends.into_iter().for_each(|(end, many)| self.ends.add(end, many, usize::MAX));
        }
        let senders = self.senders.take();
        let rows: Vec<_> =
            senders.iter().map(|((tenant, author, seen), many)| (*tenant, author.clone(), *seen, *many)).collect();
        if let Err(error) = mail::count_senders(house, &rows).await {
            tracing::warn!(%error, "who wrote could not be counted; it is tried again");
            senders.into_iter().for_each(|(sender, many)| self.senders.add(sender, many, MOST_SENDERS));
        }
    }
}

/// Numbers under keys.
#[derive(Debug)]
struct Counts<K>(Mutex<HashMap<K, u64>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Counts<K> {
    fn add(&self, key: K, many: u64, most: usize) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < most || counts.contains_key(&key) {
            *counts.entry(key).or_default() += many;
        }
    }

    fn take(&self) -> HashMap<K, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
