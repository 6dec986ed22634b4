//! The real agent, killed and stopped: what the next life tells, who may remove the package, and what somebody at the device can ask.

mod link_stage;

use baluardo_agent::identity::state_dir::StateDir;
use baluardo_model::Timestamp;
use baluardo_model::fleet::Policy;
use baluardo_model::protection::FindingKind;
use baluardo_wire::exchange::EventBody;
use link_stage::brain::{DEVICE, Stage, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const AGENT: &str = env!("CARGO_BIN_EXE_baluardo-agent");

fn start(state: &Path) -> Child {
    start_as(Path::new(AGENT), state, &[])
}

fn start_as(program: &Path, state: &Path, service: &[(&str, &str)]) -> Child {
    let mut command = Command::new(program);
    command.args(["run", "--state"]).arg(state).stderr(Stdio::null());
    command.env_remove("INVOCATION_ID").env_remove("NOTIFY_SOCKET").envs(service.iter().copied());
    command.spawn().unwrap()
}

fn ask(state: &Path, words: &[&str]) -> Output {
    let (act, rest) = words.split_first().unwrap();
    Command::new(AGENT).arg(act).arg("--state").arg(state).args(rest).output().unwrap()
}

fn send(agent: &mut Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(agent.id()).unwrap()), signal).unwrap();
    agent.wait().unwrap();
}

fn stage() -> (tempfile::TempDir, Stage, StateDir) {
    let dir = tempfile::tempdir().unwrap();
    let guarded = dir.path().join("documents");
    std::fs::create_dir(&guarded).unwrap();
    let stage = Stage::sound();
    let state = StateDir::open(&dir.path().join("state")).unwrap();
    let folders = vec![guarded.display().to_string()];
    let policy = Policy { scan_folders: Vec::new(), guard_folders: folders, ..Policy::starting() };
    stage.authority.identity(&stage.server.address, DEVICE).save(&policy, &state).unwrap();
    (dir, stage, state)
}

/// The rules of the findings about tampering that the server has.
fn told(stage: &Stage) -> Vec<String> {
    let rule = |event: &baluardo_wire::exchange::Event| match &event.body {
        EventBody::Finding { finding } if finding.kind == FindingKind::Tampering => {
            Some(finding.reasons[0].rule.clone())
        }
        _ => None,
    };
    stage.brain().kept.iter().filter_map(rule).collect()
}

fn codes(stage: &Stage) -> Vec<String> {
    let code = |event: &baluardo_wire::exchange::Event| match &event.body {
        EventBody::StopCode { code } => Some(code.clone()),
        _ => None,
    };
    stage.brain().kept.iter().filter_map(code).collect()
}

#[test]
fn a_killed_agent_says_so_when_it_is_back_and_one_that_was_stopped_by_hand_does_not() {
    let (_dir, stage, state) = stage();
    for kills in 1..=3 {
        let mut agent = start(state.path());
        until("a life was noted", || state.file("life.json").exists());
        until("what it tells has come", || !codes(&stage).is_empty() && told(&stage).len() + 1 == kills);
        send(&mut agent, Signal::SIGKILL);
    }
    let mut agent = start(state.path());
    until("the last kill was told", || told(&stage).len() == 3);
    send(&mut agent, Signal::SIGTERM);
    let before = stage.brain().exchanges;
    let mut agent = start(state.path());
    until("it speaks again", || stage.brain().exchanges > before + 1);
    send(&mut agent, Signal::SIGTERM);
    assert_eq!(told(&stage), ["agent_killed", "agent_killed", "agent_killed"]);
    assert_eq!(codes(&stage).len(), 1, "the code stays until it is used");
}

/// A copy of the program that a test may replace. Another process writes it: a program that another test starts meanwhile would
/// inherit the open file from us, and what is open for writing does not run.
fn copy_of_agent(folder: &Path, more: &[u8]) -> PathBuf {
    let (path, fresh) = (folder.join("baluardo-agent"), folder.join("baluardo-agent.dpkg-new"));
    let mut writer = Command::new("sh")
        .args(["-ec", "cp \"$1\" \"$2\"; cat >>\"$2\"", "copy", AGENT])
        .arg(&fresh)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writer.stdin.take().unwrap().write_all(more).unwrap();
    assert!(writer.wait().unwrap().success());
    std::fs::rename(fresh, &path).unwrap();
    path
}

#[test]
fn a_program_that_a_package_announced_is_an_update_and_any_other_is_tampering() {
    let (dir, stage, state) = stage();
    let program = copy_of_agent(dir.path(), b"");
    let mut agent = start_as(&program, state.path(), &[]);
    until("the code came", || !codes(&stage).is_empty());
    // As dpkg does it: the file is there first, then the script of the package says so, and ends the old program.
    send(&mut agent, Signal::SIGTERM);
    copy_of_agent(dir.path(), b"an update");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/agent/postinst");
    if Path::new("/run/systemd/system").exists() {
        assert!(Command::new(&program).args(["installed", "--state"]).arg(state.path()).status().unwrap().success());
    } else {
        let script = Command::new("sh")
            .arg("-e")
            .arg(script)
            .arg("configure")
            .env("BALUARDO_AGENT", &program)
            .env("BALUARDO_STATE", state.path())
            .output()
            .unwrap();
        assert!(
            script.status.success() && String::from_utf8_lossy(&script.stdout).contains("belongs here"),
            "{script:?}"
        );
    }
    let before = stage.brain().exchanges;
    let mut agent = start_as(&program, state.path(), &[]);
    until("it speaks again", || stage.brain().exchanges > before + 1);
    assert_eq!(told(&stage), Vec::<String>::new());
    // Now somebody else's, while it runs and at the next start.
    copy_of_agent(dir.path(), b"somebody else's");
    until("the change is told", || told(&stage) == ["program_changed"]);
    send(&mut agent, Signal::SIGTERM);
    copy_of_agent(dir.path(), b"yet another");
    let mut agent = start_as(&program, state.path(), &[]);
    until("the start tells it", || told(&stage) == ["program_changed", "program_replaced"]);
    send(&mut agent, Signal::SIGTERM);
}

/// What systemd does with the unit: it waits for a sign of life, kills who gives none, and starts it again whatever happened.
#[test]
fn an_agent_that_hangs_is_missed_by_the_service_manager_and_the_next_one_says_that_it_was_killed() {
    let (dir, stage, state) = stage();
    let manager = UnixDatagram::bind(dir.path().join("notify")).unwrap();
    let address = dir.path().join("notify").display().to_string();
    let service = [("NOTIFY_SOCKET", address.as_str()), ("WATCHDOG_USEC", "3000000"), ("INVOCATION_ID", "test")];
    let hear = |word: &str| {
        let mut heard = [0; 64];
        loop {
            let length = manager.recv(&mut heard).unwrap();
            if &heard[..length] == word.as_bytes() {
                return;
            }
        }
    };
    let unit = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/agent/baluardo-agent.service"),
    );
    let unit = unit.unwrap();
    for line in [
        "Type=notify",
        "WatchdogSec=",
        "Restart=always",
        "RestartSec=1",
        "StartLimitIntervalSec=0",
        "RefuseManualStop=yes",
    ] {
        assert!(unit.lines().any(|it| it.starts_with(line)), "{line}");
    }
    let mut agent = start_as(Path::new(AGENT), state.path(), &service);
    manager.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
    hear("READY=1");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    kill(Pid::from_raw(i32::try_from(agent.id()).unwrap()), Signal::SIGSTOP).unwrap();
    until("it is stopped", || std::fs::read_to_string(format!("/proc/{}/stat", agent.id())).unwrap().contains(") T "));
    manager.set_nonblocking(true).unwrap();
    while manager.recv(&mut [0; 64]).is_ok() {}
    manager.set_nonblocking(false).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(4))).unwrap();
    assert!(manager.recv(&mut [0; 64]).is_err(), "an agent that hangs gives no sign of life");
    send(&mut agent, Signal::SIGKILL);
    let mut agent = start_as(Path::new(AGENT), state.path(), &service);
    manager.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
    hear("READY=1");
    until("it says so", || told(&stage) == ["agent_killed"]);
    send(&mut agent, Signal::SIGTERM);
    hear("STOPPING=1");
}

#[test]
fn the_package_is_removed_only_with_the_code() {
    let (_dir, stage, state) = stage();
    let mut agent = start(state.path());
    until("the code came", || !codes(&stage).is_empty());
    send(&mut agent, Signal::SIGTERM);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/agent/prerm");
    let remove = || {
        let mut script = Command::new("sh");
        script.arg("-e").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/agent/prerm")).arg("remove");
        script.env("BALUARDO_AGENT", AGENT).env("BALUARDO_STATE", state.path()).output().unwrap()
    };
    assert!(script.is_file());
    let refused = remove();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("unlock --code"), "{refused:?}");
    assert_eq!(ask(state.path(), &["unlock", "--code", "AAAA-BBBB-CCCC"]).status.code(), Some(1));
    assert_eq!(ask(state.path(), &["may-stop"]).status.code(), Some(1));
    assert!(ask(state.path(), &["unlock", "--code", &codes(&stage)[0]]).status.success());
    assert!(ask(state.path(), &["may-stop"]).status.success());
    if Path::new("/run/systemd/system").exists() {
        eprintln!("skipped: on this system the script would stop a service");
        return;
    }
    assert!(remove().status.success());
}

#[test]
fn somebody_at_the_device_rolls_a_folder_back_and_gathers_evidence_without_the_server() {
    let (dir, stage, state) = stage();
    drop(stage);
    let folder = dir.path().join("documents");
    let document = folder.join("delibera.txt");
    std::fs::write(&document, "as it was").unwrap();
    let to = "2026-11-22 10:00";
    let asked = ask(state.path(), &["rollback", "--folder", folder.to_str().unwrap(), "--to", to]);
    assert_eq!(asked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&asked.stderr).contains("does not run"), "{asked:?}");
    assert_eq!(ask(state.path(), &["rollback", "--folder", "/srv", "--to", "soon"]).status.code(), Some(2));

    let mut agent = start(state.path());
    let roll = |moment: Timestamp, dry: bool| {
        let (folder, moment) = (folder.display().to_string(), moment.rfc3339());
        let mut words = vec!["rollback", "--folder", &folder, "--to", &moment];
        words.extend(dry.then_some("--dry-run"));
        ask(state.path(), &words)
    };
    let now = || baluardo_model::Clock::now(&baluardo_agent::ambient::SystemClock);
    let mut moment = now();
    until("the vault has the document", || {
        moment = now();
        String::from_utf8_lossy(&roll(moment, true).stdout).contains("1 are as they were")
    });
    let names = || std::fs::read_dir(&folder).unwrap().count();
    let before = names();
    // The next change must lie after the moment by more than the file system's clock is coarse.
    until("the clock moved on", || now().since(moment) > std::time::Duration::from_millis(50));
    std::fs::write(folder.join("born since.txt"), "new").unwrap();
    std::fs::write(&document, "overwritten").unwrap();
    until("the vault has both", || {
        let said = roll(moment, true);
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        said.contains("1 documents would get their version of then") && said.contains("1 would be set aside")
    });
    assert_eq!(std::fs::read(&document).unwrap(), b"overwritten");
    let done = roll(moment, false);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(std::fs::read(&document).unwrap(), b"as it was");
    assert!(!folder.join("born since.txt").exists());
    assert_eq!(names(), before + 1, "the folder of what was set aside");

    let package = dir.path().join("evidence.tar.gz");
    let made = ask(state.path(), &["evidence", "--out", package.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    assert!(package.is_file());
    send(&mut agent, Signal::SIGTERM);
}
