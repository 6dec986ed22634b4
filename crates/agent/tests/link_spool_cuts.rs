//! The spool keeps what it confirmed through cuts of power and through the death of its process.

mod link_stage;

use baluardo_agent::spool::disk::RealDisk;
use baluardo_agent::spool::{Spool, SpoolSettings};
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::Event;
use link_stage::{BadDisk, Hand, Seeded, finding, open, small, word};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn all(spool: &Spool) -> Vec<Event> {
    spool.batch(usize::MAX, usize::MAX).unwrap()
}

fn assert_numbers_follow(events: &[Event], first: u64) {
    for (expected, event) in (first..).zip(events) {
        assert_eq!(event.seq, expected);
    }
}

/// One life of a spool on a disk whose power is cut after a number of acts: what was confirmed, and up to where the
/// server said that it has events.
fn live(settings: &SpoolSettings, seed: u64, life: u64, confirmed: &mut Vec<(u64, String)>, server: &mut u64) {
    let chance = Seeded::new(seed * 1_000 + life);
    let disk = BadDisk::new(2 + chance.below(60), seed * 7 + life);
    let Ok(spool) =
        Spool::open(settings.clone(), Arc::<BadDisk>::clone(&disk) as _, Hand::at(chance.below(9) as i64), &chance)
    else {
        return;
    };
    for n in 0..200 {
        if disk.is_dead() {
            return;
        }
        if chance.below(5) == 0 {
            let Ok(batch) = spool.batch(1 + chance.below(20) as usize, usize::MAX) else { continue };
            for event in &batch {
                assert!(event.seq <= *server + 1, "a gap before {}", event.seq);
                if event.seq == *server + 1 {
                    *server += 1;
                    let text = word(&event.body);
                    if let Some((_, known)) = confirmed.iter().find(|(seq, _)| *seq == event.seq) {
                        assert_eq!(known, text, "another event under a number that was confirmed");
                    } else {
                        confirmed.push((event.seq, text.to_owned()));
                    }
                }
            }
            let _ = spool.ack(*server);
        } else {
            let text = format!("s{seed}-l{life}-{n}-{}", "x".repeat(chance.below(400) as usize));
            if let Ok(seq) = spool.append(&finding(&text, Severity::High)) {
                assert!(confirmed.iter().all(|(known, _)| *known != seq), "number {seq} was given twice");
                confirmed.push((seq, text));
            }
        }
    }
}

#[test]
fn five_hundred_cuts_of_power_lose_nothing_that_was_confirmed() {
    let mut lives = 0;
    for seed in 0..50 {
        let dir = tempfile::tempdir().unwrap();
        let settings = small(dir.path());
        let mut confirmed = Vec::new();
        let mut server = 0;
        for life in 0..10 {
            live(&settings, seed, life, &mut confirmed, &mut server);
            lives += 1;
        }
        let spool = open(settings, Arc::new(RealDisk));
        let waiting = all(&spool);
        assert!(spool.standing().acked <= server, "forgotten without the server having it");
        confirmed.sort();
        for (seq, text) in &confirmed {
            let here = waiting.iter().find(|event| event.seq == *seq);
            match here {
                Some(event) => assert_eq!(word(&event.body), text),
                None => assert!(*seq <= server, "event {seq} is lost (server has {server})"),
            }
        }
        assert_numbers_follow(&waiting, spool.standing().acked + 1);
    }
    assert_eq!(lives, 500);
}

/// The folder in which [`a_reporter_for_another_process`] works, when a test started it as such.
const CHILD_FOLDER: &str = "SPOOL_TEST_CHILD_FOLDER";

#[test]
fn a_reporter_for_another_process() {
    let Some(dir) = std::env::var_os(CHILD_FOLDER) else { return };
    let spool = Arc::new(open(small(Path::new(&dir)), Arc::new(RealDisk)));
    let life = spool.standing().newest;
    let print = |line: String| {
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "\nkept {line}").and_then(|()| out.flush());
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let spool = &spool;
            scope.spawn(move || {
                for n in 0.. {
                    let text = format!("{life}-{thread}-{n}");
                    if let Ok(seq) = spool.append(&finding(&text, Severity::High)) {
                        print(format!("{seq} {text}"));
                    }
                }
            });
        }
    });
}

#[test]
fn a_killed_process_keeps_what_it_was_told_is_kept() {
    use std::io::BufRead as _;
    let dir = tempfile::tempdir().unwrap();
    let chance = Seeded::new(77);
    let mut kept: Vec<(u64, String)> = Vec::new();
    for _ in 0..12 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_reporter_for_another_process", "--nocapture", "--test-threads=1"])
            .env(CHILD_FOLDER, dir.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let enough = 1 + chance.below(12);
        let killed = AtomicBool::new(false);
        let mut seen = 0;
        for line in std::io::BufReader::new(child.stdout.take().unwrap()).lines() {
            let Ok(line) = line else { break };
            let Some(rest) = line.strip_prefix("kept ") else { continue };
            if let Some((seq, text)) = rest.split_once(' ') {
                kept.push((seq.parse().unwrap(), text.to_owned()));
                seen += 1;
            }
            if seen >= enough && !killed.swap(true, Ordering::SeqCst) {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    let events = all(&spool);
    assert_numbers_follow(&events, 1);
    assert!(kept.len() > 12);
    for (seq, text) in kept {
        assert_eq!(events.get(seq as usize - 1).map(|event| word(&event.body)), Some(text.as_str()));
    }
}
