//! A hash for short names that is fast and guards against nothing: what is put into the tables comes from rules, and events
//! only look things up.

use std::hash::{BuildHasher, Hasher};

/// FNV-1a of 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fnv;

/// A hash that is being made.
#[derive(Debug)]
pub(super) struct Making(u64);

impl BuildHasher for Fnv {
    type Hasher = Making;

    fn build_hasher(&self) -> Making {
        Making(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Making {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_authors() {
        let of = |text: &str| {
            let mut making = Fnv.build_hasher();
            making.write(text.as_bytes());
            making.finish()
        };
        assert_eq!(
            [of(""), of("a"), of("foobar")],
            [0xCBF2_9CE4_8422_2325, 0xAF63_DC4C_8601_EC8C, 0x8594_4171_F739_67E8]
        );
    }
}
