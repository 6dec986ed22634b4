//! Tests of quarantine: round trips, hostile names, and every instant of death.

use super::*;
use crate::platform::file::look;
use crate::vault::testing::{HandClock, Lcg, act_folder, dies_at, quick_folder};
use baluardo_model::FindingId;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

const BYTES: &[u8] = b"not really bad, but the test says so";

fn finding() -> FindingId {
    FindingId("00000000-0000-7000-8000-00000000000f".parse().unwrap())
}

fn open_in(root: &Path, seed: u64) -> (Quarantine, Vec<(Item, QuarantineState)>) {
    let chance = Arc::new(Lcg::new(seed));
    let state = root.join("state");
    std::fs::create_dir_all(&state).unwrap();
    let key = Key::load_or_make(&state.join("key"), chance.as_ref()).unwrap();
    Quarantine::open(&state.join("quarantine"), key, Arc::new(HandClock::at(5_000_000)), chance).unwrap()
}

fn root() -> (tempfile::TempDir, PathBuf) {
    let dir = quick_folder();
    let root = dir.path().canonicalize().unwrap();
    (dir, root)
}

fn held(taken: Taken) -> Item {
    match taken {
        Taken::Held(item) => item,
        Taken::Slipped => panic!("nothing was taken"),
    }
}

#[test]
fn a_file_goes_and_comes_back_as_it_was() {
    let (_dir, root) = root();
    let names: [&[u8]; 4] = [b"plain.doc", b"new\nline.doc", b"not-utf8-\xff\xfe.doc", b"<img src=x onerror=alert(1)>"];
    for (seed, name) in (1..).zip(names) {
        let (quarantine, _) = open_in(&root, seed);
        let path = root.join(OsStr::from_bytes(name));
        std::fs::write(&path, BYTES).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let before = look(&path).unwrap().attributes;
        let item = held(quarantine.take(&path, finding()).unwrap());
        assert!(!path.exists());
        assert!(!std::fs::read(quarantine.sealed(item.id)).unwrap().windows(6).any(|w| w == b"really"));
        assert_eq!(quarantine.release(item.id).unwrap().map(|i| i.path), Some(path.clone()));
        assert_eq!(std::fs::read(&path).unwrap(), BYTES);
        let after = look(&path).unwrap().attributes;
        assert_eq!(
            (after.uid, after.gid, after.mode, after.modified),
            (before.uid, before.gid, before.mode, before.modified)
        );
        assert!(quarantine.allows(&path, &item.sha256));
        assert!(!quarantine.allows(&root.join("elsewhere"), &item.sha256));
    }
}

#[test]
fn orders_a_second_time_change_nothing() {
    let (_dir, root) = root();
    let (quarantine, _) = open_in(&root, 1);
    let (one, two) = (root.join("one"), root.join("two"));
    std::fs::write(&one, BYTES).unwrap();
    std::fs::write(&two, BYTES).unwrap();
    let one_id = held(quarantine.take(&one, finding()).unwrap()).id;
    let two_id = held(quarantine.take(&two, finding()).unwrap()).id;
    assert!(quarantine.release(one_id).unwrap().is_some());
    std::fs::write(&one, b"changed since").unwrap();
    assert!(quarantine.release(one_id).unwrap().is_none());
    assert_eq!(std::fs::read(&one).unwrap(), b"changed since");
    assert!(quarantine.delete(two_id).unwrap().is_some());
    assert!(quarantine.delete(two_id).unwrap().is_none());
    assert!(matches!(quarantine.release(two_id), Err(QuarantineError::Left { .. })));
    assert!(matches!(quarantine.delete(one_id), Err(QuarantineError::Left { .. })));
    assert!(quarantine.held().is_empty());
}

#[test]
fn a_release_never_overwrites_another_file() {
    let (_dir, root) = root();
    let (quarantine, _) = open_in(&root, 1);
    let path = root.join("file");
    std::fs::write(&path, BYTES).unwrap();
    let id = held(quarantine.take(&path, finding()).unwrap()).id;
    std::fs::write(&path, b"new work").unwrap();
    assert!(matches!(quarantine.release(id), Err(QuarantineError::Occupied(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"new work");
    assert_eq!(quarantine.held().len(), 1);
    assert!(!quarantine.allows(&path, &quarantine.held()[0].sha256));
}

#[test]
fn a_link_is_not_followed_into_quarantine() {
    let (_dir, root) = root();
    let (quarantine, _) = open_in(&root, 1);
    std::fs::write(root.join("precious"), BYTES).unwrap();
    std::os::unix::fs::symlink(root.join("precious"), root.join("link")).unwrap();
    assert!(quarantine.take(&root.join("link"), finding()).is_err());
    assert!(root.join("precious").exists());
    assert_eq!(quarantine.take(&root.join("absent"), finding()).unwrap(), Taken::Slipped);
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_take() {
    let Some(root) = act_folder() else { return };
    held(open_in(&root, 3).0.take(&root.join("file"), finding()).unwrap());
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_release() {
    let Some(root) = act_folder() else { return };
    let quarantine = open_in(&root, 4).0;
    quarantine.release(quarantine.held()[0].id).unwrap();
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_delete() {
    let Some(root) = act_folder() else { return };
    let quarantine = open_in(&root, 4).0;
    quarantine.delete(quarantine.held()[0].id).unwrap();
}

/// How many sides have the file, and whether each is whole.
fn sides(root: &Path, quarantine: &Quarantine) -> (bool, bool) {
    let here = std::fs::read(root.join("file")).ok();
    assert!(here.as_deref().is_none_or(|bytes| bytes == BYTES), "a file in its place is always whole");
    let held = quarantine.held();
    for item in &held {
        let mut sealed = std::fs::File::open(quarantine.sealed(item.id)).unwrap();
        assert_eq!(
            crate::vault::seal::open(&quarantine.key, &mut sealed, &mut Vec::new()).unwrap().sha256,
            item.sha256
        );
    }
    let copies = std::fs::read_dir(root.join("state/quarantine")).unwrap().count() - 1;
    assert_eq!(copies, held.len(), "sealed copies and held items differ");
    let rests = std::fs::read_dir(root).unwrap().flatten().filter(|e| e.file_name().as_bytes().starts_with(b"."));
    assert_eq!(rests.count(), 0, "a rest lies beside the file");
    (here.is_some(), held.len() == 1)
}

#[test]
fn killed_while_taking_at_any_step_the_file_is_on_exactly_one_side() {
    for step in 0.. {
        let (_dir, root) = root();
        std::fs::write(root.join("file"), BYTES).unwrap();
        let died = dies_at("quarantine::tests::act_take", &root, step);
        let (quarantine, _) = open_in(&root, 9);
        let (here, held) = sides(&root, &quarantine);
        assert!(here != held, "after step {step}: in its place {here}, held {held}");
        if !died {
            assert!(held && step >= 4, "{step}");
            break;
        }
    }
}

#[test]
fn killed_while_releasing_at_any_step_the_file_is_on_exactly_one_side() {
    for step in 0.. {
        let (_dir, root) = root();
        std::fs::write(root.join("file"), BYTES).unwrap();
        held(open_in(&root, 3).0.take(&root.join("file"), finding()).unwrap());
        let died = dies_at("quarantine::tests::act_release", &root, step);
        let (quarantine, _) = open_in(&root, 9);
        let (here, held) = sides(&root, &quarantine);
        assert!(here != held, "after step {step}: in its place {here}, held {held}");
        if !died {
            assert!(here && step >= 4, "{step}");
            break;
        }
    }
}

#[test]
fn killed_while_destroying_at_any_step_the_file_is_held_or_gone() {
    for step in 0.. {
        let (_dir, root) = root();
        std::fs::write(root.join("file"), BYTES).unwrap();
        held(open_in(&root, 3).0.take(&root.join("file"), finding()).unwrap());
        let died = dies_at("quarantine::tests::act_delete", &root, step);
        let (quarantine, _) = open_in(&root, 9);
        let (here, held) = sides(&root, &quarantine);
        assert!(!here);
        if !died {
            assert!(!held && step >= 1, "{step}");
            break;
        }
    }
}
