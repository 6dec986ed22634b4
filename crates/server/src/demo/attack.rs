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
#[derive(Clone, Debug)]
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
    /// What was waited for in vain, in words.
    pub(super) missed: Vec<String>,
}

/// Launches one attack and waits until the documents are as before, or until patience ends.
pub(super) async fn launch(scene: &mut Scene, style: &str) -> anyhow::Result<Attack> {
    let before = Snapshot::take(&scene.files);
    scene.forget_what_was_told();
    let began = scene.running.house.now();
    let mut missed = Vec::new();
    let (stopped, touched) = simulate(scene, style, &mut missed).await?;
    let finding = wait_for_finding(scene, began).await?;
    let told = match &finding {
        Some(finding) => {
            let told = scene.wait_for("finding", &finding.id.to_string(), PATIENCE).await;
            if told.is_none() {
                missed.push(not_within("la console non ne ha saputo", "the console was not told of it", PATIENCE));
            }
            if !wait_for_the_end(scene, finding.id).await? {
                let (it, en) = ("l'agente non ha detto come è finita", "the agent did not say how it ended");
                missed.push(not_within(it, en, RESTORING));
            }
            told
        }
        None => {
            missed.push(not_within("nessun allarme è giunto al server", "no alarm reached the server", PATIENCE));
            None
        }
    };
    let lost = wait_for_files(&before).await;
    if lost > 0 {
        let first = before.first_lost().map(|path| path.display().to_string()).unwrap_or_default();
        let (it, en) = (format!("{lost} file non sono come prima"), format!("{lost} files are not as before"));
        missed.push(format!("{}: {first}", not_within(&it, &en, RESTORING)));
    }
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
        missed,
    })
}

/// A sentence in both languages about what did not come in time.
fn not_within(italian: &str, english: &str, limit: Duration) -> String {
    let seconds = limit.as_secs();
    format!("{italian} entro {seconds} secondi / {english} within {seconds} seconds")
}

fn alarm_at(finding: &Finding) -> Timestamp {
    finding.steps.first().map_or(finding.detected_at, |step| step.at)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Runs the simulator; tells whether it was killed and how many files it had changed.
async fn simulate(scene: &Scene, style: &str, missed: &mut Vec<String>) -> anyhow::Result<(bool, u64)> {
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
    let mut touched = 0;
    let through = async {
        while let Ok(Some(line)) = lines.next_line().await {
            touched += u64::from(line != "begin");
        }
        child.wait().await
    };
    let Ok(ended) = tokio::time::timeout(PATIENCE, through).await else {
        missed.push(not_within("l'attacco non è stato fermato", "the attack was not stopped", PATIENCE));
        return Ok((false, touched));
    };
    let ended = ended?;
    // A guard that only refuses opens ends the simulator with an error instead of a signal: that is stopped too.
    let stopped = ended.signal().is_some() || !ended.success();
    if !stopped {
        missed.push("l'attacco è giunto alla fine da sé / the attack came to its end by itself".to_owned());
    }
    Ok((stopped, touched))
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

/// Waits until the agent has told how putting the files back ended, so that the next act begins on a quiet stage; tells
/// whether it has.
async fn wait_for_the_end(scene: &Scene, finding: FindingId) -> anyhow::Result<bool> {
    let deadline = Instant::now() + RESTORING;
    while Instant::now() < deadline {
        let story = protection::get_finding(&scene.running.house, &Actor::Platform, scene.comune.id, finding).await?;
        if story.timeline.iter().any(|step| matches!(step.kind, StepKind::Restored | StepKind::RestoreFailed)) {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(false)
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
