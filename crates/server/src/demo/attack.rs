//! The acts that follow: the simulator attacks the documents, and we count what it could do.

use super::scene::Scene;
use super::snapshot::Snapshot;
use anyhow::Context as _;
use baluardo_model::identity::Actor;
use baluardo_model::protection::{Finding, FindingKind, StepKind};
use baluardo_model::{FindingId, Timestamp};
use baluardo_service::protection::{self, FindingFilter};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// The ways in which the simulator attacks, one act each.
pub(super) const STYLES: [&str; 4] = ["in-place", "replace", "rename", "partial"];

/// How long an attack may go on before it counts as not stopped.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long files may take to be put back.
const RESTORING: Duration = Duration::from_secs(20);

/// How an attack ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attack {
    /// The simulator was killed before it was through.
    pub(super) stopped: bool,
    /// Files that it had changed by then.
    pub(super) touched: u64,
    /// Files that are not as they were.
    pub(super) lost: u64,
    /// From its first act to the alarm; none when there was no alarm.
    pub(super) detect_ms: Option<u64>,
    /// From the alarm to the console's live line; none when the console was not told.
    pub(super) console_ms: Option<u64>,
}

/// Launches one attack and waits until the documents are as before, or until patience ends.
pub(super) async fn launch(scene: &mut Scene, style: &str) -> anyhow::Result<Attack> {
    let before = Snapshot::take(&scene.files);
    scene.forget_what_was_told();
    let began = scene.running.house.now();
    let (stopped, touched) = simulate(scene, style).await?;
    let finding = wait_for_finding(scene, began).await?;
    let told = scene.wait_for("finding", PATIENCE).await;
    if let Some(finding) = &finding {
        wait_for_the_end(scene, finding.id).await?;
    }
    let lost = wait_for_files(&before).await;
    let alarm = finding.as_ref().map(alarm_at);
    let now = (scene.running.house.now(), Instant::now());
    Ok(Attack {
        stopped: stopped && finding.is_some(),
        touched: touched.max(finding.as_ref().map_or(0, |finding| finding.files_touched)),
        lost,
        detect_ms: alarm.map(|alarm| millis(alarm.since(began))),
        console_ms: alarm.zip(told).map(|(alarm, told)| {
            // Both clocks are this machine's: the wall clock stamps the alarm, and its distance from now is known.
            millis(now.0.since(alarm).saturating_sub(now.1.duration_since(told)))
        }),
    })
}

fn alarm_at(finding: &Finding) -> Timestamp {
    finding.steps.first().map_or(finding.detected_at, |step| step.at)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Runs the simulator; tells whether it was killed and how many files it had changed.
async fn simulate(scene: &Scene, style: &str) -> anyhow::Result<(bool, u64)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["simulate", "--style", style, "--folder"])
        .arg(&scene.documents)
        // A group of its own, as a real attacker has: the guard stops the group, and the demo is not part of it.
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the simulator could not be started")?;
    let mut lines = BufReader::new(child.stdout.take().context("the simulator has no output")?).lines();
    let count = async {
        let mut touched = 0;
        while let Ok(Some(line)) = lines.next_line().await {
            touched += u64::from(line != "begin");
        }
        touched
    };
    let Ok(touched) = tokio::time::timeout(PATIENCE, count).await else { return Ok((false, 0)) };
    let ended = child.wait().await?;
    // A guard that only refuses opens ends the simulator with an error instead of a signal: that is stopped too.
    Ok((ended.signal().is_some() || !ended.success(), touched))
}

/// The finding of this attack, once the server has it.
async fn wait_for_finding(scene: &Scene, since: Timestamp) -> anyhow::Result<Option<Finding>> {
    let ransomware = FindingFilter { kind: Some(FindingKind::Ransomware), ..FindingFilter::default() };
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let (house, tenant) = (&scene.running.house, scene.comune.id);
        let newest = protection::list_findings(house, &Actor::Platform, tenant, &ransomware).await?.findings;
        if let Some(ours) = newest.first().filter(|row| row.received_at >= since) {
            let detail = protection::get_finding(house, &Actor::Platform, tenant, ours.id).await?;
            return Ok(Some(detail.finding));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(None)
}

/// Waits until the agent has told how putting the files back ended, so that the next act begins on a quiet stage.
async fn wait_for_the_end(scene: &Scene, finding: FindingId) -> anyhow::Result<()> {
    let deadline = Instant::now() + RESTORING;
    while Instant::now() < deadline {
        let story = protection::get_finding(&scene.running.house, &Actor::Platform, scene.comune.id, finding).await?;
        if story.timeline.iter().any(|step| matches!(step.kind, StepKind::Restored | StepKind::RestoreFailed)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Waits until every file is as it was; what is left after a while is lost.
async fn wait_for_files(before: &Snapshot) -> u64 {
    let deadline = Instant::now() + RESTORING;
    loop {
        let lost = before.lost();
        if lost == 0 || Instant::now() >= deadline {
            return lost;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
