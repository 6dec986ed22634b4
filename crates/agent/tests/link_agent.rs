//! The real agent against a server: it starts, speaks, obeys, and stops when told; its memory and its speed are printed.

mod link_stage;

use baluardo_agent::identity::state_dir::StateDir;
use baluardo_model::fleet::{OrderOutcome, Policy};
use baluardo_wire::wake::WAKE;
use link_stage::brain::{DEVICE, NOW, Stage, order, order_id, scan, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn start(state: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_baluardo-agent"))
        .args(["run", "--state"])
        .arg(state)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Asks the agent to stop and waits until it has.
fn stop(mut agent: Child) -> std::process::ExitStatus {
    kill(Pid::from_raw(i32::try_from(agent.id()).unwrap()), Signal::SIGTERM).unwrap();
    agent.wait().unwrap()
}

fn memory_of(agent: &Child) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", agent.id())).unwrap();
    let wanted = ["VmRSS", "RssAnon", "Threads"];
    status.lines().filter(|line| wanted.iter().any(|name| line.starts_with(name))).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_agent_starts_obeys_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let guarded = dir.path().join("documents");
    std::fs::create_dir(&guarded).unwrap();
    let stage = Stage::sound();
    let state = StateDir::open(&dir.path().join("state")).unwrap();
    let folders = vec![guarded.display().to_string()];
    let policy = Policy { scan_folders: folders.clone(), guard_folders: folders, ..Policy::starting() };
    stage.authority.identity(&stage.server.address, DEVICE).save(&policy, &state).unwrap();
    let agent = start(state.path());
    until("the agent is on the line", || stage.server.streams.load(Ordering::SeqCst) == 1);
    until("it has told how it is", || stage.brain().exchanges >= 2);
    // The order's end lies far ahead, because this agent has the real clock.
    let far = NOW + 3_600 * 24 * 3_650;
    stage.brain().orders.push(order(&stage.authority, 1, DEVICE, far, scan(&guarded.display().to_string())));
    stage.server.say(WAKE);
    until("the order is answered", || !stage.brain().ended().is_empty());
    let ended = stage.brain().ended();
    assert_eq!((ended[0].0, ended[0].1), (order_id(1), OrderOutcome::Done), "{}", ended[0].2);
    figures(&stage, &agent);
    let status = stop(agent);
    assert_eq!(status.code(), Some(0), "told to stop, it ends well");
    assert!(!state.in_use());
    // Without a server it starts and stops as well.
    drop(stage);
    let agent = start(state.path());
    until("it runs", || state.in_use());
    until("it says that nobody answers", || {
        std::fs::read_to_string(state.file("contact.json")).is_ok_and(|text| text.contains("cannot be reached"))
    });
    assert_eq!(stop(agent).code(), Some(0));
}

/// Prints what the documentation tells of: nothing here can fail for being slow.
fn figures(stage: &Stage, agent: &Child) {
    std::thread::sleep(Duration::from_millis(300));
    println!("memory of the idle agent: {}", memory_of(agent));
    let mut waits: Vec<Duration> = (0..50)
        .map(|_| {
            let before = stage.brain().exchanges;
            let said = Instant::now();
            stage.server.say(WAKE);
            while stage.brain().exchanges == before {
                std::thread::sleep(Duration::from_micros(100));
            }
            said.elapsed()
        })
        .collect();
    waits.sort();
    println!("from wake-up to exchange: median {:?}, most {:?}", waits[waits.len() / 2], waits[waits.len() - 1]);
}
