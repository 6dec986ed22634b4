//! A map that remembers the newest entries only: when it is full, the one that was touched longest ago goes.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Entries with the order in which they were last touched.
#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    most: usize,
    next: u64,
    entries: HashMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    /// An empty map for at most `most` entries, at least one.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), next: 0, entries: HashMap::new(), order: BTreeMap::new() }
    }

    /// The entry of `key`, made by `fresh` where there is none; it becomes the newest.
    pub(super) fn touch(&mut self, key: K, fresh: impl FnOnce() -> V) -> &mut V {
        let turn = self.next;
        self.next += 1;
        if let Some((old, _)) = self.entries.get(&key) {
            self.order.remove(old);
        } else if self.entries.len() >= self.most
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.entries.remove(&oldest);
        }
        self.order.insert(turn, key.clone());
        let entry = self.entries.entry(key).or_insert_with(|| (turn, fresh()));
        entry.0 = turn;
        &mut entry.1
    }

    /// The entry of `key`.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// The entry of `key`, to change; its place in the order stays.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// Takes the entry of `key` out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (turn, value) = self.entries.remove(key)?;
        self.order.remove(&turn);
        Some(value)
    }

    /// Drops the oldest entries as long as `old` says so.
    pub(super) fn drop_while(&mut self, old: impl Fn(&V) -> bool) {
        while let Some((_, key)) = self.order.first_key_value() {
            if !self.entries.get(key).is_none_or(|(_, value)| old(value)) {
                return;
            }
            if let Some((_, key)) = self.order.pop_first() {
                self.entries.remove(&key);
            }
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The values, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(|(_, value)| value)
    }

    /// Keys and values, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.order.values().filter_map(|key| Some((key, &self.entries.get(key)?.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_touched_longest_ago_goes_first() {
        let mut map = Bounded::new(2);
        map.touch("a", || 1);
        map.touch("b", || 2);
        map.touch("a", || 9);
        map.touch("c", || 3);
        assert_eq!(map.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>(), [("a", 1), ("c", 3)]);
        assert_eq!(map.get(&"b"), None);
    }

    #[test]
    fn a_removed_entry_leaves_no_trace_in_the_order() {
        let mut map = Bounded::new(4);
        map.touch("a", || 1);
        map.touch("b", || 2);
        assert_eq!(map.remove(&"a"), Some(1));
        map.drop_while(|value| *value == 2);
        assert_eq!(map.len(), 0);
        assert_eq!(map.iter().count(), 0);
    }
}
