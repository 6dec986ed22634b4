//! Answers an alarm: tells at once, waits until the attacker's last act is known, undoes all of it, and tells how it ended.

use super::core::{Core, Watched};
use super::touches::{First, Touch};
use super::undo;
use super::watch::Raised;
use crate::evidence::Wish;
use crate::report::{End, Stop};
use crate::vault::locked;
use baluardo_detect::guard::{Actor, TECHNIQUE, harmed};
use baluardo_model::protection::{FindingKind, ProcessSeen, Severity, StepKind};
use baluardo_model::{EvidenceId, FindingId, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a response is looked after.
const TICK: Duration = Duration::from_millis(50);
/// How long the thread sleeps when there is none; an alarm wakes it.
const REST: Duration = Duration::from_secs(3_600);
/// Quiet after the last sign, before undoing begins.
const QUIET: Duration = Duration::from_millis(250);
/// How long before an actor's first sign an act of nobody in particular may still be that actor's.
const LEAD: Duration = Duration::from_secs(5);
/// How long before its first sign what an actor did is looked at once more.
const BEFORE: Duration = Duration::from_secs(3_600);
/// Undoing begins after this time even if the attacker could not be stopped.
const LATEST: Duration = Duration::from_secs(8);
/// Where the policy only tells, the same actor is told again after this time.
const TOLD_AGAIN: Duration = Duration::from_secs(600);

struct Response {
    finding: FindingId,
    first_sign: Timestamp,
    harmed: BTreeSet<PathBuf>,
    begun: Instant,
    last: Instant,
    stopped: bool,
    killed: Vec<u32>,
    stopped_at: Option<Timestamp>,
}

/// The thread's life.
pub(crate) fn live(core: &Arc<Core>, alarms: &Receiver<Raised>) {
    undo::resume_all(core);
    super::rollback::resume_all(core);
    let mut responses: HashMap<Actor, Response> = HashMap::new();
    let mut last: Option<(Actor, Response)> = None;
    loop {
        let is_calm = responses.is_empty() && !core.attacked.load(Ordering::SeqCst);
        match alarms.recv_timeout(if is_calm { REST } else { TICK }) {
            Ok(raised) => {
                // More of an attack that was just undone: raised meanwhile, by what was still on its way then.
                if let Some((actor, response)) =
                    last.take_if(|(actor, it)| *actor == raised.alarm.actor && it.first_sign == raised.alarm.first_sign)
                {
                    responses.insert(actor, response);
                }
                take_in(core, &mut responses, raised);
            }
            Err(RecvTimeoutError::Timeout) => core.attacked.store(!responses.is_empty(), Ordering::SeqCst),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if core.over() {
            return;
        }
        let ripe: Vec<Actor> =
            responses.iter().filter(|(actor, it)| it.is_ripe(core, **actor)).map(|(actor, _)| *actor).collect();
        for actor in ripe {
            if let Some(response) = responses.remove(&actor) {
                conclude(core, actor, &response);
                isolate(core, response.finding);
                gather(core, response.finding);
                let _ = core.lanes.watched.send(Watched::Over(actor));
                last = Some((actor, response));
            }
        }
    }
}

impl Response {
    /// An attacker that nobody can stop is not waited for.
    fn last_resort(&self) -> bool {
        self.begun.elapsed() > if self.stopped { 4 * LATEST } else { LATEST }
    }

    fn is_ripe(&self, core: &Core, actor: Actor) -> bool {
        if !core.rules().policy.respond {
            return self.begun.elapsed() > TOLD_AGAIN;
        }
        let quiet = self.last.elapsed() > QUIET && core.pending(actor) == 0;
        (quiet && (self.stopped || self.last.elapsed() > 4 * QUIET)) || self.last_resort()
    }
}

fn take_in(core: &Core, responses: &mut HashMap<Actor, Response>, raised: Raised) {
    let Raised { alarm, processes, stopped } = raised;
    let now = Instant::now();
    let stopped_any = !stopped.stopped.is_empty();
    let killed: Vec<u32> = stopped.stopped.iter().map(|process| process.pid).collect();
    let stopped_at = stopped_any.then(|| core.clock.now());
    core.attacked.store(true, Ordering::SeqCst);
    let step = (stopped_any || !stopped.spared.is_empty()).then(|| {
        let names = |seen: &ProcessSeen| format!("{} ({})", seen.pid, seen.exe);
        if stopped_any {
            let all: Vec<String> = stopped.stopped.iter().map(names).collect();
            core.teller.step(StepKind::ProcessStopped, all.join(", "), 0)
        } else {
            let all: Vec<String> = stopped.spared.iter().map(|(seen, why)| format!("{}: {why}", names(seen))).collect();
            core.teller.step(StepKind::Failed, format!("a process could not be stopped: {}", all.join(", ")), 0)
        }
    });
    if let Some(response) = responses.get_mut(&alarm.actor) {
        response.last = now;
        response.harmed.extend(alarm.harmed);
        response.stopped |= stopped_any;
        response.killed.extend(killed);
        response.stopped_at = response.stopped_at.or(stopped_at);
        if let Some(step) = step {
            let files_touched = response.harmed.len() as u64;
            core.teller.tell(EventBody::FindingStep { finding: response.finding, step, files_touched, files_lost: 0 });
        }
        return;
    }
    let mut finding = core.teller.finding(FindingKind::Ransomware, Severity::Critical, &shared_folder(&alarm.harmed));
    finding.detected_at = alarm.first_sign;
    finding.reasons = alarm.reasons;
    finding.techniques = vec![TECHNIQUE.to_owned()];
    finding.processes = processes;
    finding.files_touched = alarm.harmed.len() as u64;
    let mut detected = core.teller.step(StepKind::Detected, "documents are being destroyed", alarm.harmed.len() as u64);
    detected.at = alarm.first_sign;
    finding.steps.push(detected);
    finding.steps.extend(step);
    let response = Response {
        finding: finding.id,
        first_sign: alarm.first_sign,
        harmed: alarm.harmed.into_iter().collect(),
        begun: now,
        last: now,
        stopped: stopped_any,
        killed,
        stopped_at,
    };
    core.teller.tell_finding(finding);
    if core.rules().policy.respond {
        // Should the agent die before the attack is over, its next life knows at least this much.
        undo::foresee(core, response.finding, &undo::plan(core, &touched(core, alarm.actor, &response)));
    }
    responses.insert(alarm.actor, response);
}

/// Undoes what the actor did since its first sign, and tells how that ended.
fn conclude(core: &Core, actor: Actor, response: &Response) {
    if !core.rules().policy.respond {
        return;
    }
    if !response.stopped {
        let (kind, detail) = match actor {
            Actor::Unknown => (StepKind::Failed, "the process could not be found; it may have ended by itself"),
            Actor::Known(_) => (StepKind::Blocked, "the process opened nothing more, and ended by itself"),
        };
        let step = core.teller.step(kind, detail, 0);
        let finding = response.finding;
        core.teller.tell(EventBody::FindingStep {
            finding,
            step,
            files_touched: response.harmed.len() as u64,
            files_lost: 0,
        });
    }
    let plan = undo::plan(core, &touched(core, actor, response));
    let documents = plan.iter().filter(|undo| undo::is_document(core, undo)).count() as u64;
    tell_end(core, actor, response, documents);
    let undone = undo::undo(core, response.finding, &plan);
    undo::tell(core, response.finding, documents, &undone);
    *locked(&core.last_alarm) = Some(Instant::now());
}

/// Where the policy wants it, cuts this device off from the network once an attack was dealt with: who could do this once
/// tries again, and elsewhere. On a thread of its own, because the server's name is asked for, and the next attack does not wait.
fn isolate(core: &Arc<Core>, finding: FindingId) {
    let policy = core.rules().policy.clone();
    if !policy.respond || policy.isolate_hours == 0 {
        return;
    }
    let until = core.clock.now().plus(Duration::from_secs(policy.isolate_hours.saturating_mul(3_600)));
    let core = Arc::clone(core);
    let work = move || {
        let step = match core.isolation.begin(until, Some(finding)) {
            Ok(note) => core.teller.step(StepKind::Isolated, note, 0),
            Err(error) => core.teller.step(StepKind::Failed, format!("this device was not isolated: {error}"), 0),
        };
        core.teller.tell(EventBody::FindingStep { finding, step, files_touched: 0, files_lost: 0 });
    };
    if let Err(error) = std::thread::Builder::new().name("isolating".to_owned()).spawn(work) {
        tracing::error!("no thread to isolate this device with: {error}");
    }
}

/// Where the policy wants it, gathers evidence of an attack that was dealt with; the package has the finding's own id.
fn gather(core: &Arc<Core>, finding: FindingId) {
    if !core.rules().policy.collect_evidence {
        return;
    }
    let (by, reason) = (String::new(), "the policy asks for evidence after an attack that was stopped".to_owned());
    let wish = Wish { id: EvidenceId(finding.0), finding: Some(finding), by, reason, sealed: false };
    let core = Arc::clone(core);
    let work = move || {
        if let Err(why) = core.collect(&wish) {
            core.teller.trouble("evidence_failed", &core.state_dir, &why);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("gathering".to_owned()).spawn(work) {
        tracing::error!("no thread to gather evidence with: {error}");
    }
}

/// Tells whoever follows closely that the attack is at its end.
fn tell_end(core: &Core, actor: Actor, response: &Response, files_touched: u64) {
    let refused = locked(&core.refused).contains(&actor);
    let end = match (response.killed.is_empty(), refused) {
        (false, _) => End::Killed,
        (true, true) => End::Refused,
        (true, false) => End::Over,
    };
    let pid = match actor {
        Actor::Known(root) => Some(root),
        Actor::Unknown => response.killed.first().copied(),
    };
    let at = response.stopped_at.unwrap_or_else(|| core.clock.now());
    core.teller.stopped(&Stop { pid, killed: response.killed.clone(), end, files_touched, at });
}

/// The paths to put in order. An actor with a name answers for all it did since the first sign. Where nobody is named, the
/// acts of everyone are mixed, so only paths count that bear a sign of harm themselves, or look destroyed.
fn touched(core: &Core, actor: Actor, response: &Response) -> BTreeMap<PathBuf, First> {
    let mut all = locked(&core.touches).since(actor, response.first_sign);
    if actor == Actor::Unknown {
        all.retain(|path, first| response.harmed.contains(path) || looks_destroyed(core, path, first));
    } else {
        // Without root the first acts are seen before anybody can say whose they are. What a person deletes in the same
        // seconds comes back too, which is the lesser harm.
        let mut early = locked(&core.touches).since(Actor::Unknown, response.first_sign.minus(LEAD));
        early.retain(|path, first| !all.contains_key(path) && looks_destroyed(core, path, first));
        all.extend(early);
        // It may have begun with files whose harm bears no sign, as bytes of no known kind.
        let mut before = locked(&core.touches).since(actor, response.first_sign.minus(BEFORE));
        before.retain(|path, first| !all.contains_key(path) && looks_destroyed(core, path, first));
        all.extend(before);
    }
    for path in &response.harmed {
        let first = First { at: response.first_sign, touch: Touch::Changed };
        let known = core.vault.before(path, response.first_sign).is_some();
        if known {
            all.entry(path.clone()).or_insert(first);
        }
    }
    all
}

/// Whether a document went away, or lost its kind, or a file without any kind appeared.
pub(super) fn looks_destroyed(core: &Core, path: &Path, first: &First) -> bool {
    let now = crate::platform::file::open_regular(path)
        .ok()
        .and_then(|(mut file, look)| crate::content::features(&mut file, look.stamp.size).ok());
    let before = core.vault.before(path, first.at).map(|version| version.features);
    match (before, now) {
        (Some(_), None) => true,
        (Some(before), Some(now)) => {
            let opaque = !before.kind.is_known() && !now.kind.is_known() && before != now;
            opaque
                || before.kind != now.kind
                || harmed(path, &before, &now)
                || (now.looks_random() && !before.looks_random())
        }
        (None, Some(now)) => {
            // A document's name with more behind it: an encrypted copy, perhaps not written to its end.
            first.touch == Touch::Made
                && (extends_a_document(core, path) || (now.looks_random() && !now.kind.is_known()))
        }
        (None, None) => false,
    }
}

/// Whether the name is that of a document in the same folder with more behind it.
fn extends_a_document(core: &Core, path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let name = path.file_name().unwrap_or_default().as_bytes();
    let shorter = |length| name.get(..length).map(|start| path.with_file_name(std::ffi::OsStr::from_bytes(start)));
    (1..name.len()).rev().filter_map(shorter).any(|other| core.vault.newest(&other).is_some())
}

/// The deepest folder that holds all the paths.
fn shared_folder(paths: &[PathBuf]) -> PathBuf {
    let mut shared = paths.first().and_then(|path| path.parent()).unwrap_or_else(|| Path::new("/")).to_owned();
    while !paths.iter().all(|path| path.starts_with(&shared)) {
        if !shared.pop() {
            break;
        }
    }
    shared
}
