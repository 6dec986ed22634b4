//! One thread that looks at what belongs to the agent whenever something happens there, and tells the service manager that the
//! threads that protect are alive.

use super::places::{Above, Places, sha256_of};
use super::record::Installed;
use super::{Wrong, look};
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::platform::file;
use crate::platform::notify::Notifier;
use crate::platform::packaging;
use crate::platform::place::Stamp;
use crate::platform::stir::{Stir, Woken};
use crate::protect::tell::Teller;
use crate::report::Report;
use crate::stop;
use baluardo_model::{Chance, Clock};
use std::collections::HashSet;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it looks though nothing seems to happen.
const LOOK: Duration = Duration::from_secs(30);
/// What changes within this time is looked at once: an editor removes a file before it writes the new one.
const SETTLE: Duration = Duration::from_secs(1);
/// How long a package may take until what it changed is told.
const PACKAGE: Duration = Duration::from_secs(1_800);

/// What the watch is started with.
pub struct WatchSettings {
    /// The agent's folder.
    pub state: StateDir,
    /// Where its things lie.
    pub places: Places,
    /// Who this is.
    pub identity: Identity,
    /// SHA-256 of the program that runs.
    pub program: String,
    /// Who is told.
    pub report: Arc<dyn Report>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Says why the threads that protect are not alive, if so.
    pub alive: Box<dyn Fn() -> Result<(), String> + Send>,
    /// The line to the service manager, if there is one.
    pub notifier: Option<Notifier>,
}

/// The running watch; dropping it stops it.
pub struct SelfWatch {
    /// Closed to stop it.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl SelfWatch {
    /// Starts it; the service manager hears that the agent is ready.
    ///
    /// # Errors
    /// When not even a thread can be had.
    pub fn start(settings: WatchSettings) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let stir = Stir::start()?;
        let eye = Eye::new(settings);
        let thread = std::thread::Builder::new().name("self".to_owned()).spawn(move || eye.live(&stir, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for SelfWatch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Eye {
    settings: WatchSettings,
    teller: Teller,
    /// What was told and is still so.
    told: HashSet<(&'static str, PathBuf)>,
    above: Vec<Above>,
    /// The device's key when the agent started, by its digest.
    key: String,
    /// The program's file when it was last read, and its digest.
    file: Option<(Stamp, String)>,
    package_since: Option<Instant>,
    /// Whether it was said that a thread is not alive.
    hung: bool,
}

impl Eye {
    fn new(settings: WatchSettings) -> Self {
        let (report, clock) = (Arc::clone(&settings.report), Arc::clone(&settings.clock));
        Self {
            teller: Teller::new(report, clock, Arc::clone(&settings.chance)),
            told: HashSet::new(),
            above: settings.places.above(),
            key: sha256_of(&settings.state.file("vault.key")),
            file: None,
            package_since: None,
            hung: false,
            settings,
        }
    }

    fn live(mut self, stir: &Stir, stop: &UnixStream) {
        if let Some(notifier) = &self.settings.notifier {
            notifier.ready();
        }
        let asked = self.settings.notifier.as_ref().and_then(|notifier| notifier.patience);
        let patience = asked.map_or(LOOK, |asked| LOOK.min(asked / 3));
        let mut looked = Instant::now();
        self.watch_folders(stir);
        self.look();
        loop {
            self.beat();
            match stir.wait(stop.as_fd(), patience) {
                Ok(Woken::Stirred) => match stir.wait(stop.as_fd(), SETTLE) {
                    Ok(Woken::Stopped) | Err(_) => break,
                    Ok(_) => {}
                },
                Ok(Woken::Quiet) if looked.elapsed() < LOOK => continue,
                Ok(Woken::Quiet) => {}
                Ok(Woken::Stopped) => break,
                Err(error) => {
                    tracing::warn!("the agent's own files are no longer watched: {error}");
                    break;
                }
            }
            looked = Instant::now();
            // A folder that was made anew is watched anew.
            self.watch_folders(stir);
            self.look();
        }
        if let Some(notifier) = &self.settings.notifier {
            notifier.stopping();
        }
    }

    fn watch_folders(&self, stir: &Stir) {
        let folders = self.settings.places.folders();
        stir.watch(folders.iter().map(PathBuf::as_path).chain([self.settings.state.path()]));
    }

    /// A sign of life, if there is life to tell of.
    fn beat(&mut self) {
        match ((self.settings.alive)(), &self.settings.notifier) {
            (Ok(()), Some(notifier)) => {
                notifier.alive();
                self.hung = false;
            }
            (Ok(()), None) => self.hung = false,
            (Err(why), _) if !self.hung => {
                self.hung = true;
                tracing::error!("{why}; the service manager is no longer told that the agent is alive");
            }
            (Err(_), _) => {}
        }
    }

    fn look(&mut self) {
        let WatchSettings { state, places, identity, program, clock, .. } = &self.settings;
        let record = Installed::read(state).ok().flatten();
        let mut wrong = look::state(state, identity, record.as_ref(), &self.key);
        // Whoever may stop the agent may take it away, and a package says what belongs here when it is done.
        let mut noted = record.clone();
        if !stop::is_permitted(state, clock.as_ref()) && !package_is_under_way(&mut self.package_since) {
            let file = digest_of_file(&places.program, &mut self.file);
            let other = look::program(places, program, record.as_ref(), &file);
            if let (Some(_), Some(noted)) = (&other, &mut noted) {
                noted.told.clone_from(&file);
            }
            wrong.extend(other);
            let above = places.above();
            wrong.extend(look::put_above(&self.above, &above));
            self.above = above;
            if let Some(noted) = &mut noted {
                wrong.extend(look::changed_since(noted, state, places));
            }
        }
        if let Some(noted) = noted.filter(|noted| record.as_ref() != Some(noted))
            && let Err(error) = noted.write(state)
        {
            tracing::warn!("{error}");
        }
        self.tell(wrong);
        self.teller.try_again();
    }

    fn tell(&mut self, wrong: Vec<Wrong>) {
        let key = |wrong: &Wrong| (wrong.rule, wrong.path.clone());
        let now: HashSet<_> = wrong.iter().map(key).collect();
        self.told.retain(|known| now.contains(known));
        for wrong in wrong {
            if self.told.insert(key(&wrong)) {
                tracing::error!("tampering: {wrong}");
                let (clock, chance) = (self.settings.clock.as_ref(), self.settings.chance.as_ref());
                self.teller.tell_finding(wrong.finding(clock.now(), chance));
            }
        }
    }
}

/// Whether a package is being put there, and that not for too long.
fn package_is_under_way(since: &mut Option<Instant>) -> bool {
    if !packaging::is_under_way() {
        *since = None;
        return false;
    }
    since.get_or_insert_with(Instant::now).elapsed() < PACKAGE
}

/// The digest of a file, which is read only when it is another one than before.
fn digest_of_file(path: &Path, before: &mut Option<(Stamp, String)>) -> String {
    let Ok(look) = file::look(path) else { return String::new() };
    if let Some((stamp, digest)) = before.as_ref()
        && *stamp == look.stamp
    {
        return digest.clone();
    }
    let digest = sha256_of(path);
    *before = Some((look.stamp, digest.clone()));
    digest
}
