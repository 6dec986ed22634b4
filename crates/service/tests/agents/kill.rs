//! The server dies at any instant: what was acknowledged is there, and nothing is there twice.
//!
//! The test starts itself again as a child that takes events and prints each acknowledgement; the parent plays the
//! agent's spool, kills the child with SIGKILL at random points, and starts it again with what it last heard.

use crate::group_commit::all_findings;
use crate::world::{Agent, World, found, id, step};
use baluardo_model::FindingId;
use baluardo_model::protection::StepKind;
use baluardo_service::protection;
use baluardo_testkit::SeededChance;
use baluardo_wire::enrol::Enrolled;
use baluardo_wire::exchange::{Event, EventBody};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often the server is killed, over both lanes.
const KILLS: u32 = 500;

/// Tells the child, as JSON, which device it serves, after which event to begin, and which database to use.
const TASK: &str = "BALUARDO_TEST_KILL_TASK";

/// What event `seq` tells: each finding is followed by a step of its story.
fn body(seq: u64, world: &World) -> EventBody {
    let now = world.house.now();
    match seq % 2 {
        1 => found(seq, now),
        _ => {
            let step = step(now, StepKind::Blocked, &seq.to_string());
            EventBody::FindingStep { finding: id(seq - 1), step, files_touched: seq, files_lost: 0 }
        }
    }
}

#[tokio::test]
async fn five_hundred_kills_lose_nothing_and_double_nothing() {
    if let Ok(task) = std::env::var(TASK) {
        return serve(&task).await;
    }
    let lanes = (1..=2).map(|lane| std::thread::spawn(move || run_lane(lane)));
    let heard: u64 = lanes.collect::<Vec<_>>().into_iter().map(|lane| lane.join().unwrap()).sum();
    assert!(heard > u64::from(KILLS), "the kills came too early to mean anything: {heard} acknowledged");
}

/// The child: sends batches of events from the given number on, and prints how far the server acknowledged.
async fn serve(task: &str) {
    let (enrolled, after, address): (Enrolled, u64, String) = serde_json::from_str(task).unwrap();
    let world = World::on(&address).await;
    let mut agent = Agent::of(enrolled);
    agent.seq = after;
    let mut out = std::io::stdout();
    loop {
        let size = agent.seq % 5 + 1;
        let first = agent.seq + 1;
        let events: Vec<Event> = (first..first + size).map(|seq| agent.note(&world.house, body(seq, &world))).collect();
        let answer = agent.send(&world.house, events).await.unwrap();
        // What an earlier life kept beyond what its parent heard is acknowledged at once.
        agent.seq = answer.acked_seq;
        writeln!(out, "acked {}", answer.acked_seq).unwrap();
        out.flush().unwrap();
    }
}

/// The parent: half the kills, then the reckoning. Hands back how many events were acknowledged.
fn run_lane(lane: u64) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = address(folder.path());
    let agent: Agent = runtime.block_on(async {
        let world = World::on(&address).await;
        let agent = world.agent().await;
        world.test.store.close().await;
        agent
    });
    let chance = SeededChance::new(lane);
    let mut heard = 0;
    for _ in 0..KILLS / 2 {
        heard = live_and_die(&address, &agent, heard, &chance);
    }
    runtime.block_on(reckon(&address, &agent, heard));
    heard
}

fn address(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("house.db").display())
}

/// One life of the server; hands back the newest number that the agent heard.
fn live_and_die(address: &str, agent: &Agent, heard: u64, chance: &SeededChance) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::five_hundred_kills_lose_nothing_and_double_nothing", "--nocapture"])
        .env(TASK, serde_json::to_string(&(&agent.enrolled, heard, address)).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let acked = |line: String| line.strip_prefix("acked ").and_then(|number| number.parse::<u64>().ok());
    // Wait for the first acknowledgement in three lives of four; in the others, strike while it starts.
    let mut random = [0_u8; 3];
    baluardo_model::Chance::fill(chance, &mut random);
    let mut newest = heard;
    if random[0] % 4 != 0 {
        newest = lines.by_ref().find_map(acked).expect("the server died by itself");
    }
    std::thread::sleep(Duration::from_micros(u64::from(random[1]) * 60 + u64::from(random[2]) * 4));
    child.kill().unwrap();
    newest = lines.filter_map(acked).last().unwrap_or(newest);
    child.wait().unwrap();
    newest
}

async fn reckon(address: &str, agent: &Agent, heard: u64) {
    let world = World::on(address).await;
    let row = baluardo_service::fleet::get_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
    let kept = row.row.device.acked_seq;
    assert!(kept >= heard, "acknowledged {heard}, kept {kept}");
    let all = all_findings(&world).await;
    let expected: HashSet<String> =
        (1..=kept).filter(|seq| seq % 2 == 1).map(|seq| id::<FindingId>(seq).to_string()).collect();
    assert_eq!(all.len(), expected.len());
    assert_eq!(all.into_iter().collect::<HashSet<_>>(), expected);
    for seq in (2..=kept).step_by(2) {
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(seq - 1)).await.unwrap();
        let blocked: Vec<String> =
            detail.timeline.into_iter().filter(|step| step.kind == StepKind::Blocked).map(|step| step.detail).collect();
        assert_eq!(blocked, [seq.to_string()]);
        assert_eq!(detail.row.files_touched, seq);
    }
}
