//! The load: devices that exchange one message after the other, each over its own line, as fast as they are answered.
//!
//! Line, TLS and calls are the agent's own code, so what is measured is what agents send.

use crate::stage::Device;
use anyhow::Context as _;
use baluardo_agent::link::call::{Door, Line};
use baluardo_agent::link::tls;
use baluardo_model::fleet::Coverage;
use baluardo_model::protection::{Finding, FindingKind, ProcessSeen, Reason, Severity, Step, StepKind};
use baluardo_model::{Clock, FindingId, Timestamp};
use baluardo_server::ambient::{SystemChance, SystemClock};
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, ExchangeResponse, PATH, Status};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One device, which calls as its agent does.
pub(crate) struct Caller {
    pub(crate) device: Device,
    /// The number of its last event.
    pub(crate) seq: u64,
    door: Door,
    line: Option<Line>,
    chance: Arc<SystemChance>,
    /// Whether the other end keeps events, as our server does and a peer that answers the same to everybody does not.
    keeps: bool,
}

/// A stretch of load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// How many call at the same time.
    pub(crate) at_once: usize,
    /// Findings in each message.
    pub(crate) findings: usize,
    /// Whether each exchange opens a line of its own, as agents do that have nothing to tell for a minute.
    pub(crate) fresh: bool,
    /// How long.
    pub(crate) span: Duration,
}

/// What it came to.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) exchanges: usize,
    wall: Duration,
    /// How long each exchange took, sorted.
    waits: Vec<Duration>,
}

impl Load {
    pub(crate) fn per_second(&self) -> f64 {
        self.exchanges as f64 / self.wall.as_secs_f64()
    }

    /// Milliseconds within which so many hundredths of the exchanges were answered.
    pub(crate) fn percentile(&self, hundredths: usize) -> f64 {
        let at = self.waits.len().saturating_sub(1) * hundredths / 100;
        self.waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    }
}

/// Lets every device exchange once with `server`, so that nobody is a stranger when the clock starts.
pub(crate) async fn connect(devices: &[Device], server: &str, keeps: bool) -> anyhow::Result<Vec<Caller>> {
    let mut callers = Vec::with_capacity(devices.len());
    let chance = Arc::new(SystemChance::default());
    for device in devices {
        let door = Door::new(server, tls::mutual(&device.identity, Arc::new(SystemClock))?)?;
        let (device, chance) = (device.clone(), Arc::clone(&chance));
        let mut caller = Caller { device, seq: 0, door, line: None, chance, keeps };
        caller.exchange(0).await?;
        callers.push(caller);
    }
    Ok(callers)
}

/// Gives every caller a fresh line, because a server closes those that were silent for a while.
pub(crate) async fn renew(callers: &mut [Caller]) -> anyhow::Result<()> {
    for caller in callers {
        caller.line = Some(caller.door.connect().await?);
    }
    Ok(())
}

/// Lets the callers exchange, `at_once` of them at the same time, and hands them back in the order in which they came.
pub(crate) async fn drive(mut callers: Vec<Caller>, stretch: Stretch) -> anyhow::Result<(Vec<Caller>, Load)> {
    let began = Instant::now();
    let each = callers.len().div_ceil(stretch.at_once.max(1)).max(1);
    let mut tasks = Vec::new();
    while !callers.is_empty() {
        let group: Vec<Caller> = callers.drain(..each.min(callers.len())).collect();
        tasks.push(tokio::spawn(keep_on(group, stretch, began + stretch.span)));
    }
    let mut load = Load::default();
    for task in tasks {
        let (group, waits) = task.await??;
        callers.extend(group);
        load.waits.extend(waits);
    }
    load.wall = began.elapsed();
    load.exchanges = load.waits.len();
    load.waits.sort_unstable();
    Ok((callers, load))
}

/// One after the other calls, and the first again after the last, until the time is over.
async fn keep_on(
    mut group: Vec<Caller>,
    stretch: Stretch,
    until: Instant,
) -> anyhow::Result<(Vec<Caller>, Vec<Duration>)> {
    let mut waits = Vec::new();
    'time: loop {
        for caller in &mut group {
            if Instant::now() >= until {
                break 'time;
            }
            if stretch.fresh {
                caller.line = None;
            }
            let asked = Instant::now();
            caller.exchange(stretch.findings).await?;
            waits.push(asked.elapsed());
        }
    }
    Ok((group, waits))
}

impl Caller {
    /// One exchange with `findings` new findings; the answer must acknowledge every one of them.
    async fn exchange(&mut self, findings: usize) -> anyhow::Result<()> {
        let body = serde_json::to_vec(&self.request(findings))?;
        let mut line = match self.line.take() {
            Some(line) => line,
            None => self.door.connect().await?,
        };
        let answer: ExchangeResponse = self.door.post(&mut line, PATH, body).await?;
        self.line = Some(line);
        if self.keeps {
            let (seq, acked) = (self.seq, answer.acked_seq);
            anyhow::ensure!(
                acked == seq,
                "event {seq} was sent and {acked} acknowledged: another calls as this device"
            );
        }
        Ok(())
    }

    fn request(&mut self, findings: usize) -> ExchangeRequest {
        let now = SystemClock.now();
        let mut events = Vec::with_capacity(findings);
        for _ in 0..findings {
            self.seq += 1;
            let finding = finding(FindingId::new(now, self.chance.as_ref()), now, self.seq);
            events.push(Event { seq: self.seq, at: now, body: EventBody::Finding { finding: Box::new(finding) } });
        }
        let status = Status {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            coverage: Coverage::Blocking,
            coverage_note: String::new(),
            policy_version: self.device.policy_version,
            backlog: 0,
        };
        ExchangeRequest { protocol: baluardo_wire::PROTOCOL, sent_at: now, status, events, gone: None }
    }
}

/// A finding as long as one of the demo's: about 900 bytes of JSON.
fn finding(id: FindingId, now: Timestamp, number: u64) -> Finding {
    let path = format!("/srv/documenti/Protocollo/Delibera_{number:06}_2026.docx");
    let step = |kind, detail: &str| Step { at: now, kind, detail: detail.to_owned(), files: 1 };
    Finding {
        id,
        kind: FindingKind::Malware,
        severity: Severity::High,
        detected_at: now,
        path: path.clone(),
        sha256: Some(format!("{:064x}", id.0.as_u128())),
        reasons: vec![Reason {
            engine: "yara".to_owned(),
            rule: "prova_di_carico".to_owned(),
            detail: format!("made up for a benchmark: {path}"),
        }],
        processes: vec![ProcessSeen {
            pid: 4_711,
            parent: 1,
            exe: "/usr/bin/esempio".to_owned(),
            cmdline: "esempio --apri documento".to_owned(),
            uid: 1_000,
        }],
        techniques: vec!["T1204.002".to_owned()],
        files_touched: 0,
        files_lost: 0,
        steps: vec![
            step(StepKind::Detected, "seen when it was opened"),
            step(StepKind::Blocked, "opening was refused"),
        ],
        intrusion: None,
    }
}

/// The bytes of one message with so many `findings`.
pub(crate) fn message_bytes(caller: &mut Caller, findings: usize) -> anyhow::Result<usize> {
    let seq = caller.seq;
    let bytes = serde_json::to_vec(&caller.request(findings)).context("a message has no JSON")?.len();
    caller.seq = seq;
    Ok(bytes)
}
