//! What all threads of protection share.

use super::ProtectError;
use super::actors::Actors;
use super::canary::Canaries;
use super::doubts::Doubts;
use super::keeper::Dirty;
use super::missed;
use super::own::Own;
use super::pulse::{Beat, Pulse};
use super::scope::Scope;
use super::second::Second;
use super::tell::Teller;
use super::touches::Touches;
use super::verdicts::Verdicts;
use super::work::Work;
use crate::evidence;
use crate::identity::state_dir::StateDir;
use crate::isolation::Isolation;
use crate::packs::{Loaded, Packs};
use crate::platform::event::{Reach, Ticket};
use crate::platform::place::FileTime;
use crate::quarantine::Quarantine;
use crate::tampering;
use crate::vault::{Vault, locked};
use baluardo_detect::guard::Actor;
use baluardo_detect::scan::Scanner;
use baluardo_model::fleet::{PackRef, Policy};
use baluardo_model::protection::{FindingKind, Reason, Severity, StepKind};
use baluardo_model::{Clock, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

/// What follows from the policy.
pub(crate) struct Rules {
    pub(crate) policy: Policy,
    pub(crate) scope: Scope,
    pub(crate) scanner: Scanner,
    /// Packs that are not on this device yet.
    pub(crate) missing_packs: Vec<PackRef>,
    /// Packs whose bytes on this device were not those that were signed.
    pub(crate) changed_packs: Vec<PackRef>,
}

impl Rules {
    pub(crate) fn of(policy: Policy, own: &std::path::Path) -> Result<Self, ProtectError> {
        let Loaded { rules, indicators, missing, changed } = Packs::below(own).load(&policy.packs);
        let (scanner, report) = Scanner::with_packs(&policy.bad_sha256, rules, indicators.finish())?;
        for left in report.skipped {
            tracing::debug!("{}: {}: {}", left.file, left.rule.unwrap_or_default(), left.reason);
        }
        let scope = Scope::of(&policy, own);
        Ok(Self { policy, scope, scanner, missing_packs: missing, changed_packs: changed })
    }

    /// What one scan may take, so that the answer comes before the watchdog's.
    pub(crate) fn scan_budget(&self) -> Duration {
        self.patience() / 2
    }

    /// Longest time that a file is held back.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.policy.verdict_ms.clamp(50, 30_000))
    }
}

/// A process waits for an answer.
pub(crate) struct Ask {
    pub(crate) ticket: Box<dyn Ticket>,
    pub(crate) path: PathBuf,
    pub(crate) pid: u32,
    pub(crate) run: bool,
    pub(crate) actor: Option<Actor>,
}

/// A change, in the order in which it happened.
pub(crate) struct Change {
    pub(crate) at: Timestamp,
    pub(crate) actor: Actor,
    pub(crate) what: What,
}

/// What changed.
pub(crate) enum What {
    Wrote(PathBuf),
    Made(PathBuf),
    Went(PathBuf),
    Renamed { from: Option<PathBuf>, to: Option<PathBuf>, folder: bool },
}

/// Work of the thread that watches for ransomware.
pub(crate) enum Watched {
    Changed(Change),
    /// To be answered only after everything before it was weighed.
    Asked(Ask),
    /// The actor was dealt with.
    Over(Actor),
    /// Nothing but a reason to look around now.
    Look,
}

/// Where the threads send each other work.
pub(crate) struct Lanes {
    /// Nothing is a reason to look whether all is over.
    pub(crate) asks: Sender<Option<Ask>>,
    pub(crate) watched: Sender<Watched>,
    pub(crate) background: Sender<Work>,
}

/// A file that someone writes and has not closed.
pub(crate) struct OpenWrite {
    pub(crate) actor: Actor,
    pub(crate) first: Timestamp,
    pub(crate) last: Instant,
}

pub(crate) struct Core {
    pub(crate) state_dir: PathBuf,
    pub(crate) isolation: Isolation,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) teller: Teller,
    pub(crate) vault: Vault,
    pub(crate) quarantine: Quarantine,
    pub(crate) rules: RwLock<Arc<Rules>>,
    pub(crate) reach: Mutex<Reach>,
    pub(crate) verdicts: Verdicts,
    pub(crate) doubts: Doubts,
    pub(crate) second: Second,
    pub(crate) own: Own,
    pub(crate) actors: Actors,
    pub(crate) canaries: Canaries,
    pub(crate) touches: Mutex<Touches>,
    pub(crate) dirty: Dirty,
    pub(crate) looked_at: missed::Watched,
    pub(crate) lanes: Lanes,
    /// Changes of each actor that were not weighed yet.
    pub(crate) pending: Mutex<HashMap<Actor, usize>>,
    pub(crate) open_writes: Mutex<HashMap<PathBuf, OpenWrite>>,
    /// Actors whose opens are refused.
    pub(crate) alarmed: Mutex<HashSet<Actor>>,
    /// Bad files that are being dealt with.
    pub(crate) in_hand: Mutex<HashSet<(PathBuf, String)>>,
    /// Actors that were refused a file since their alarm.
    pub(crate) refused: Mutex<HashSet<Actor>>,
    /// Files below guarded folders that are the agent's own.
    pub(crate) spare: Mutex<HashSet<PathBuf>>,
    /// Symbolic links in guarded folders, and where they point.
    pub(crate) links: Mutex<HashMap<PathBuf, PathBuf>>,
    /// What each actor opened last, and when each file was last changed by then.
    pub(crate) opened: Mutex<HashMap<Actor, VecDeque<(PathBuf, FileTime)>>>,
    /// Whether an attack is on or being undone.
    pub(crate) attacked: AtomicBool,
    pub(crate) last_alarm: Mutex<Option<Instant>>,
    /// Held while a plan is carried out: an order and the start may both want the same one.
    pub(crate) undoing: Mutex<()>,
    pub(crate) over: AtomicBool,
    pub(crate) pulse: Pulse,
    /// The thread of the sensor, whichever one it is now.
    pub(crate) sensing: Arc<Beat>,
}

impl Core {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Whether the file at `path` is a guarded document.
    pub(crate) fn guards(&self, rules: &Rules, path: &Path) -> bool {
        rules.scope.guards(path) && !locked(&self.spare).contains(path)
    }

    /// Makes a package of evidence and tells of it; it comes up by itself.
    pub(crate) fn collect(&self, wish: &evidence::Wish) -> Result<String, String> {
        let state = StateDir::existing(&self.state_dir);
        let made = evidence::collect(&state, self.clock.as_ref(), wish).map_err(|e| e.to_string())?;
        let note = format!("{} parts, {} bytes, SHA-256 {}", made.members, made.size, made.sha256);
        self.teller.tell(EventBody::EvidenceCollected { evidence: Box::new(made) });
        Ok(note)
    }

    /// Tells of packs that somebody changed on this device; they are fetched again.
    pub(crate) fn tell_changed_packs(&self, rules: &Rules) {
        let folder = self.state_dir.join("packs");
        for pack in &rules.changed_packs {
            let mut finding = self.teller.finding(FindingKind::Tampering, Severity::High, &folder.join(&pack.sha256));
            let detail = format!("the pack {:?} was changed on this computer; it is fetched again", pack.name);
            tracing::error!("tampering: {detail}");
            let (engine, rule) = ("agent".to_owned(), "pack_changed".to_owned());
            finding.reasons.push(Reason { engine, rule, detail: detail.clone() });
            finding.techniques.push(tampering::IMPAIR.to_owned());
            finding.steps.push(self.teller.step(StepKind::Detected, detail, 0));
            self.teller.tell_finding(finding);
        }
    }

    /// Refuses one who was found out.
    pub(crate) fn refuse(&self, ask: Ask) {
        if ask.ticket.refuse()
            && let Some(actor) = ask.actor
        {
            locked(&self.refused).insert(actor);
        }
    }

    pub(crate) fn is_alarmed(&self, actor: Option<Actor>) -> bool {
        actor.is_some_and(|actor| locked(&self.alarmed).contains(&actor))
    }

    /// How many changes of `actor` wait to be weighed.
    pub(crate) fn pending(&self, actor: Actor) -> usize {
        locked(&self.pending).get(&actor).copied().unwrap_or(0)
    }

    pub(crate) fn over(&self) -> bool {
        self.over.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Has every thread look around now, for when all is over.
    pub(crate) fn wake_all(&self) {
        self.isolation.stop();
        self.dirty.wake();
        let _ = self.lanes.watched.send(Watched::Look);
        let _ = self.lanes.background.send(Work::Look);
        for _ in 0..super::ANSWERERS {
            let _ = self.lanes.asks.send(None);
        }
    }

    /// Whether no attack was seen for `span`.
    pub(crate) fn calm_for(&self, span: Duration) -> bool {
        locked(&self.last_alarm).is_none_or(|at| at.elapsed() > span)
    }
}
