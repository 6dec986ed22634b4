//! The story of a folder that goes back and forth, thousands of small files, and every instant of death.

use super::*;
use crate::platform::file::open_regular;
use crate::protect::Protection;
use crate::protect::core::Rules;
use crate::protect::tests::{copy, empty, idle};
use crate::vault::Trust;
use crate::vault::testing::{act_folder, dies_at, quick_folder};
use baluardo_model::fleet::Policy;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

const HOUR: i64 = 3_600_000_000;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_micros(hour * HOUR)
}

fn id(last: u8) -> RollbackId {
    RollbackId(format!("00000000-0000-7000-8000-0000000000{last:02x}").parse().unwrap())
}

/// A life of the agent that begins at this hour and guards `root/docs`; the keeper's work is done by hand.
fn life(root: &Path, hour: i64) -> Arc<Protection> {
    let docs = root.join("docs");
    std::fs::create_dir_all(&docs).unwrap();
    let protection = idle(root, hour * HOUR, u64::try_from(hour).unwrap());
    let core = &protection.core;
    let policy = Policy { guard_folders: vec![docs.display().to_string()], ..core.rules().policy.clone() };
    // The keeper of these tests guards nothing; it says so once, and then the test says what is known.
    while !core.dirty.is_told() {
        std::thread::yield_now();
    }
    *core.rules.write().unwrap() = Arc::new(Rules::of(policy, &core.state_dir).unwrap());
    core.vault.known_from(&docs, at(1));
    protection
}

/// What the keeper does once it has looked at everything.
fn keep_all(core: &Core, docs: &Path) {
    for path in core.vault.documents_under(docs) {
        if std::fs::symlink_metadata(&path).is_err() {
            core.vault.gone(&path).unwrap();
        }
    }
    for path in all(docs) {
        let (mut file, look) = open_regular(&path).unwrap();
        core.vault.keep(&path, &mut file, &look, Trust::Settled).unwrap();
    }
    core.vault.know(&[docs.to_owned()]).unwrap();
}

fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    crate::platform::walk::files(folder, &|_| false, &mut |path| found.push(path.to_owned()));
    found.sort();
    found
}

/// Every name below the folder with what it holds and its rights.
fn picture(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let of = |path: PathBuf| {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        (path.strip_prefix(folder).unwrap().to_owned(), (std::fs::read(&path).unwrap(), mode))
    };
    all(folder).into_iter().map(of).collect()
}

fn wish(last: u8, docs: &Path, to: Timestamp) -> Wish {
    Wish { id: id(last), folder: docs.display().to_string(), to }
}

/// Documents of the first hour, and what became of them in the third: two changed, one deleted, one renamed, two new.
fn changed_folder(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let docs = root.join("docs");
    let first = life(root, 1);
    std::fs::create_dir_all(docs.join("below")).unwrap();
    for name in ["a", "b", "c", "below/d", "e"] {
        std::fs::write(docs.join(name), format!("first {name}").repeat(50)).unwrap();
    }
    std::fs::set_permissions(docs.join("b"), std::fs::Permissions::from_mode(0o600)).unwrap();
    keep_all(&first.core, &docs);
    let then = picture(&docs);
    first.stop();
    let third = life(root, 3);
    std::fs::write(docs.join("a"), "later a").unwrap();
    std::fs::write(docs.join("b"), "later b").unwrap();
    std::fs::set_permissions(docs.join("b"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::remove_file(docs.join("c")).unwrap();
    std::fs::rename(docs.join("below/d"), docs.join("below/d renamed")).unwrap();
    std::fs::write(docs.join("new \u{1f4be}"), "born since").unwrap();
    keep_all(&third.core, &docs);
    third.stop();
    then
}

#[test]
fn a_folder_goes_back_to_a_moment_and_forth_again_and_nothing_is_lost() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let docs = root.join("docs");
    let then = changed_folder(&root);
    let before = picture(&docs);
    let protection = life(&root, 5);
    let core = &protection.core;
    let seen = preview(core, &wish(1, &docs, at(2))).unwrap();
    assert_eq!(picture(&docs), before, "a preview touches nothing");
    assert_eq!((seen.tally.changed, seen.tally.returned, seen.tally.aside, seen.tally.same), (2, 2, 2, 1));
    assert_eq!(seen.moments.first().map(|moment| moment.documents), Some(6), "{:?}", seen.moments);

    let done = roll_back(core, &wish(2, &docs, at(2))).unwrap();
    assert_eq!((done.stage, done.acted, done.tally.stuck), (RollbackStage::Done, 6, 0), "{done:?}");
    let aside = PathBuf::from(&done.aside);
    let mut now = picture(&docs);
    now.retain(|path, _| !docs.join(path).starts_with(&aside));
    assert_eq!(now, then);
    assert_eq!(std::fs::read(aside.join("new \u{1f4be}")).unwrap(), b"born since");
    assert_eq!(std::fs::read(aside.join("below/d renamed")).unwrap(), then[Path::new("below/d")].0);

    // An order that comes twice does nothing more.
    assert_eq!(roll_back(core, &wish(2, &docs, at(2))).unwrap().acted, 6);
    protection.stop();
    let later = life(&root, 6);
    let forth = roll_back(&later.core, &wish(3, &docs, at(4))).unwrap();
    assert_eq!(forth.tally.stuck, 0, "{forth:?}");
    let mut now = picture(&docs);
    now.retain(|path, _| !path.to_string_lossy().starts_with(ASIDE));
    assert_eq!(now, before, "what the first one replaced came back");
    later.stop();
}

#[test]
fn thousands_of_small_documents_go_back() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let docs = root.join("docs");
    let first = life(&root, 1);
    let name = |number: usize| docs.join(format!("{}/{number}.txt", number % 40));
    (0..40).for_each(|folder| std::fs::create_dir_all(docs.join(folder.to_string())).unwrap());
    (0..3_000).for_each(|number| std::fs::write(name(number), format!("document {number}")).unwrap());
    keep_all(&first.core, &docs);
    let then = picture(&docs);
    first.stop();
    let third = life(&root, 3);
    for number in 0..3_000 {
        match number % 3 {
            0 => std::fs::write(name(number), "overwritten").unwrap(),
            1 => std::fs::remove_file(name(number)).unwrap(),
            _ => {}
        }
    }
    keep_all(&third.core, &docs);
    third.stop();
    let fifth = life(&root, 5);
    let done = roll_back(&fifth.core, &wish(1, &docs, at(2))).unwrap();
    assert_eq!((done.tally.changed, done.tally.returned, done.tally.same, done.tally.stuck), (1_000, 1_000, 1_000, 0));
    assert_eq!(picture(&docs), then);
    fifth.stop();
}

#[test]
fn what_is_not_known_is_said_and_left_alone() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let docs = root.join("docs");
    changed_folder(&root);
    std::fs::write(docs.join("unknown"), "the vault never saw it").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", docs.join("c")).unwrap();
    let protection = life(&root, 5);
    let core = &protection.core;
    let done = roll_back(core, &wish(1, &docs, at(2))).unwrap();
    let stuck: Vec<&str> = done.stuck.iter().map(|stuck| stuck.path.rsplit('/').next().unwrap()).collect();
    assert_eq!((done.tally.stuck, stuck), (2, vec!["unknown", "c"]));
    assert_eq!(std::fs::read_link(docs.join("c")).unwrap(), Path::new("/etc/passwd"));
    assert_eq!(std::fs::read(docs.join("unknown")).unwrap(), b"the vault never saw it");

    for (folder, to, why) in [
        (root.clone(), at(2), Hindrance::NotGuarded),
        (root.join("nowhere"), at(2), Hindrance::NoFolder),
        (docs.clone(), at(6), Hindrance::NotPast),
        (docs.clone(), Timestamp::from_micros(1), Hindrance::KnownSince),
    ] {
        let refused = preview(core, &wish(2, &folder, to)).unwrap_err();
        assert_eq!(Hindrance::read(&refused).map(|it| it.0), Some(why), "{refused}");
    }
    core.vault.set_superseded_kept(std::time::Duration::from_secs(3_600));
    assert_eq!(preview(core, &wish(2, &docs, at(2))).unwrap_err(), Hindrance::TooFarBack.because(1));
    protection.stop();
}

#[test]
fn a_version_that_had_to_make_room_is_missed_and_not_taken_for_a_birth() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let docs = root.join("docs");
    changed_folder(&root);
    let protection = life(&root, 5);
    let core = &protection.core;
    core.vault.set_superseded_kept(std::time::Duration::from_secs(1));
    core.vault.expire().unwrap();
    core.vault.set_superseded_kept(std::time::Duration::from_secs(24 * 3_600));
    let seen = preview(core, &wish(1, &docs, at(2))).unwrap();
    assert_eq!(seen.tally.aside, 2, "only what was born since: {seen:?}");
    assert_eq!(seen.tally.changed, 0);
    let dropped = Hindrance::VersionDropped.why();
    assert_eq!(seen.stuck.iter().filter(|stuck| stuck.why == dropped).count(), 2, "{seen:?}");
    protection.stop();
}

#[test]
fn what_has_no_room_to_be_kept_first_is_not_overwritten() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let docs = root.join("docs");
    changed_folder(&root);
    let protection = life(&root, 5);
    let core = &protection.core;
    std::fs::write(docs.join("a"), "not kept yet, and there is no room for it").unwrap();
    core.vault.set_budget(1);
    let done = roll_back(core, &wish(1, &docs, at(2))).unwrap();
    assert_eq!(std::fs::read(docs.join("a")).unwrap(), b"not kept yet, and there is no room for it");
    assert!(done.stuck.iter().any(|stuck| stuck.path.ends_with("/a") && stuck.why.contains("no room")), "{done:?}");
    protection.stop();
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_roll_back() {
    let Some(root) = act_folder() else { return };
    let protection = life(&root, 5);
    roll_back(&protection.core, &wish(1, &root.join("docs"), at(2))).unwrap();
    protection.stop();
}

#[test]
fn killed_while_rolling_back_at_any_step_it_is_finished_or_not_begun() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let then = changed_folder(&root);
    let docs = root.join("docs");
    let before = picture(&docs);
    let saved = quick_folder();
    copy(&root, saved.path());
    // Every step of the beginning, and each third of what then comes again for every document.
    for step in (0_u64..).filter(|step| *step < 16 || step.is_multiple_of(3)) {
        empty(&root);
        copy(saved.path(), &root);
        let died = dies_at("protect::rollback::tests::act_roll_back", &root, step);
        let begun = Saved::read(&root.join("state/rollbacks").join(id(1).to_string())).is_ok_and(|saved| saved.whole);
        let protection = life(&root, 6);
        if begun {
            // The same order once more, as the server sends it; the start may have finished it already.
            let done = roll_back(&protection.core, &wish(1, &docs, at(2))).unwrap();
            assert_eq!(done.tally.stuck, 0, "after step {step}: {done:?}");
            let mut now = picture(&docs);
            now.retain(|path, _| !path.to_string_lossy().starts_with(ASIDE));
            assert_eq!(now, then, "after step {step}");
        } else {
            assert_eq!(picture(&docs), before, "after step {step}, before it was begun");
        }
        protection.stop();
        if !died {
            assert!(step > 15, "too few steps were passed: {step}");
            break;
        }
    }
}
