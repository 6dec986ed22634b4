//! Chance that repeats: a story that fails says its seed, and the seed plays the same story again, as far as the machine's
//! own timing lets it.

/// How many kills the long stories get when nothing else is asked (`BALUARDO_KILLS`).
const KILLS: u64 = 100;

/// A small generator of numbers (splitmix64, by its public description) with a printed seed.
pub(crate) struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    /// With the seed of `BALUARDO_SEED`, or another one for each run.
    pub(crate) fn from_environment() -> Self {
        let given = std::env::var("BALUARDO_SEED").ok().map(|text| text.parse().expect("BALUARDO_SEED is a number"));
        let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
        Self { seed, state: seed }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Rests for less than this many milliseconds.
    pub(crate) fn rest(&mut self, most_ms: u64) {
        std::thread::sleep(std::time::Duration::from_micros(self.below(most_ms * 1_000)));
    }
}

impl Drop for Dice {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the seed was {}: give it as BALUARDO_SEED={}", self.seed, self.seed);
        }
    }
}

/// How often the long story kills.
pub(crate) fn kills() -> u64 {
    std::env::var("BALUARDO_KILLS").ok().map_or(KILLS, |text| text.parse().expect("BALUARDO_KILLS is a number"))
}
