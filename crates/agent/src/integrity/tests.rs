//! Programs, units, settings, policies and records that somebody changed.

use super::places::sha256_of;
use super::record::Installed;
use super::*;
use crate::identity::policy::{Held, save_bare};
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::report::{Report, ReportError};
use crate::stop::{OPEN, permit};
use crate::vault::locked;
use crate::vault::testing::{HandClock, Lcg};
use baluardo_model::fleet::{Order, OrderKind, Policy};
use baluardo_model::{Clock, OrderId, TenantId};
use baluardo_wire::exchange::EventBody;
use baluardo_wire::order::SignedOrder;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

struct House {
    _dir: tempfile::TempDir,
    state: StateDir,
    places: Places,
    clock: Arc<HandClock>,
    identity: Identity,
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A computer that was just enrolled, with a package's program and unit.
fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let (program, unit) = (root.join("usr/bin/baluardo-agent"), root.join("lib/systemd/system/baluardo-agent.service"));
    put(&program, "program one");
    put(&unit, "[Service]");
    let wants = root.join("etc/systemd/system/multi-user.target.wants");
    std::fs::create_dir_all(&wants).unwrap();
    std::os::unix::fs::symlink(&unit, wants.join("baluardo-agent.service")).unwrap();
    let state = StateDir::open(&root.join("state")).unwrap();
    let identity = Identity {
        server: "localhost:1".to_owned(),
        tenant: TenantId("00000000-0000-7000-8000-000000000001".parse().unwrap()),
        device: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
        key: "k".to_owned(),
        certificate_chain: String::new(),
        root: "root".to_owned(),
        order_key: BASE64.encode(key().public_key().as_ref()),
        certified_at: None,
        expires_at: Timestamp::from_micros(i64::MAX / 2),
    };
    let clock = Arc::new(HandClock::at(1_000_000));
    let house = House { _dir: dir, places: Places { image: program.clone(), program, root }, state, clock, identity };
    house.identity.save(&Policy { version: 3, ..Policy::starting() }, &house.state).unwrap();
    note_installed(&house.state, &house.places, house.clock.as_ref(), &Lcg::new(1)).unwrap();
    house
}

impl House {
    fn start(&self) -> Checked {
        at_start(&self.state, &self.identity, &self.places, self.clock.as_ref(), &Lcg::new(2)).unwrap()
    }

    /// The rules of what a start finds wrong.
    fn wrong(&self) -> Vec<&'static str> {
        self.start().wrong.iter().map(|wrong| wrong.rule).collect()
    }

    fn order(&self, version: u64) -> SignedOrder {
        let order = Order {
            id: OrderId("00000000-0000-7000-8000-000000000009".parse().unwrap()),
            device: self.identity.device,
            issued_at: Timestamp::from_micros(1),
            expires_at: Timestamp::from_micros(2),
            order: OrderKind::ApplyPolicy { policy: Box::new(Policy { version, ..Policy::starting() }) },
        };
        SignedOrder::sign(&order, &key()).unwrap()
    }
}

#[test]
fn another_program_is_tampering_until_a_package_says_that_it_belongs_here() {
    let house = house();
    assert!(house.wrong().is_empty());
    put(&house.places.program, "program two");
    assert_eq!(house.wrong(), ["program_replaced"]);
    assert!(house.wrong().is_empty(), "it is told once");
    house.clock.advance(5);
    assert!(note_program(&house.state, &house.places, house.clock.as_ref()).unwrap().is_some());
    let checked = house.start();
    assert!(checked.wrong.is_empty());
    assert_eq!(checked.noted_at, house.clock.now());
    assert_eq!(checked.program, sha256_of(&house.places.program));
    put(&house.places.program, "program three");
    assert_eq!(house.wrong(), ["program_replaced"]);
}

#[test]
fn a_computer_that_is_not_enrolled_has_nothing_to_note() {
    let house = house();
    house.state.remove("identity.json").unwrap();
    assert_eq!(note_program(&house.state, &house.places, house.clock.as_ref()).unwrap(), None);
}

#[test]
fn a_policy_is_followed_only_as_enrolment_left_it_or_under_the_servers_signature() {
    let house = house();
    assert_eq!(house.start().policy.version, 3);
    save_bare(&Policy { version: 3, scan_folders: Vec::new(), ..Policy::starting() }, &house.state).unwrap();
    let checked = house.start();
    assert_eq!((checked.wrong[0].rule, checked.policy.version), ("policy_forged", 0));
    assert_eq!(
        checked.policy.scan_folders,
        Policy::starting().scan_folders,
        "everybody's first policy protects meanwhile"
    );

    Held::Signed { signed: house.order(8) }.save(&house.state).unwrap();
    let checked = house.start();
    assert!(checked.wrong.is_empty() && checked.policy.version == 8, "{:?}", checked.wrong);
    let mut signed = house.order(9);
    signed.signature = house.order(8).signature;
    Held::Signed { signed }.save(&house.state).unwrap();
    assert_eq!(house.wrong(), ["policy_forged"]);
    house.state.write("policy.json", b"{").unwrap();
    assert_eq!(house.wrong(), ["policy_forged"]);
    house.state.remove("policy.json").unwrap();
    assert_eq!(house.wrong(), ["policy_removed"]);
    let other = Order {
        order: OrderKind::Scan { folders: Vec::new() },
        ..house.order(1).proven(&house.identity.order_key, house.identity.device).unwrap()
    };
    Held::Signed { signed: SignedOrder::sign(&other, &key()).unwrap() }.save(&house.state).unwrap();
    assert_eq!(house.wrong(), ["policy_forged"], "another order is no policy");
}

#[test]
fn a_device_of_an_earlier_version_has_no_record_and_raises_no_alarm_and_a_record_that_was_there_is_missed() {
    let house = house();
    house.state.remove("installed.json").unwrap();
    assert!(house.wrong().is_empty());
    assert!(house.wrong().is_empty(), "what was there is on record now");
    let checked = house.start();
    drop(crate::life::begin(&house.state, house.clock.as_ref(), &checked.program, checked.noted_at).unwrap());
    house.state.remove("installed.json").unwrap();
    assert_eq!(house.wrong(), ["record_forged", "policy_forged"], "nothing proves a policy that nobody signed");
    let text = house.state.read("installed.json").unwrap().unwrap();
    house.state.write("installed.json", text.replace("\"enabled\": true", "\"enabled\": false").as_bytes()).unwrap();
    assert!(house.wrong().contains(&"record_forged"));
}

#[test]
fn a_changed_unit_changed_settings_and_a_disabled_service_are_told_once() {
    let house = house();
    let unit = house.places.unit().unwrap();
    put(&unit, "[Service]\nExecStart=/bin/true");
    put(&house.state.file("config.json"), "{}");
    std::fs::remove_file(house.places.root.join("etc/systemd/system/multi-user.target.wants/baluardo-agent.service"))
        .unwrap();
    assert_eq!(house.wrong(), ["unit_changed", "unit_disabled", "config_changed"]);
    assert!(house.wrong().is_empty());
    std::fs::remove_file(unit).unwrap();
    assert_eq!(house.wrong(), ["unit_removed"]);
}

#[test]
fn masks_and_settings_above_the_unit_are_told_apart() {
    let house = house();
    let before = house.places.above();
    assert_eq!(before, Vec::new(), "the link of an enabled service is none");
    let above = house.places.root.join("etc/systemd/system");
    put(&above.join("baluardo-agent.service.d/override.conf"), "[Service]\nExecStart=");
    std::os::unix::fs::symlink("/dev/null", above.join("baluardo-agent.service")).unwrap();
    let now = house.places.above();
    let rules: Vec<_> = look::put_above(&before, &now).iter().map(|wrong| wrong.rule).collect();
    assert_eq!(rules, ["unit_masked", "unit_changed"]);
    assert!(look::put_above(&now, &now).is_empty());
    put(&above.join("baluardo-agent.service.d/override.conf"), "[Service]\nExecStart=/bin/true");
    assert_eq!(look::put_above(&now, &house.places.above()).len(), 1, "a change of it is told too");
}

#[test]
fn what_is_missing_or_changed_in_the_state_folder_is_named() {
    let house = house();
    let checked = house.start();
    let _now = crate::life::begin(&house.state, house.clock.as_ref(), &checked.program, checked.noted_at).unwrap();
    for name in ["vault", "spool"] {
        std::fs::create_dir(house.state.file(name)).unwrap();
    }
    let key = sha256_of(&house.state.file("vault.key"));
    let look = || {
        let record = Installed::read(&house.state).ok().flatten();
        let wrong = look::state(&house.state, &house.identity, record.as_ref(), &key);
        wrong
            .iter()
            .map(|wrong| format!("{} {}", wrong.rule, wrong.path.file_name().unwrap().display()))
            .collect::<Vec<_>>()
    };
    assert_eq!(look(), Vec::<String>::new());
    let other = Identity { order_key: "other".to_owned(), ..house.identity.clone() };
    other.save_renewed(&house.state).unwrap();
    assert_eq!(look(), ["state_changed identity.json"]);
    let renewed = Identity { key: "fresh".to_owned(), ..house.identity.clone() };
    renewed.save_renewed(&house.state).unwrap();
    assert_eq!(look(), Vec::<String>::new(), "a renewed certificate is no other device");
    std::fs::remove_dir(house.state.file("vault")).unwrap();
    assert_eq!(look(), ["state_removed vault"]);
    std::fs::create_dir(house.state.file("vault")).unwrap();
    std::fs::write(house.state.file("vault.key"), [9; 32]).unwrap();
    assert_eq!(look(), ["state_changed vault.key", "record_forged life.json", "record_forged installed.json"]);
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Report for Heard {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        if let EventBody::Finding { finding } = event {
            locked(&self.0).push(finding.reasons[0].rule.clone());
        }
        Ok(())
    }
}

fn until(what: &str, done: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !done() {
        assert!(begun.elapsed().as_secs() < 120, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn the_watch_tells_of_what_changes_while_it_runs_and_not_of_what_somebody_who_might_takes_away() {
    let house = house();
    let checked = house.start();
    let _now = crate::life::begin(&house.state, house.clock.as_ref(), &checked.program, checked.noted_at).unwrap();
    for name in ["vault", "spool"] {
        std::fs::create_dir(house.state.file(name)).unwrap();
    }
    let heard = Arc::new(Heard::default());
    let report: Arc<dyn Report> = Arc::<Heard>::clone(&heard);
    let clock: Arc<dyn Clock> = Arc::<HandClock>::clone(&house.clock);
    let watch = SelfWatch::start(WatchSettings {
        state: house.state.clone(),
        places: house.places.clone(),
        identity: house.identity.clone(),
        program: checked.program,
        report,
        clock,
        chance: Arc::new(Lcg::new(3)),
        alive: Box::new(|| Ok(())),
        notifier: None,
    })
    .unwrap();
    let told = |rule: &str| locked(&heard.0).iter().filter(|it| *it == rule).count();
    put(&house.state.file("config.json"), "{}");
    until("settings", || told("config_changed") == 1);
    put(&house.places.program, "another program");
    until("program", || told("program_changed") == 1);
    put(&house.places.program, "program one");
    put(&house.state.file("config.json"), "{\"clamd\":\"/x\"}");
    until("settings again", || told("config_changed") == 2);

    permit(&house.state, house.clock.now().plus(OPEN)).unwrap();
    std::fs::remove_file(&house.places.program).unwrap();
    std::fs::remove_file(house.places.unit().unwrap()).unwrap();
    // The state folder is looked at all the same, and after the rest.
    std::fs::remove_dir(house.state.file("vault")).unwrap();
    until("the vault", || told("state_removed") == 1);
    drop(watch);
    assert_eq!(told("program_removed") + told("unit_removed"), 0, "{:?}", locked(&heard.0));
}
