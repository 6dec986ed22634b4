//! A clock that tests move, chance that repeats, and children that die at a chosen step.

use baluardo_model::{Chance, Clock, Timestamp};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub(crate) struct Lcg(AtomicU64);

impl Lcg {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Chance for Lcg {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let old = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            // SplitMix64, so that no compression shortens it.
            let mixed = (old ^ (old >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
    }
}

pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn at(micros: i64) -> Self {
        Self(AtomicI64::new(micros))
    }

    pub(crate) fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// A folder in memory where there is one, for tests that sync thousands of times: dying is the same there.
pub(crate) fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs the (ignored) test `act` of this binary in a child that works on `folder` and dies at its step `die_at`.
/// `false` when it came to its end before.
pub(crate) fn dies_at(act: &str, folder: &Path, die_at: u64) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", act, "--ignored", "--nocapture", "--test-threads", "1"])
        .env("BALUARDO_DIE_AT", die_at.to_string())
        .env("BALUARDO_ACT_IN", folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .status()
        .unwrap();
    use std::os::unix::process::ExitStatusExt as _;
    assert!(status.success() || status.signal() == Some(9), "the child failed: {status}");
    !status.success()
}

/// The folder that the child of [`dies_at`] works on; none when a person started it.
pub(crate) fn act_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("BALUARDO_ACT_IN").map(Into::into)
}
