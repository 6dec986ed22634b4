//! The command line: what it says, in which language, and with which exit code.

mod link_stage;

use baluardo_agent::cli::StatusReport;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_model::fleet::Policy;
use link_stage::Hand;
use link_stage::authority::Authority;
use link_stage::brain::{DEVICE, Device, NOW, Stage, until};
use std::path::Path;
use std::process::{Command, Output};

fn agent(args: &[&str], state: &Path, lang: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo-agent"));
    command.args(args).env("LC_ALL", lang);
    if args[0] != "version" && args[0] != "--help" {
        command.arg("--state").arg(state);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn before_enrolment_everything_says_how_to_enrol() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let run = agent(&["run"], &state, "C");
    assert_eq!(run.status.code(), Some(3));
    assert!(text(&run.stderr).contains("baluardo-agent enrol"), "{}", text(&run.stderr));
    let status = agent(&["status"], &state, "C");
    assert_eq!(status.status.code(), Some(3));
    assert!(text(&status.stdout).contains("to enrol"));
    let json: serde_json::Value =
        serde_json::from_str(&text(&agent(&["status", "--json"], &state, "C").stdout)).unwrap();
    assert_eq!(json["enrolled"], false);
    assert!(!state.exists(), "looking changes nothing");
}

#[test]
fn a_bad_token_is_told_in_english_and_where_wanted_in_italian() {
    let dir = tempfile::tempdir().unwrap();
    let english = agent(&["enrol", "hello"], dir.path(), "C.UTF-8");
    assert_eq!(english.status.code(), Some(1));
    assert!(text(&english.stderr).contains("must begin with BAL1.") && !text(&english.stderr).contains("codice"));
    let italian = agent(&["enrol", "hello"], dir.path(), "it_IT.UTF-8");
    assert!(text(&italian.stderr).contains("deve iniziare con BAL1."), "{}", text(&italian.stderr));
}

#[test]
fn help_tells_the_exit_codes_and_wrong_usage_is_two() {
    let help = agent(&["--help"], Path::new("/"), "C");
    assert!(help.status.success() && text(&help.stdout).contains("3  this computer is not enrolled"));
    assert_eq!(agent(&["fly"], Path::new("/"), "C").status.code(), Some(2));
    assert!(text(&agent(&["version"], Path::new("/"), "C").stdout).starts_with("baluardo-agent "));
}

#[test]
fn a_folder_in_use_and_a_damaged_identity_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(dir.path()).unwrap();
    Authority::new().identity("localhost:1", DEVICE).save(&Policy::starting(), &state).unwrap();
    let lock = state.lock().unwrap();
    let run = agent(&["run"], dir.path(), "C");
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("another agent"), "{}", text(&run.stderr));
    drop(lock);
    state.write("identity.json", b"{\"server\":").unwrap();
    let run = agent(&["run"], dir.path(), "C");
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).contains("identity.json cannot be read"), "{}", text(&run.stderr));
}

#[test]
fn status_tells_contact_backlog_and_coverage() {
    let stage = Stage::sound();
    let device = Device::start(&stage);
    let state = StateDir::existing(device.dir.path());
    stage.authority.identity(&stage.server.address, DEVICE).save(&Policy::starting(), &state).unwrap();
    let report = || StatusReport::of(&state, &*Hand::at(NOW)).unwrap();
    until("contact is told", || report().last_contact.is_some());
    let report = report();
    assert_eq!((report.backlog, report.trouble.as_str(), report.policy_version), (0, "", Some(4)));
    let text = report.text();
    assert!(text.contains(DEVICE) && text.contains("just after they are written") && text.contains("2026"), "{text}");
}
