//! What somebody who sits at this device asks of the agent that runs: through files in the state folder, which only its owner can
//! write, because the agent listens on no socket. An ask that a death interrupted is answered by the next life.

use crate::identity::state_dir::{StateDir, StateError};
use crate::lock::locked;
use crate::platform::file::private_folder;
use crate::protect::Protection;
use baluardo_model::rollback::Rollback;
use baluardo_model::{Chance, Clock, RollbackId, Timestamp, new_uuid};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The folder.
const FOLDER: &str = "desk";
/// How often both sides look.
const LOOK: Duration = Duration::from_millis(300);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Put a folder back to a moment, or only say what that would do.
    Rollback {
        /// The folder.
        folder: String,
        /// The moment.
        to: Timestamp,
        /// Only say it.
        dry_run: bool,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// A roll back, done or foreseen.
    Rollback {
        /// All of it.
        rollback: Box<Rollback>,
    },
    /// It could not be done.
    Refused {
        /// Why.
        why: String,
    },
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Nobody is there to answer.
    #[error("the agent does not run in {}: start it (systemctl start baluardo-agent) and ask again", .0.display())]
    NotRunning(PathBuf),
    /// The state folder cannot be used.
    #[error("{}: {error}; ask as the user who owns the state folder (usually with sudo)", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// It takes too long.
    #[error("the agent did not answer within an hour; what it began goes on")]
    Late,
}

/// Asks the agent that works in `state`, and waits for its answer.
///
/// # Errors
/// See [`DeskError`].
pub fn ask(state: &StateDir, ask: &Ask, clock: &dyn Clock, chance: &dyn Chance) -> Result<Answer, DeskError> {
    if !state.in_use() {
        return Err(DeskError::NotRunning(state.path().to_owned()));
    }
    let desk = open(state)?;
    let id = new_uuid(clock.now(), chance).to_string();
    desk.write_json(&format!("ask-{id}"), ask)?;
    let answer = format!("answer-{id}");
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        if let Some(found) = desk.read_json::<Answer>(&answer)? {
            desk.remove(&answer)?;
            return Ok(found);
        }
        if !state.in_use() {
            return Err(DeskError::NotRunning(state.path().to_owned()));
        }
        std::thread::sleep(LOOK);
    }
    Err(DeskError::Late)
}

fn open(state: &StateDir) -> Result<StateDir, DeskError> {
    let path = state.file(FOLDER);
    private_folder(&path).map_err(|error| DeskError::Folder { path: path.clone(), error })?;
    Ok(StateDir::existing(&path))
}

/// The agent's side. It goes when it is dropped.
pub struct Desk {
    over: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    /// Answers what is asked in `state` from now on.
    ///
    /// # Errors
    /// [`DeskError`] when the folder cannot be used or no thread can be started.
    pub fn open(state: &Path, protection: Arc<Protection>) -> Result<Self, DeskError> {
        let desk = open(&StateDir::existing(state))?;
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let path = desk.path().to_owned();
        let life = move || {
            while !ended.load(Ordering::SeqCst) {
                answer_all(&desk, &protection);
                std::thread::sleep(LOOK);
            }
        };
        let thread = std::thread::Builder::new().name("desk".to_owned()).spawn(life);
        let thread = thread.map_err(|error| DeskError::Folder { path, error })?;
        Ok(Self { over, thread: Mutex::new(Some(thread)) })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = locked(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

fn answer_all(desk: &StateDir, protection: &Protection) {
    for entry in std::fs::read_dir(desk.path()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(id) = name.strip_prefix("ask-").filter(|id| !id.contains('.')) else { continue };
        let given = match (desk.read_json::<Ask>(&name), id.parse::<RollbackId>()) {
            (Ok(Some(ask)), Ok(id)) => answer(protection, id, &ask),
            (Ok(None), _) => continue,
            (Err(error), _) => Answer::Refused { why: error.to_string() },
            (Ok(Some(_)), Err(error)) => Answer::Refused { why: error.to_string() },
        };
        let kept = desk.write_json(&format!("answer-{id}"), &given).and_then(|()| desk.remove(&name));
        if let Err(error) = kept {
            tracing::warn!("an ask could not be answered: {error}");
        }
    }
}

/// The ask's id is the roll back's: asked once more after a death, it goes on with what was begun.
fn answer(protection: &Protection, id: RollbackId, ask: &Ask) -> Answer {
    match ask {
        Ask::Rollback { folder, to, dry_run } => match protection.roll_back_here(id, folder, *to, *dry_run) {
            Ok(rollback) => Answer::Rollback { rollback: Box::new(rollback) },
            Err(why) => Answer::Refused { why },
        },
    }
}
