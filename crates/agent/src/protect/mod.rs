//! Protection of one device: scans what is written and opened, stops what destroys documents, and puts them back.
//!
//! One thread reads the sensor (`sink`), two answer processes that wait (`asked`), one weighs changes in their order
//! (`watch`), one undoes attacks (`respond`), one scans without hurry (`work`) and one keeps the vault (`keeper`).
//! No thread holds a lock while it reads or writes a file, except the journals' own.

mod actors;
mod asked;
mod canary;
mod clearing;
mod core;
mod doubts;
mod judge;
mod keeper;
mod malware;
mod missed;
mod orders;
mod own;
mod pulse;
mod respond;
pub(crate) mod rollback;
mod scope;
mod second;
mod sink;
mod stranded;
pub(crate) mod tell;
#[cfg(test)]
pub(crate) mod tests;
mod touches;
mod undo;
mod verdicts;
mod watch;
mod weigh;
mod work;

use crate::isolation::{Isolation, Nftables};
use crate::platform::event::Reach;
use crate::platform::process::untouchable;
use crate::platform::sensor::{Sensor, Sink, Watching};
use crate::quarantine::{Quarantine, QuarantineError};
use crate::report::Report;
use crate::vault::seal::Key;
use crate::vault::{KeepError, Vault, locked};
use baluardo_detect::scan::ScanError;
use baluardo_model::fleet::Policy;
use baluardo_model::{Chance, Clock};
use baluardo_wire::exchange::EventBody;
use core::{Ask, Core, Lanes, Rules};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Threads that answer processes that wait.
const ANSWERERS: usize = 2;
/// How long the thread that scans waits for work.
const REST: Duration = Duration::from_secs(2);
/// How often the canaries are looked after.
const CANARIES: Duration = Duration::from_secs(20);
/// The longest that one answer may take; verdicts are bounded by far less.
const ANSWER: Duration = Duration::from_secs(60);
/// The same for one change that is weighed, or one look at what the sensor saw: a large document may lie on a slow disk, and a large
/// folder may be new.
const WEIGH: Duration = Duration::from_secs(300);
/// The same for following another policy: every folder below those of the policy is marked.
const FOLLOW: Duration = Duration::from_secs(1_800);
/// How often the vault is tidied.
const TIDY: Duration = Duration::from_secs(600);

/// What protection is started with.
pub struct ProtectSettings {
    /// The agent's own folder: key, vault, quarantine and journals lie below it. It is never watched.
    pub state_dir: PathBuf,
    /// What to watch and how to react.
    pub policy: Policy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Who is told.
    pub report: Arc<dyn Report>,
    /// Host and port of the server, which stays reachable when the device is isolated; none for the guard alone.
    pub server: Option<String>,
    /// Socket of ClamAV's daemon, which is then asked about what our own engines find clean.
    pub clamd: Option<PathBuf>,
}

/// Why protection cannot start, or cannot follow a policy.
#[derive(Debug, thiserror::Error)]
pub enum ProtectError {
    /// The policy's indicators, or the shipped rules, cannot be used.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The vault cannot be used.
    #[error("the vault cannot be used: {0}")]
    Keep(#[from] KeepError),
    /// The quarantine cannot be used.
    #[error("the quarantine cannot be used: {0}")]
    Quarantine(#[from] QuarantineError),
    /// A thread or the sensor cannot start.
    #[error("the sensor cannot start: {0}")]
    Sensor(#[from] std::io::Error),
}

/// Running protection. It stops when it is dropped: held processes go on, nothing on disk is changed.
pub struct Protection {
    core: Arc<Core>,
    sensor: Mutex<Option<Sensor>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    blind: AtomicBool,
    /// Whether another policy is being followed just now.
    following: Arc<pulse::Beat>,
}

impl Protection {
    /// Starts: brings vault and quarantine in order, goes on with what a death interrupted, places canaries, and watches
    /// with all the reach that the system grants.
    ///
    /// # Errors
    /// [`ProtectError`]. A device without the right to hold files back is no error: see [`crate::duty::Duty::coverage`].
    pub fn start(settings: ProtectSettings) -> Result<Arc<Self>, ProtectError> {
        let ProtectSettings { state_dir, policy, clock, chance, report, server, clamd } = settings;
        crate::platform::file::private_folder(&state_dir).map_err(|e| KeepError::io(&state_dir, e))?;
        let state_dir = state_dir.canonicalize().map_err(|e| KeepError::io(&state_dir, e))?;
        let key = Key::load_or_make(&state_dir.join("vault.key"), chance.as_ref())?;
        let rules = Arc::new(Rules::of(policy, &state_dir)?);
        let vault_folder = state_dir.join("vault");
        let vault =
            Vault::open(&vault_folder, key.clone(), rules.policy.vault_bytes, Arc::clone(&clock), Arc::clone(&chance))?;
        let (quarantine, changed) =
            Quarantine::open(&state_dir.join("quarantine"), key, Arc::clone(&clock), Arc::clone(&chance))?;
        let (asks, asks_in) = channel();
        let (watched, watched_in) = channel();
        let (background, background_in) = channel();
        let (looked_at, since) = missed::Watched::open(&state_dir, clock.as_ref());
        let isolation = Isolation::new(
            &state_dir,
            server,
            Box::new(Nftables),
            Arc::clone(&report),
            Arc::clone(&clock),
            Arc::clone(&chance),
        );
        let doubts = doubts::Doubts::open(&state_dir);
        let pulse = pulse::Pulse::new();
        let (sensing, following) = (pulse.beat("sensor", WEIGH), pulse.beat("policy", FOLLOW));
        let core = Arc::new(Core {
            isolation,
            teller: tell::Teller::new(report, Arc::clone(&clock), Arc::clone(&chance)),
            canaries: canary::Canaries::open(&state_dir)?,
            state_dir,
            clock,
            vault,
            quarantine,
            rules: RwLock::new(rules),
            reach: Mutex::new(Reach { blocking: false, note: String::new() }),
            verdicts: verdicts::Verdicts::default(),
            doubts,
            second: second::Second::new(clamd),
            own: own::Own::default(),
            actors: actors::Actors::new(untouchable()),
            touches: Mutex::default(),
            dirty: keeper::Dirty::default(),
            looked_at,
            lanes: Lanes { asks, watched, background },
            pending: Mutex::default(),
            open_writes: Mutex::default(),
            alarmed: Mutex::default(),
            in_hand: Mutex::default(),
            refused: Mutex::default(),
            spare: Mutex::default(),
            links: Mutex::default(),
            opened: Mutex::default(),
            attacked: AtomicBool::new(false),
            last_alarm: Mutex::new(None),
            undoing: Mutex::new(()),
            over: AtomicBool::new(false),
            pulse,
            sensing,
        });
        for (item, state) in changed {
            core.teller.tell(EventBody::QuarantineChanged { item: item.id, state });
        }
        core.quarantine.untold().iter().for_each(|item| malware::tell_held(&core, item));
        let protection = Arc::new(Self {
            core,
            sensor: Mutex::new(None),
            threads: Mutex::default(),
            blind: AtomicBool::new(false),
            following,
        });
        protection.start_threads(asks_in, watched_in, background_in)?;
        protection.apply(&protection.core.rules())?;
        let _ = protection.core.lanes.background.send(work::Work::Since(since));
        Ok(protection)
    }

    fn start_threads(
        &self,
        asks: Receiver<Option<Ask>>,
        watched: Receiver<core::Watched>,
        background: Receiver<work::Work>,
    ) -> Result<(), ProtectError> {
        let (alarms, alarms_in) = channel();
        let asks = Arc::new(Mutex::new(asks));
        for number in 0..ANSWERERS {
            let (core, asks, name) = (Arc::clone(&self.core), Arc::clone(&asks), format!("answer-{number}"));
            let beat = core.pulse.beat(&name, ANSWER);
            self.spawn(&name, move || answer_all(&core, &asks, &beat))?;
        }
        let core = Arc::clone(&self.core);
        self.spawn("isolate", move || core.isolation.live())?;
        let watcher = watch::Watcher::new(Arc::clone(&self.core), alarms);
        let beat = self.core.pulse.beat("watch", WEIGH);
        self.spawn("watch", move || watcher.live(&watched, &beat))?;
        let core = Arc::clone(&self.core);
        self.spawn("respond", move || respond::live(&core, &alarms_in))?;
        let core = Arc::clone(&self.core);
        self.spawn("scan", move || {
            while !core.over() {
                match background.recv_timeout(REST) {
                    Ok(work) => work.carry_out(&core),
                    Err(RecvTimeoutError::Timeout) => core.looked_at.beat(core.clock.as_ref()),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        let core = Arc::clone(&self.core);
        self.spawn("keep", move || keep_all(&core))
    }

    fn spawn(&self, name: &str, life: impl FnOnce() + Send + 'static) -> Result<(), ProtectError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(life)?;
        locked(&self.threads).push(thread);
        Ok(())
    }

    /// Follows these rules from now on.
    fn apply(&self, rules: &Arc<Rules>) -> Result<(), ProtectError> {
        self.following.at(|| self.apply_now(rules))
    }

    fn apply_now(&self, rules: &Arc<Rules>) -> Result<(), ProtectError> {
        let core = &self.core;
        core.tell_changed_packs(rules);
        let mut sensor = locked(&self.sensor);
        let watching = Watching {
            folders: rules.scope.roots(),
            except: rules.scope.own().to_owned(),
            private: rules.scope.private().into(),
            patience: rules.patience(),
            hold: rules.policy.respond,
        };
        // The old sensor goes first: two gates on one folder would each wait for the other's reader.
        *sensor = None;
        *core.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(rules);
        core.vault.set_budget(rules.policy.vault_bytes);
        core.vault.set_superseded_kept(Duration::from_secs(rules.policy.superseded_hours.saturating_mul(3_600)));
        core.verdicts.clear();
        for root in rules.scope.guarded_roots() {
            core.canaries.place(root, &|path| rules.scope.passes_by(path), &core.vault, &core.own);
        }
        let sorter: Arc<dyn Sink> = Arc::new(sink::Sorter(Arc::clone(core)));
        let started = Sensor::start(&watching, sorter);
        self.blind.store(started.is_err(), Ordering::SeqCst);
        let (new, reach) = started?;
        *locked(&core.reach) = reach;
        *sensor = Some(new);
        core.dirty.fill_anew();
        Ok(())
    }

    /// Makes the rules anew from the same policy, with the packs that came meanwhile. The sensor goes on; what was judged
    /// before is judged again.
    fn renew_rules(&self) -> Result<(), ProtectError> {
        // Whoever follows a new policy holds this, too.
        let _sensor = locked(&self.sensor);
        let core = &self.core;
        let renewed = Arc::new(Rules::of(core.rules().policy.clone(), &core.state_dir)?);
        core.tell_changed_packs(&renewed);
        *core.rules.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        core.verdicts.clear();
        Ok(())
    }

    /// Whether every thread that protects is alive: none has ended, and none hangs over its work.
    ///
    /// # Errors
    /// A sentence that names those that are not.
    pub fn is_alive(&self) -> Result<(), String> {
        if self.core.over() {
            return Ok(());
        }
        let mut wrong = self.core.pulse.hanging(Instant::now());
        let ended = |name: &str| format!("the thread {name:?} has ended");
        let threads = locked(&self.threads);
        wrong.extend(
            threads.iter().filter(|it| it.is_finished()).map(|it| ended(it.thread().name().unwrap_or_default())),
        );
        drop(threads);
        // Whoever follows another policy holds the sensor, and is watched by its own beat.
        if let Ok(sensor) = self.sensor.try_lock()
            && sensor.as_ref().is_some_and(Sensor::has_ended)
        {
            wrong.push(ended("sensor"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    fn is_blind(&self) -> bool {
        self.blind.load(Ordering::SeqCst)
    }

    /// Whether every document was looked at once since the start, and what fits is in the vault.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.core.dirty.is_filled()
    }

    /// Whether an attack is on or being undone.
    #[must_use]
    pub fn is_undoing(&self) -> bool {
        self.core.attacked.load(Ordering::SeqCst)
    }

    /// From now on the file at `path` is no document, although it may lie in a guarded folder.
    pub fn keep_out(&self, path: &Path) {
        locked(&self.core.spare).insert(path.to_owned());
    }

    /// How many files opened unjudged because no verdict came in time.
    #[must_use]
    pub fn late_verdicts(&self) -> usize {
        locked(&self.sensor).as_ref().map_or(0, Sensor::late)
    }

    /// Removes every canary that was placed, for when the agent leaves the device. Gives how many were removed.
    pub fn remove_canaries(&self) -> usize {
        self.core.canaries.remove(&self.core.own)
    }

    /// Stops. Held processes go on, and nothing on disk is changed. A second call does nothing.
    pub fn stop(&self) {
        *locked(&self.sensor) = None;
        self.core.over.store(true, Ordering::SeqCst);
        self.core.wake_all();
        let threads: Vec<JoinHandle<()>> = std::mem::take(&mut *locked(&self.threads));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl Drop for Protection {
    fn drop(&mut self) {
        self.stop();
    }
}

fn answer_all(core: &Arc<Core>, asks: &Mutex<Receiver<Option<Ask>>>, beat: &pulse::Beat) {
    while !core.over() {
        let next = locked(asks).recv();
        match next {
            Ok(Some(ask)) => beat.at(|| asked::answer(core, ask)),
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

fn keep_all(core: &Arc<Core>) {
    let (mut tidied, mut looked) = (Instant::now(), Instant::now());
    while !core.over() {
        let more = keeper::turn(core);
        core.teller.try_again();
        if looked.elapsed() > CANARIES {
            looked = Instant::now();
            keeper::mend_canaries(core);
        }
        if tidied.elapsed() > TIDY {
            tidied = Instant::now();
            if let Err(e) = core.vault.expire() {
                core.teller.trouble("vault_failed", &core.state_dir, &e.to_string());
            }
        }
        if !more {
            core.dirty.wait(|| core.over());
        }
    }
}
