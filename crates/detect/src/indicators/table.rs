//! A sorted set of 16-byte keys: the first two bytes by position, the other fourteen side by side.

use super::Short;

/// Bytes of a key that are kept.
const REST: usize = 14;

/// One more than the last value of the first two bytes.
const BUCKETS: usize = 1 << 16;

/// The set.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Where the keys of each bucket begin, in keys, and where the last one ends; empty for an empty set.
    begins: Vec<u32>,
    /// The keys without their first two bytes, one after the other.
    rests: Vec<u8>,
}

impl Table {
    /// Sorts the keys; each counts once. No more than 2^32 keys are kept, which is 60 GB of them.
    pub(super) fn new(mut keys: Vec<Short>) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        keys.sort_unstable();
        keys.dedup();
        let mut begins = Vec::with_capacity(BUCKETS + 1);
        let mut at = 0_u32;
        for key in &keys {
            let bucket = bucket(key);
            while begins.len() <= bucket {
                begins.push(at);
            }
            at = at.saturating_add(1);
        }
        begins.resize(BUCKETS + 1, at);
        Self { begins, rests: pack(keys) }
    }

    pub(super) const fn len(&self) -> usize {
        self.rests.len() / REST
    }

    pub(super) const fn bytes(&self) -> usize {
        self.begins.capacity() * size_of::<u32>() + self.rests.capacity()
    }

    /// Whether the key is in the set.
    pub(super) fn contains(&self, key: &Short) -> bool {
        let bucket = bucket(key);
        let edge = |at: usize| self.begins.get(at).and_then(|begin| usize::try_from(*begin).ok());
        let (Some(from), Some(to), Some(rest)) = (edge(bucket), edge(bucket + 1), key.last_chunk::<REST>()) else {
            return false;
        };
        let (rests, _) = self.rests.as_chunks::<REST>();
        rests.get(from..to).is_some_and(|keys| keys.binary_search(rest).is_ok())
    }
}

/// The first two bytes as a number.
fn bucket(key: &Short) -> usize {
    let [high, low, ..] = key;
    usize::from(u16::from_be_bytes([*high, *low]))
}

/// Drops the first two bytes of each key, in the same memory, so that a large list is never held twice.
fn pack(keys: Vec<Short>) -> Vec<u8> {
    let count = keys.len();
    let mut flat: Vec<u8> = keys.into_flattened();
    for at in 0..count {
        let from = at * 16 + 2;
        flat.copy_within(from..from + REST, at * REST);
    }
    flat.truncate(count * REST);
    flat.shrink_to_fit();
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> Short {
        let mut key = [0; 16];
        let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        key[..8].copy_from_slice(&spread.to_be_bytes());
        key[8..].copy_from_slice(&number.to_be_bytes());
        key
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        let mut keys: Vec<Short> = (0..5_000).map(key).collect();
        keys.extend([[0; 16], [0xFF; 16], key(7)]);
        let table = Table::new(keys.clone());
        assert_eq!(table.len(), 5_001, "a key counts once, and key(0) is all zeros");
        assert!(keys.iter().all(|key| table.contains(key)));
        assert!((5_000..10_000).all(|number| !table.contains(&key(number))));
        assert!(!Table::new(Vec::new()).contains(&[0; 16]));
    }

    #[test]
    fn five_million_would_take_less_than_eighty_megabytes() {
        let table = Table::new((0..50_000).map(key).collect());
        let per_key = (table.bytes() - (BUCKETS + 1) * 4) / table.len();
        assert!(per_key <= REST && per_key * 5_000_000 + (BUCKETS + 1) * 4 < 80_000_000, "{per_key}");
    }
}
