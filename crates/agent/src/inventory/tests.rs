//! What is told when, and what is not told twice.

use super::*;
use crate::report::ReportError;
use baluardo_model::package::Package;
use baluardo_wire::packed::unpack;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl Hand {
    fn forward(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000_000, Ordering::SeqCst);
    }
}

struct Listener(Mutex<Sender<EventBody>>, AtomicBool);

impl Report for Listener {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(ReportError("the disk is full".to_owned()));
        }
        locked(&self.0).send(event).map_err(|e| ReportError(e.to_string()))
    }
}

struct Stage {
    dir: tempfile::TempDir,
    clock: Arc<Hand>,
    listener: Arc<Listener>,
    told: Receiver<EventBody>,
}

impl Stage {
    fn new() -> Self {
        let (sender, told) = channel();
        let stage = Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(Hand(AtomicI64::new(1_795_339_800_000_000))),
            listener: Arc::new(Listener(Mutex::new(sender), AtomicBool::new(false))),
            told,
        };
        stage.install("3.0.9-1");
        stage
    }

    fn install(&self, version: &str) {
        let folder = self.dir.path().join("root/var/lib/dpkg");
        std::fs::create_dir_all(&folder).unwrap();
        let status =
            format!("Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n");
        std::fs::write(folder.join("status"), status).unwrap();
    }

    /// A life of the agent; it has looked once when this returns.
    fn live(&self) -> Shared {
        let settings = InventorySettings {
            state_dir: self.dir.path().to_owned(),
            root: Root::below(self.dir.path().join("root")),
            clock: Arc::<Hand>::clone(&self.clock),
            report: Arc::<Listener>::clone(&self.listener),
        };
        let state = StateDir::existing(self.dir.path());
        Shared { settings, state, turn: Mutex::new(()), over: Mutex::new(false), news: Condvar::new() }
    }

    fn versions(&self) -> Vec<String> {
        self.told.try_iter().map(|event| version(&event)).collect()
    }
}

fn version(event: &EventBody) -> String {
    let EventBody::Inventory { packed, .. } = event else { panic!("{event:?}") };
    unpack::<Inventory>(packed).unwrap().packages[0].version.clone()
}

#[test]
fn only_what_changed_is_told_and_after_a_week_the_same_again() {
    let stage = Stage::new();
    stage.live().look(false).unwrap();
    assert_eq!(stage.versions(), ["3.0.9-1"]);
    stage.live().look(false).unwrap();
    assert!(stage.versions().is_empty(), "the same is not told twice, not after a restart either");
    stage.install("3.0.11-1");
    stage.live().look(false).unwrap();
    assert_eq!(stage.versions(), ["3.0.11-1"]);
    stage.clock.forward(6);
    stage.live().look(false).unwrap();
    assert!(stage.versions().is_empty());
    stage.clock.forward(2);
    stage.live().look(false).unwrap();
    assert_eq!(stage.versions(), ["3.0.11-1"]);
    stage.live().look(true).unwrap();
    assert_eq!(stage.versions(), ["3.0.11-1"], "by order it is told in any case");
}

#[test]
fn what_could_not_be_kept_is_told_the_next_time() {
    let stage = Stage::new();
    stage.listener.1.store(true, Ordering::SeqCst);
    assert!(stage.live().look(false).unwrap_err().contains("the disk is full"));
    stage.listener.1.store(false, Ordering::SeqCst);
    stage.live().look(false).unwrap();
    assert_eq!(stage.versions(), ["3.0.9-1"]);
}

#[test]
fn the_thread_tells_at_the_start_and_ends_when_it_is_dropped() {
    let stage = Stage::new();
    let watch = InventoryWatch::start(stage.live().settings);
    let first = stage.told.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(version(&first), "3.0.9-1");
    assert_eq!(watch.take().unwrap(), "1 packages, 0 ports, 0 accounts");
    drop(watch);
    assert_eq!(stage.versions(), ["3.0.9-1"]);
}

#[test]
fn a_list_too_long_to_travel_is_shortened_and_says_so() {
    // Digests hardly compress, so that this is longer than any real list.
    let package = |number: u32| Package {
        name: sha256_hex(&number.to_le_bytes()),
        version: sha256_hex(&(number + 1_000_000).to_le_bytes()),
        arch: "amd64".to_owned(),
        source: String::new(),
        source_version: String::new(),
    };
    let mut inventory = Inventory { packages: (0..8_000).map(package).collect(), ..Inventory::default() };
    let packed = shortened(&mut inventory).unwrap();
    let read: Inventory = unpack(&packed).unwrap();
    assert!(read.packages.len() < 8_000 && read.packages.len() >= 1_000, "{}", read.packages.len());
    assert!(read.notes[0].contains("8000 packages are too long to travel"), "{:?}", read.notes);
    assert_ne!(digest_of(&read), digest_of(&Inventory::default()));
    assert!(Path::new(FILE).is_relative());
}
