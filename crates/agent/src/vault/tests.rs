//! Tests of the vault: what it keeps, what goes first, and every instant of death.

use super::seal::sha256_hex;
use super::testing::{HandClock, Lcg, act_folder, dies_at, quick_folder};
use super::*;
use crate::platform::file::open_regular;

struct Bench {
    _dir: tempfile::TempDir,
    root: PathBuf,
    clock: Arc<HandClock>,
    vault: Vault,
}

fn vault_in(root: &Path, budget: u64, clock: &Arc<HandClock>) -> Vault {
    let chance = Arc::new(Lcg::new(7));
    std::fs::create_dir_all(root).unwrap();
    let key = Key::load_or_make(&root.join("key"), chance.as_ref()).unwrap();
    Vault::open(&root.join("vault"), key, budget, Arc::clone(clock) as Arc<dyn Clock>, chance).unwrap()
}

fn bench(budget: u64) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let clock = Arc::new(HandClock::at(1_000));
    Bench { vault: vault_in(&root, budget, &clock), root, clock, _dir: dir }
}

impl Bench {
    fn write_and_keep(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, KeepError> {
        let path = self.root.join(name);
        std::fs::write(&path, bytes).unwrap();
        self.clock.advance(10);
        keep(&self.vault, &path)?;
        Ok(path)
    }
}

fn keep(vault: &Vault, path: &Path) -> Result<(), KeepError> {
    let (mut file, look) = open_regular(path).unwrap();
    vault.keep(path, &mut file, &look, Trust::Settled)
}

fn bytes_of(vault: &Vault, version: &Version) -> Vec<u8> {
    let mut bytes = Vec::new();
    vault.read(&version.sha256, &mut bytes).unwrap();
    bytes
}

/// Bytes that no compression shortens.
fn noise(seed: u8, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    Lcg::new(u64::from(seed) << 32).fill(&mut bytes);
    bytes
}

#[test]
fn an_older_version_is_found_by_its_time() {
    let bench = bench(1 << 20);
    let path = bench.write_and_keep("a", b"first").unwrap();
    let attack = bench.clock.now().plus(Duration::from_micros(1));
    bench.write_and_keep("a", b"second").unwrap();
    assert_eq!(bytes_of(&bench.vault, &bench.vault.newest(&path).unwrap()), b"second");
    assert_eq!(bytes_of(&bench.vault, &bench.vault.before(&path, attack).unwrap()), b"first");
    assert_eq!(bench.vault.before(&path, Timestamp::from_micros(0)), None);
}

#[test]
fn the_same_content_again_keeps_its_first_time() {
    let bench = bench(1 << 20);
    let path = bench.write_and_keep("a", b"same").unwrap();
    let first = bench.vault.newest(&path).unwrap().kept_at;
    bench.write_and_keep("a", b"same").unwrap();
    assert_eq!(bench.vault.newest(&path).unwrap().kept_at, first);
    assert_eq!(bench.vault.filling(), (1, 4));
}

#[test]
fn past_versions_go_before_present_ones_and_large_before_small() {
    let bench = bench(300);
    let old = bench.write_and_keep("old", &noise(1, 100)).unwrap();
    bench.write_and_keep("old", &noise(2, 100)).unwrap();
    bench.write_and_keep("small", &noise(3, 50)).unwrap();
    bench.write_and_keep("next", &noise(4, 60)).unwrap();
    assert_eq!(bench.vault.before(&old, bench.clock.now()).unwrap().sha256, sha256_hex(&noise(2, 100)));
    assert_eq!(bench.vault.filling(), (3, 210));
    let last = bench.write_and_keep("last", &noise(5, 95)).unwrap();
    assert_eq!(bench.vault.newest(&old), None, "the largest present one had to go");
    assert!(bench.vault.newest(&last).is_some());
}

#[test]
fn what_finds_no_room_is_refused_and_counted() {
    let bench = bench(100);
    bench.write_and_keep("a", &noise(1, 90)).unwrap();
    assert!(matches!(bench.write_and_keep("b", &noise(2, 95)), Err(KeepError::Full { .. })));
    assert_eq!(bench.vault.left_out(), 1);
    bench.vault.set_budget(1_000);
    bench.write_and_keep("b", &noise(2, 95)).unwrap();
    assert_eq!(bench.vault.left_out(), 0);
}

#[test]
fn where_there_is_room_for_one_only_a_settled_version_replaces_the_last() {
    let bench = bench(100);
    let path = bench.write_and_keep("a", &noise(1, 90)).unwrap();
    std::fs::write(&path, noise(2, 90)).unwrap();
    let (mut file, look) = open_regular(&path).unwrap();
    assert!(bench.vault.keep(&path, &mut file, &look, Trust::Fresh).is_err());
    assert_eq!(bench.vault.newest(&path).unwrap().sha256, sha256_hex(&noise(1, 90)));
    keep(&bench.vault, &path).unwrap();
    assert_eq!(bench.vault.newest(&path).unwrap().sha256, sha256_hex(&noise(2, 90)));
}

#[test]
fn pinned_contents_stay_whatever_the_budget_says() {
    let bench = bench(100);
    bench.write_and_keep("a", &noise(1, 90)).unwrap();
    bench.vault.pin([sha256_hex(&noise(1, 90))]);
    assert!(bench.write_and_keep("b", &noise(2, 20)).is_err());
    bench.vault.unpin([&sha256_hex(&noise(1, 90))]);
    bench.write_and_keep("b", &noise(2, 20)).unwrap();
}

#[test]
fn a_deleted_document_expires_and_leaves_no_object() {
    let bench = bench(1 << 20);
    let path = bench.write_and_keep("a", b"short-lived").unwrap();
    bench.vault.gone(&path).unwrap();
    bench.vault.expire().unwrap();
    assert!(bench.vault.newest(&path).is_some(), "too early");
    bench.clock.advance(25 * 3_600 * 1_000_000);
    bench.vault.expire().unwrap();
    assert_eq!(bench.vault.filling(), (0, 0));
    assert!(objects_present(&bench.root.join("vault/objects")).unwrap().is_empty());
}

#[test]
fn what_was_kept_is_there_after_a_restart_and_no_plain_byte_lies_on_disk() {
    let bench = bench(1 << 20);
    let path = bench.write_and_keep("a", b"a very secret deliberation of the council").unwrap();
    let again = vault_in(&bench.root, 1 << 20, &bench.clock);
    assert_eq!(again.newest(&path), bench.vault.newest(&path));
    let object = object_path(&bench.root.join("vault"), &again.newest(&path).unwrap().sha256);
    let sealed = std::fs::read(object).unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"secret"));
}

#[test]
fn a_large_document_is_kept_piece_by_piece_and_costs_the_budget_what_it_takes() {
    let bench = bench(3 << 20);
    let text: Vec<u8> = (0..200_000).flat_map(|n| format!("protocollo {n};").into_bytes()).collect();
    assert!(text.len() as u64 > AT_ONCE);
    let path = bench.write_and_keep("registro.csv", &text).unwrap();
    let version = bench.vault.newest(&path).unwrap();
    assert_eq!((version.size, version.sha256.clone()), (text.len() as u64, sha256_hex(&text)));
    assert!(bytes_of(&bench.vault, &version) == text);
    let (_, room) = bench.vault.filling();
    assert!(room < version.size / 2, "{room} of {}", version.size);
    let copy = bench.write_and_keep("copia.csv", &text).unwrap();
    assert_eq!(bench.vault.filling(), (2, room), "the same content costs nothing again");
    let again = vault_in(&bench.root, 3 << 20, &bench.clock);
    assert_eq!((again.filling(), again.newest(&copy).unwrap().packed), ((2, room), Some(room)));
    let large = noise(9, 2 << 20);
    bench.write_and_keep("foto.raw", &large).unwrap();
    assert_eq!(bench.vault.filling(), (3, room + large.len() as u64));
}

#[test]
fn a_damaged_object_is_an_error_and_not_a_wrong_file() {
    let bench = bench(1 << 20);
    let path = bench.write_and_keep("a", b"content").unwrap();
    let version = bench.vault.newest(&path).unwrap();
    let object = object_path(&bench.root.join("vault"), &version.sha256);
    let mut bytes = std::fs::read(&object).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(object, bytes).unwrap();
    assert!(bench.vault.read(&version.sha256, &mut Vec::new()).is_err());
}

/// Keeps five versions of two documents under a budget that forces evictions.
#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_keep() {
    let Some(root) = act_folder() else { return };
    let vault = vault_in(&root, 250, &Arc::new(HandClock::at(1_000)));
    for round in 0..5_u8 {
        let path = root.join(format!("doc{}", round % 2));
        std::fs::write(&path, noise(round, 100)).unwrap();
        keep(&vault, &path).unwrap();
    }
}

#[test]
fn a_vault_killed_at_any_step_opens_again_whole() {
    for step in 0.. {
        let dir = quick_folder();
        let root = dir.path().canonicalize().unwrap();
        let died = dies_at("vault::tests::act_keep", &root, step);
        let vault = vault_in(&root, 250, &Arc::new(HandClock::at(9_000)));
        let inner = locked(&vault.inner);
        let present = objects_present(&root.join("vault/objects")).unwrap();
        let named: HashSet<String> = present.iter().filter(|name| inner.index.names_object(name)).cloned().collect();
        assert_eq!(named, present, "an object without a version after step {step}");
        assert!(inner.index.bytes() <= 250);
        drop(inner);
        for path in vault.documents_under(&root) {
            let version = vault.newest(&path).unwrap();
            assert_eq!(sha256_hex(&bytes_of(&vault, &version)), version.sha256);
        }
        if !died {
            assert!(step > 10, "too few steps were passed: {step}");
            break;
        }
    }
}

#[test]
fn too_much_past_goes_oldest_first_and_what_is_no_longer_known_is_said() {
    let bench = bench(1 << 30);
    bench.vault.know(std::slice::from_ref(&bench.root)).unwrap();
    for number in 0..30 {
        bench.write_and_keep("a", format!("version {number}").as_bytes()).unwrap();
    }
    for number in 0..30 {
        let gone = bench.write_and_keep(&format!("gone-{number}"), format!("{number}").as_bytes()).unwrap();
        std::fs::remove_file(&gone).unwrap();
        bench.vault.gone(&gone).unwrap();
    }
    let past = |vault: &Vault| locked(&vault.inner).index.superseded_beyond(0, &HashSet::new()).len();
    assert_eq!(past(&bench.vault), 59);
    bench.vault.bound(&mut locked(&bench.vault.inner), 60).unwrap();
    assert_eq!(past(&bench.vault), 59, "there is room for all");
    let known = bench.vault.known_since(&bench.root);
    bench.vault.bound(&mut locked(&bench.vault.inner), 20).unwrap();
    assert_eq!(past(&bench.vault), 18, "a tenth goes beyond the bound, so that not every save counts anew");
    assert!(bench.vault.newest(&bench.root.join("a")).is_some(), "what is there now stays");
    assert!(locked(&bench.vault.inner).index.lost.len() <= 20);
    locked(&bench.vault.inner).index.bound_lost(4);
    assert!(locked(&bench.vault.inner).index.lost.len() <= 4);
    assert!(bench.vault.known_since(&bench.root) > known, "moments before what was forgotten are refused");
}
