//! Tests of undoing: plans, and every instant of death while documents are put back.

use super::touches::{First, Touch, Touches};
use super::undo::{self, Undo};
use super::*;
use crate::platform::file::{look, open_regular};
use crate::report::ReportError;
use crate::vault::Trust;
use crate::vault::testing::{HandClock, Lcg, act_folder, dies_at, quick_folder};
use baluardo_detect::guard::Actor;
use baluardo_model::{FindingId, Timestamp};
use std::collections::BTreeMap;
use std::path::Path;

struct Silent;

impl Report for Silent {
    fn report(&self, _: EventBody) -> Result<(), ReportError> {
        Ok(())
    }
}

const DOCUMENTS: u8 = 4;

fn finding() -> FindingId {
    FindingId("00000000-0000-7000-8000-00000000000f".parse().unwrap())
}

/// Protection that watches nothing, so that a test alone decides what happens.
pub(super) fn idle(root: &Path, at: i64, seed: u64) -> Arc<Protection> {
    let policy = Policy { scan_folders: Vec::new(), guard_folders: Vec::new(), ..Policy::starting() };
    Protection::start(ProtectSettings {
        state_dir: root.join("state"),
        policy,
        clock: Arc::new(HandClock::at(at)),
        chance: Arc::new(Lcg::new(seed)),
        report: Arc::new(Silent),
        server: None,
        clamd: None,
    })
    .unwrap()
}

fn paths(root: &Path) -> Vec<PathBuf> {
    (0..DOCUMENTS).map(|number| root.join(format!("document {number}"))).collect()
}

fn good(number: usize) -> Vec<u8> {
    vec![b'a' + number as u8; 5_000]
}

/// Four documents in the vault, then attacked: two overwritten, one deleted, one renamed; and a note left behind.
fn attacked() -> (tempfile::TempDir, PathBuf) {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let protection = idle(&root, 1_000, 1);
    for (number, path) in paths(&root).iter().enumerate() {
        std::fs::write(path, good(number)).unwrap();
        let (mut file, look) = open_regular(path).unwrap();
        protection.core.vault.keep(path, &mut file, &look, Trust::Settled).unwrap();
    }
    protection.stop();
    let paths = paths(&root);
    std::fs::write(&paths[0], b"encrypted").unwrap();
    std::fs::write(&paths[1], b"encrypted").unwrap();
    std::fs::remove_file(&paths[2]).unwrap();
    std::fs::rename(&paths[3], root.join("document 3.locked")).unwrap();
    std::fs::write(root.join("note"), b"pay").unwrap();
    (dir, root)
}

/// Copies a folder with all its files, so that every try begins with the same attack.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(super) fn empty(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            std::fs::remove_dir_all(entry.path()).unwrap();
        } else {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}

fn touched(root: &Path) -> BTreeMap<PathBuf, First> {
    let at = Timestamp::from_micros(2_000);
    let changed = paths(root).into_iter().map(|path| (path, First { at, touch: Touch::Changed }));
    let made =
        ["document 3.locked", "note", "gone already"].map(|name| (root.join(name), First { at, touch: Touch::Made }));
    changed.chain(made).collect()
}

fn all_is_well(root: &Path) {
    for (number, path) in paths(root).iter().enumerate() {
        assert_eq!(std::fs::read(path).ok(), Some(good(number)), "{}", path.display());
    }
    let mut names: Vec<_> =
        std::fs::read_dir(root).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["document 0", "document 1", "document 2", "document 3", "state"], "a rest lies about");
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_undo() {
    let Some(root) = act_folder() else { return };
    let protection = idle(&root, 3_000, 2);
    let plan = undo::plan(&protection.core, &touched(&root));
    assert_eq!(undo::undo(&protection.core, finding(), &plan).lost, []);
}

#[test]
fn killed_while_restoring_at_any_step_it_goes_on_at_the_next_start() {
    let (_dir, root) = attacked();
    let saved = quick_folder();
    copy(&root, saved.path());
    for step in 0.. {
        empty(&root);
        copy(saved.path(), &root);
        let died = dies_at("protect::tests::act_undo", &root, step);
        let protection = idle(&root, 4_000, 3);
        let planned = root.join("state/restores").join(finding().to_string()).exists();
        if planned {
            while undo::again(&protection.core, finding()).is_err() {}
        } else {
            // Nothing was begun: the attack's traces are all there, and the documents still in the vault.
            let plan = undo::plan(&protection.core, &touched(&root));
            assert_eq!(undo::undo(&protection.core, finding(), &plan).lost, []);
        }
        protection.stop();
        all_is_well(&root);
        if !died {
            assert!(step > 20, "too few steps were passed: {step}");
            break;
        }
    }
}

#[test]
fn an_unfinished_plan_is_carried_out_at_the_start() {
    let (_dir, root) = attacked();
    // Late enough to have written the plan, early enough not to have carried it out.
    assert!(dies_at("protect::tests::act_undo", &root, 3));
    let protection = idle(&root, 4_000, 3);
    let first = paths(&root);
    while first.iter().any(|path| look(path).is_err()) || root.join("note").exists() {
        std::thread::yield_now();
    }
    protection.stop();
    all_is_well(&root);
}

#[test]
fn the_last_acts_before_a_death_are_undone_too_and_old_deletions_are_not() {
    let (_dir, root) = attacked();
    assert!(dies_at("protect::tests::act_undo", &root, 3));
    // The plan knows nothing of these: the agent died before it saw them.
    let plan = root.join("state/restores").join(finding().to_string());
    let text = std::fs::read_to_string(&plan).unwrap();
    let short: String = text.lines().take(1).map(|line| format!("{line}\n")).collect();
    std::fs::write(&plan, short).unwrap();
    let protection = idle(&root, 4_000, 3);
    let core = &protection.core;
    while std::fs::read(&paths(&root)[0]).unwrap() != good(0) {
        std::thread::yield_now();
    }
    let guarding = Policy { guard_folders: vec![root.display().to_string()], ..core.rules().policy.clone() };
    *core.rules.write().unwrap() = Arc::new(Rules::of(guarding, &core.state_dir).unwrap());
    let written = core.clock.now();
    let found = |written| stranded::stranded(core, &[], written).into_keys().collect::<Vec<_>>();
    let missing = [root.join("document 2"), root.join("document 3")];
    assert!(missing.iter().all(|path| found(written).contains(path)), "{:?}", found(written));
    let known = [Undo::Lost { path: missing[0].clone() }];
    assert!(!stranded::stranded(core, &known, written).contains_key(&missing[0]), "what is planned is planned once");
    let long_ago = Timestamp::from_micros(4_000 - 16 * 60 * 1_000_000);
    assert_eq!(found(long_ago), Vec::<PathBuf>::new(), "by then people may have deleted them");
    protection.stop();
}

#[test]
fn what_was_never_kept_is_lost_and_said_so() {
    let (_dir, root) = attacked();
    let protection = idle(&root, 3_000, 2);
    let unknown = root.join("never kept");
    let touched =
        BTreeMap::from([(unknown.clone(), First { at: Timestamp::from_micros(2_000), touch: Touch::Changed })]);
    let plan = undo::plan(&protection.core, &touched);
    assert_eq!(plan, [Undo::Lost { path: unknown.clone() }]);
    let undone = undo::undo(&protection.core, finding(), &plan);
    assert_eq!((undone.restored, undone.lost.len()), (0, 1));
    assert!(undo::again(&protection.core, finding()).is_err());
    let other = FindingId("00000000-0000-7000-8000-0000000000aa".parse().unwrap());
    assert!(undo::again(&protection.core, other).unwrap_err().contains("no plan"));
}

#[test]
fn touches_before_the_first_sign_are_let_be() {
    let mut touches = Touches::default();
    let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
    let (early, late) = (Path::new("/d/early"), Path::new("/d/late"));
    touches.note(Actor::Known(7), at(10), early, Touch::Changed);
    touches.note(Actor::Known(7), at(10), late, Touch::Changed);
    touches.note(Actor::Known(7), at(100), late, Touch::Changed);
    touches.note(Actor::Known(8), at(100), early, Touch::Changed);
    let since = touches.since(Actor::Known(7), at(99));
    assert_eq!(since, BTreeMap::from([(late.to_owned(), First { at: at(100), touch: Touch::Changed })]));
}

#[test]
fn canaries_are_not_placed_again_while_an_alarm_is_in_hand_or_was_a_moment_ago() {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    let documents = root.join("documents");
    std::fs::create_dir(&documents).unwrap();
    let policy = Policy { scan_folders: Vec::new(), guard_folders: Vec::new(), ..Policy::starting() };
    let guarding = Policy { guard_folders: vec![documents.display().to_string()], ..policy };
    let protection = idle(&root, 1_000, 1);
    // The rules alone are enough here; a sensor would only add events.
    let rules = Arc::new(Rules::of(guarding, &protection.core.state_dir).unwrap());
    *protection.core.rules.write().unwrap() = Arc::clone(&rules);
    let core = &protection.core;
    core.canaries.place(&documents, &|_| false, &core.vault, &core.own);
    let count = || std::fs::read_dir(&documents).unwrap().count();
    assert_eq!(count(), 2);
    let delete =
        || std::fs::read_dir(&documents).unwrap().flatten().for_each(|e| std::fs::remove_file(e.path()).unwrap());
    delete();
    locked(&core.alarmed).insert(Actor::Known(7));
    keeper::mend_canaries(core);
    assert_eq!(count(), 0, "an alarm is in hand");
    locked(&core.alarmed).clear();
    *locked(&core.last_alarm) = Some(Instant::now());
    keeper::mend_canaries(core);
    assert_eq!(count(), 0, "an alarm was a moment ago");
    *locked(&core.last_alarm) = None;
    let undoing = locked(&core.undoing);
    keeper::mend_canaries(core);
    assert_eq!(count(), 0, "files are being put back");
    drop(undoing);
    keeper::mend_canaries(core);
    assert_eq!(count(), 2);
    for _ in 0..4 {
        delete();
        keeper::mend_canaries(core);
    }
    assert_eq!(count(), 0);
    assert!(keeper::note(core).contains("2 bait files are deleted again and again"), "{}", keeper::note(core));
}
