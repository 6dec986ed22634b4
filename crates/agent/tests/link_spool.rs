//! The spool keeps what it took, in order, whatever happens to the disk and the process.

mod link_stage;

use baluardo_agent::spool::disk::RealDisk;
use baluardo_agent::spool::{MAX_EVENT_BYTES, Spool, SpoolError, SpoolSettings};
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::Event;
use link_stage::{BadDisk, Hand, Seeded, finding, open, small, word};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn all(spool: &Spool) -> Vec<Event> {
    spool.batch(usize::MAX, usize::MAX).unwrap()
}

fn words(spool: &Spool) -> Vec<String> {
    all(spool).iter().map(|event| word(&event.body).to_owned()).collect()
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir.join("spool"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "events"))
        .collect();
    found.sort();
    found
}

fn assert_numbers_follow(events: &[Event], first: u64) {
    for (expected, event) in (first..).zip(events) {
        assert_eq!(event.seq, expected);
    }
}

#[test]
fn events_come_back_in_order_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=60 {
        assert_eq!(spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap(), n);
    }
    drop(spool);
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    assert_eq!(words(&spool), (1..=60).map(|n| format!("e{n}")).collect::<Vec<_>>());
    assert_eq!(spool.append(&finding("more", Severity::Info)).unwrap(), 61);
    assert_numbers_follow(&all(&spool), 1);
}

#[test]
fn what_the_server_has_is_forgotten_and_never_given_again() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=60 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    let before = segments(dir.path()).len();
    spool.ack(50).unwrap();
    assert!(segments(dir.path()).len() < before);
    assert_eq!(all(&spool).first().unwrap().seq, 51);
    // Late and senseless acknowledgements change nothing.
    spool.ack(7).unwrap();
    spool.ack(61).unwrap();
    drop(spool);
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    assert_eq!(all(&spool).first().unwrap().seq, 51);
    spool.ack(60).unwrap();
    drop(spool);
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    assert_eq!(segments(dir.path()), Vec::<PathBuf>::new());
    assert_eq!(spool.append(&finding("next", Severity::Info)).unwrap(), 61);
}

#[test]
fn a_batch_is_bounded_in_number_and_bytes_but_never_empty_while_events_wait() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=9 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    assert_eq!(spool.batch(4, usize::MAX).unwrap().len(), 4);
    assert_eq!(spool.batch(100, 1).unwrap().len(), 1);
    let two = spool.batch(100, 900).unwrap();
    assert!(two.len() > 1 && two.len() < 9, "{}", two.len());
}

#[test]
fn the_clock_may_jump_and_the_order_stays() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Hand::at(1_000);
    let spool =
        Spool::open(small(dir.path()), Arc::new(RealDisk), Arc::<Hand>::clone(&clock), &Seeded::new(1)).unwrap();
    for (n, time) in [1_000, 9_999_999, -50, 0, 2_000].into_iter().enumerate() {
        clock.set(time);
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    drop(spool);
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    assert_eq!(words(&spool), ["e0", "e1", "e2", "e3", "e4"]);
    assert_eq!(all(&spool)[2].at.micros(), -50_000_000);
}

#[test]
fn an_event_that_no_message_could_carry_is_refused_by_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(SpoolSettings::in_folder(dir.path().join("spool")), Arc::new(RealDisk));
    let error = spool.append(&finding(&"x".repeat(MAX_EVENT_BYTES), Severity::Critical)).unwrap_err();
    assert!(matches!(error, SpoolError::TooLarge { .. }), "{error}");
    assert_eq!(spool.append(&finding("ok", Severity::Info)).unwrap(), 1);
}

#[test]
fn reporters_that_come_together_share_writes_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(small(dir.path()), Arc::new(RealDisk)));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let spool = Arc::clone(&spool);
            std::thread::spawn(move || {
                (0..25)
                    .map(|n| spool.append(&finding(&format!("t{thread}-{n}"), Severity::High)).unwrap())
                    .collect::<Vec<u64>>()
            })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for thread in threads {
        let got = thread.join().unwrap();
        assert!(got.is_sorted(), "one reporter's events keep their order");
        numbers.extend(got);
    }
    assert_eq!(numbers, (1..=200).collect());
    assert_eq!(words(&spool).into_iter().collect::<BTreeSet<_>>().len(), 200);
}

#[test]
fn a_full_spool_refuses_by_name_keeps_the_gravest_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let settings = SpoolSettings { max_bytes: 4 * 4096, ..small(dir.path()) };
    let spool = open(settings.clone(), Arc::new(RealDisk));
    let mut kept = 0;
    let error = loop {
        match spool.append(&finding("some", Severity::Info)) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SpoolError::Full { .. }), "{error}");
    assert!(error.to_string().contains("spool_bytes"), "{error}");
    assert_eq!(spool.append(&finding("grave", Severity::Critical)).unwrap(), kept + 1);
    assert!(spool.append(&finding("some", Severity::Info)).is_err(), "the room in reserve is for what matters most");
    let reached: u64 = segments(dir.path()).iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
    assert!(reached <= settings.max_bytes);
    drop(spool);
    let spool = open(settings, Arc::new(RealDisk));
    assert_eq!(words(&spool).last().map(String::as_str), Some("grave"));
    spool.ack(kept).unwrap();
    assert_eq!(spool.append(&finding("again", Severity::Info)).unwrap(), kept + 2);
}

#[test]
fn a_full_disk_is_said_and_the_spool_opens_and_acknowledges_on_it() {
    let dir = tempfile::tempdir().unwrap();
    let disk = BadDisk::sound();
    let spool = open(small(dir.path()), Arc::<BadDisk>::clone(&disk));
    spool.append(&finding("before", Severity::Info)).unwrap();
    drop(spool);
    disk.set_full(true);
    let spool = open(small(dir.path()), Arc::<BadDisk>::clone(&disk));
    let error = spool.append(&finding("some", Severity::Info)).unwrap_err();
    assert!(matches!(error, SpoolError::DiskFull { .. }) && error.to_string().contains("free some space"), "{error}");
    assert_eq!(spool.append(&finding("grave", Severity::High)).unwrap(), 2);
    assert_eq!(words(&spool), ["before", "grave"]);
    spool.ack(1).unwrap();
    disk.set_full(false);
    assert_eq!(spool.append(&finding("after", Severity::Info)).unwrap(), 3);
    assert_eq!(words(&spool), ["grave", "after"]);
}

#[test]
fn a_failed_write_goes_to_fresh_blocks_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let disk = BadDisk::sound();
    let spool = open(small(dir.path()), Arc::<BadDisk>::clone(&disk));
    spool.append(&finding("one", Severity::Info)).unwrap();
    disk.fail_writes(1);
    assert_eq!(spool.append(&finding("two", Severity::Info)).unwrap(), 2);
    disk.fail_writes(2);
    assert!(matches!(spool.append(&finding("lost", Severity::Info)), Err(SpoolError::Disk { .. })));
    assert_eq!(spool.append(&finding("three", Severity::Info)).unwrap(), 3);
    assert_eq!(words(&spool), ["one", "two", "three"]);
    drop(spool);
    assert_eq!(words(&open(small(dir.path()), disk)), ["one", "two", "three"]);
}

#[test]
fn what_was_refused_is_not_found_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let disk = BadDisk::sound();
    let spool = open(small(dir.path()), Arc::<BadDisk>::clone(&disk));
    spool.append(&finding("one", Severity::Info)).unwrap();
    disk.fail_syncs(2);
    assert!(spool.append(&finding("refused", Severity::Info)).is_err());
    drop(spool);
    assert_eq!(words(&open(small(dir.path()), disk)), ["one"]);
}

#[test]
fn a_tail_cut_at_any_byte_costs_only_what_lies_behind_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), BadDisk::sound());
    for n in 1..=4 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    drop(spool);
    let path = segments(dir.path()).remove(0);
    // Opened once, the file ends with its last event.
    drop(open(small(dir.path()), BadDisk::sound()));
    let whole = std::fs::read(&path).unwrap();
    let mut seen = BTreeSet::new();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let spool = open(small(dir.path()), BadDisk::sound());
        let left = all(&spool);
        assert_numbers_follow(&left, 1);
        seen.insert(left.len());
        let next = spool.append(&finding("next", Severity::Info)).unwrap();
        assert_eq!(next, left.len() as u64 + 1, "numbers go on without a gap");
        assert_eq!(words(&spool).last().map(String::as_str), Some("next"));
        drop(spool);
        for segment in segments(dir.path()) {
            std::fs::remove_file(segment).unwrap();
        }
    }
    assert_eq!(seen, (0..=4).collect());
}

#[test]
fn events_that_a_failing_disk_ate_are_told_as_lost_under_their_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=40 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    drop(spool);
    for (which, at) in [(0, 1_000), (1, 0)] {
        let path = segments(dir.path()).remove(which);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at..at + 40].fill(0xaa);
        std::fs::write(&path, bytes).unwrap();
    }
    for _ in 0..2 {
        let spool = open(small(dir.path()), Arc::new(RealDisk));
        let events = all(&spool);
        assert_eq!(events.len(), 40);
        assert_numbers_follow(&events, 1);
        assert_eq!(word(&events[0].body), "e1");
        assert_eq!(word(&events[39].body), "e40");
        let lost = events.iter().filter(|event| word(&event.body).ends_with(".damaged")).count();
        assert!(lost > 2, "{lost}");
    }
}

#[test]
fn a_server_that_lost_events_gets_them_again_while_they_are_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=6 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    spool.ack(5).unwrap();
    assert_eq!(spool.send_again_after(2).unwrap(), None);
    assert_eq!(words(&spool), ["e3", "e4", "e5", "e6"]);
    assert_numbers_follow(&all(&spool), 3);
}

#[test]
fn a_server_that_lost_more_than_is_on_disk_gets_the_rest_under_the_old_numbers_and_what_is_gone_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=60 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    spool.ack(59).unwrap();
    let gone = spool.send_again_after(3).unwrap().unwrap();
    assert_eq!(gone.after, 3);
    let events = all(&spool);
    assert_numbers_follow(&events, gone.until + 1);
    assert_eq!(events[0].seq, gone.until + 1);
    for event in &events {
        assert_eq!(word(&event.body), format!("e{}", event.seq), "no number ever means another event");
    }
    assert!(events.len() > 1 && events.len() < 57, "{}", events.len());
    // A crash before the server was told: the next life comes to the same.
    drop(spool);
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    assert_eq!(spool.send_again_after(3).unwrap(), Some(gone));
    spool.ack(60).unwrap();
    assert_eq!(spool.standing().backlog(), 0);
    spool.append(&finding("next", Severity::Info)).unwrap();
    assert_numbers_follow(&all(&spool), 61);
}

#[test]
fn a_server_that_knows_more_gets_what_waits_under_fresh_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(small(dir.path()), Arc::new(RealDisk));
    for n in 1..=3 {
        spool.append(&finding(&format!("e{n}"), Severity::Info)).unwrap();
    }
    spool.go_on_after(900).unwrap();
    assert_numbers_follow(&all(&spool), 901);
    spool.ack(902).unwrap();
    assert_eq!(words(&spool), ["e3"]);
}
