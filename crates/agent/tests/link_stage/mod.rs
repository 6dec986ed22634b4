//! What the tests of spool and link share: a clock to move, seeded chance, a disk that fills, fails and loses power.

#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod authority;
pub(crate) mod brain;
pub(crate) mod server;

use baluardo_agent::spool::disk::{RealDisk, SpoolDisk};
use baluardo_agent::spool::{Spool, SpoolSettings};
use baluardo_model::protection::{Finding, FindingKind, Severity};
use baluardo_model::{Chance, Clock, FindingId, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that stands where a test puts it.
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(seconds * 1_000_000)))
    }

    pub(crate) fn set(&self, seconds: i64) {
        self.0.store(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that is the same in every run (splitmix64).
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn number(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.number() % bound
    }
}

impl Chance for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.number() as u8;
        }
    }
}

/// A real disk that a test can fill, or cut the power of after a number of acts; the act that is cut may be done in part.
pub(crate) struct BadDisk {
    acts_left: AtomicU64,
    full: AtomicU64,
    failing: AtomicU64,
    failing_syncs: AtomicU64,
    chance: Seeded,
}

impl BadDisk {
    pub(crate) fn new(acts: u64, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            acts_left: AtomicU64::new(acts),
            full: AtomicU64::new(0),
            failing: AtomicU64::new(0),
            failing_syncs: AtomicU64::new(0),
            chance: Seeded::new(seed),
        })
    }

    pub(crate) fn sound() -> Arc<Self> {
        Self::new(u64::MAX, 1)
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(u64::from(full), Ordering::SeqCst);
    }

    /// The next `writes` writes fail halfway.
    pub(crate) fn fail_writes(&self, writes: u64) {
        self.failing.store(writes, Ordering::SeqCst);
    }

    /// The next `syncs` writes reach the disk, which then says that it does not know.
    pub(crate) fn fail_syncs(&self, syncs: u64) {
        self.failing_syncs.store(syncs, Ordering::SeqCst);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.acts_left.load(Ordering::SeqCst) == 0
    }

    /// Whether this act still happens, `Err(true)` when it is the one that is cut in the middle.
    fn act(&self) -> Result<(), bool> {
        let left = self.acts_left.load(Ordering::SeqCst);
        match left {
            0 => Err(false),
            1 => {
                self.acts_left.store(0, Ordering::SeqCst);
                Err(true)
            }
            _ => {
                self.acts_left.store(left - 1, Ordering::SeqCst);
                Ok(())
            }
        }
    }
}

/// A file of zeros, without forcing the disk: a cut of power here ends the process, not the file system.
fn zeros(path: &Path, bytes: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(bytes)?;
    Ok(file)
}

fn dead() -> io::Error {
    io::Error::other("the power is gone")
}

impl SpoolDisk for BadDisk {
    fn prepare(&self, path: &Path, bytes: u64) -> io::Result<File> {
        if self.full.load(Ordering::SeqCst) > 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match self.act() {
            Ok(()) => zeros(path, bytes),
            Err(true) => zeros(path, self.chance.below(bytes + 1)).and(Err(dead())),
            Err(false) => Err(dead()),
        }
    }

    fn write(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        let half = |error| {
            let part = self.chance.below(bytes.len() as u64 + 1) as usize;
            RealDisk.write(file, at, &bytes[..part]).and(Err(error))
        };
        let failing = self.failing.load(Ordering::SeqCst);
        if failing > 0 {
            self.failing.store(failing - 1, Ordering::SeqCst);
            return half(io::Error::other("a bad block"));
        }
        match self.act() {
            Ok(()) => RealDisk.write(file, at, bytes),
            Err(true) => half(dead()),
            Err(false) => Err(dead()),
        }
    }

    fn sync(&self, _file: &File) -> io::Result<()> {
        let failing = self.failing_syncs.load(Ordering::SeqCst);
        if failing > 0 {
            self.failing_syncs.store(failing - 1, Ordering::SeqCst);
            return Err(io::Error::other("a bad block"));
        }
        // What was written is visible to the next start as after a crash of the process; the file system is not asked.
        self.act().map_err(|_| dead())
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        self.act().map_err(|_| dead())?;
        file.set_len(bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.act() {
            Ok(()) => std::fs::rename(from, to),
            Err(true) if self.chance.below(2) == 0 => std::fs::rename(from, to).and(Err(dead())),
            Err(_) => Err(dead()),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.act().map_err(|_| dead())?;
        std::fs::remove_file(path)
    }
}

/// Small segments, so that a few events fill several.
pub(crate) fn small(dir: &Path) -> SpoolSettings {
    SpoolSettings { dir: dir.join("spool"), max_bytes: 64 * 4096, segment_bytes: 4096 }
}

pub(crate) fn open(settings: SpoolSettings, disk: Arc<dyn SpoolDisk>) -> Spool {
    Spool::open(settings, disk, Hand::at(1_000_000), &Seeded::new(5)).unwrap()
}

/// A finding that says `word`.
pub(crate) fn finding(word: &str, severity: Severity) -> EventBody {
    let finding = Finding {
        id: FindingId::new(Timestamp::from_micros(1), &Seeded::new(word.len() as u64)),
        kind: FindingKind::Malware,
        severity,
        detected_at: Timestamp::from_micros(7),
        path: word.to_owned(),
        sha256: None,
        reasons: Vec::new(),
        processes: Vec::new(),
        techniques: Vec::new(),
        files_touched: 0,
        files_lost: 0,
        steps: Vec::new(),
        intrusion: None,
    };
    EventBody::Finding { finding: Box::new(finding) }
}

/// The word of a finding.
pub(crate) fn word(body: &EventBody) -> &str {
    match body {
        EventBody::Finding { finding } => &finding.path,
        other => panic!("no finding: {other:?}"),
    }
}
