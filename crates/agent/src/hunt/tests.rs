//! Hunts on a made-up system: found, limited, stopped, expired, and taken up after a restart.

use super::*;
use crate::report::ReportError;
use baluardo_model::Timestamp;
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Long enough on a busy machine.
const LONG: Duration = Duration::from_secs(120);

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_000)
    }
}

struct Listener(Mutex<Sender<EventBody>>);

impl Report for Listener {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        locked(&self.0).send(event).map_err(|e| ReportError(e.to_string()))
    }
}

struct Stage {
    dir: tempfile::TempDir,
    report: Arc<Listener>,
    told: Receiver<EventBody>,
}

impl Stage {
    fn new() -> Self {
        let (sender, told) = channel();
        let stage = Self { dir: tempfile::tempdir().unwrap(), report: Arc::new(Listener(Mutex::new(sender))), told };
        fs::create_dir(stage.dir.path().join("state")).unwrap();
        stage.put("etc/passwd", "root:x:0:0::/root:/bin/bash\nsupporto:x:1001:1001::/home/s:/bin/bash\n");
        stage.put("srv/a/fattura_1.js", "the mark of zanzibar");
        stage.put("srv/b/nota.txt", "nothing");
        stage.put(
            "var/lib/dpkg/status",
            "Package: xz-utils\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.6.1-1\n",
        );
        stage
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join("root").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn hunter(&self) -> Arc<Hunter> {
        Hunter::start(HunterSettings {
            state_dir: self.dir.path().join("state"),
            root: Root::below(self.dir.path().join("root")),
            clock: Arc::new(Now),
            report: Arc::<Listener>::clone(&self.report),
        })
    }

    /// The end of the next hunt that ends, with all that it found.
    fn end(&self) -> (HuntState, Vec<HuntHit>, String) {
        let mut all = Vec::new();
        loop {
            match self.told.recv_timeout(LONG).unwrap() {
                EventBody::HuntTold { state, hits, note, .. } => {
                    all.extend(hits);
                    if state.is_over() {
                        return (state, all, note);
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

fn hunt(number: u8, quarry: Quarry) -> Hunt {
    let id = format!("00000000-0000-7000-8000-0000000000{number:02x}").parse().unwrap();
    Hunt { id, quarry, folders: Vec::new(), until: Timestamp::from_micros(2_000) }
}

fn name(pattern: &str) -> Quarry {
    Quarry::FileName { pattern: pattern.to_owned() }
}

#[test]
fn files_are_found_by_name_by_digest_and_by_rule() {
    let stage = Stage::new();
    let hunter = stage.hunter();
    let sha256 = ring::digest::digest(&ring::digest::SHA256, b"the mark of zanzibar");
    let sha256 = sha256.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let rule = "rule z { strings: $a = \"zanzibar\" condition: $a }".to_owned();
    for (number, quarry) in (1..).zip([name("FATTURA*.js"), Quarry::FileHash { sha256 }, Quarry::FileRule { rule }]) {
        hunter.take(&hunt(number, quarry.clone())).unwrap();
        let (state, hits, note) = stage.end();
        assert_eq!((state, note.as_str(), hits.len()), (HuntState::Done, "", 1), "{quarry:?}: {hits:?}");
        assert!(hits[0].what.ends_with("/srv/a/fattura_1.js"), "{hits:?}");
    }
    let elsewhere = Hunt { folders: vec!["/srv/b".to_owned()], ..hunt(9, name("fattura*")) };
    hunter.take(&elsewhere).unwrap();
    assert!(stage.end().1.is_empty(), "only the named folders are looked through");
}

#[test]
fn accounts_packages_and_processes_are_found() {
    let stage = Stage::new();
    let hunter = stage.hunter();
    hunter.take(&hunt(1, Quarry::Account { pattern: "supp*".to_owned() })).unwrap();
    assert_eq!(stage.end().1, [HuntHit { what: "supporto".to_owned(), detail: "uid 1001".to_owned() }]);
    let package = |before: &str| Quarry::Package {
        name: "xz-*".to_owned(),
        from: Some("5.6.0".to_owned()),
        before: Some(before.to_owned()),
    };
    hunter.take(&hunt(2, package("5.6.2"))).unwrap();
    assert_eq!(stage.end().1[0].what, "xz-utils 5.6.1-1");
    hunter.take(&hunt(3, package("5.6.1-1"))).unwrap();
    assert!(stage.end().1.is_empty());
    // Processes are the real system's: this test itself runs.
    let own = std::env::current_exe().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    hunter.take(&hunt(4, Quarry::Process { pattern: own })).unwrap();
    let (_, hits, _) = stage.end();
    assert!(hits.iter().any(|hit| hit.what.starts_with(&format!("{} ", std::process::id()))), "{hits:?}");
}

#[test]
fn connections_are_found_with_their_holder() {
    let stage = Stage::new();
    stage.put("proc/net/tcp", "head\n 0: 0100007F:115C 00000000:0000 0A 0:0 00:0 0 0 0 777 1\n");
    fs::create_dir_all(stage.dir.path().join("root/proc/900/fd")).unwrap();
    std::os::unix::fs::symlink("socket:[777]", stage.dir.path().join("root/proc/900/fd/3")).unwrap();
    stage.put("proc/900/comm", "nc");
    let hunter = stage.hunter();
    hunter.take(&hunt(1, Quarry::Connection { address: None, port: Some(4444) })).unwrap();
    let (_, hits, _) = stage.end();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].detail, "900 nc");
    let address = Some("10.9.8.7".parse().unwrap());
    hunter.take(&hunt(2, Quarry::Connection { address, port: None })).unwrap();
    assert!(stage.end().1.is_empty());
}

#[test]
fn a_hunt_whose_time_is_over_or_that_cannot_be_done_says_so() {
    let stage = Stage::new();
    let hunter = stage.hunter();
    hunter.take(&Hunt { until: Timestamp::from_micros(1_000), ..hunt(1, name("*")) }).unwrap();
    assert_eq!(stage.end().0, HuntState::Expired);
    hunter.take(&hunt(2, Quarry::FileRule { rule: "nonsense".to_owned() })).unwrap();
    let (state, _, note) = stage.end();
    assert!(state == HuntState::Failed && !note.is_empty(), "{note}");
}

#[test]
fn more_hits_than_are_told_end_the_hunt() {
    let stage = Stage::new();
    for number in 0..MAX_HITS + 20 {
        stage.put(&format!("srv/c/{number}.js"), "");
    }
    let hunter = stage.hunter();
    hunter.take(&hunt(1, name("*.js"))).unwrap();
    let (state, hits, note) = stage.end();
    assert_eq!((state, hits.len()), (HuntState::Done, MAX_HITS));
    assert!(note.contains("more than 500"), "{note}");
}

#[test]
fn what_waits_outlives_the_agent_and_can_be_stopped() {
    let stage = Stage::new();
    let state = StateDir::existing(&stage.dir.path().join("state"));
    state.write_json(FILE, &vec![hunt(1, name("fattura*"))]).unwrap();
    let hunter = stage.hunter();
    let (ended, hits, _) = stage.end();
    assert_eq!((ended, hits.len()), (HuntState::Done, 1), "it is taken up where the last life left it");
    drop(hunter);
    assert_eq!(state.read_json::<Vec<Hunt>>(FILE).unwrap(), Some(Vec::new()));

    // A hunt that waits behind another is taken from the list; that it was on already is as good.
    for number in 0..3_000 {
        stage.put(&format!("srv/d/{number}"), "");
    }
    let hunter = stage.hunter();
    hunter.take(&hunt(2, name("nothing"))).unwrap();
    hunter.take(&hunt(3, name("nothing"))).unwrap();
    hunter.stop("00000000-0000-7000-8000-000000000003".parse().unwrap()).unwrap();
    let mut ends = [stage.end().0, stage.end().0];
    ends.sort_by_key(|state| state.code());
    assert_eq!(ends[0], HuntState::Done);
    assert!([HuntState::Stopped, HuntState::Done].contains(&ends[1]));
}
