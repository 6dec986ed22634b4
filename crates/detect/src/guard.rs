//! The ransomware guard: watches what programs do to documents and says when one is destroying them.
//!
//! A pure state machine: file events go in with their time and their actor, alarms come out. Each sign of harm (see
//! [`Signal`]) gives points to the actor, at most [`FILE_POINTS`] for one file, and points fade with
//! [`GuardSettings::half_life`]. At [`GuardSettings::threshold`] the alarm falls: with four documents overwritten, with
//! five broken ones, at once for a canary.
//!
//! The trade-off: what ends as a packed file that anyone can read (`log.txt` becomes `log.txt.gz` and is deleted) gives no
//! points, or every log rotation would raise an alarm. What ends in 7z, RAR or a zip with a password does: whether 7z and
//! RAR ask for one cannot be seen from outside. Deleting in one folder, or a folder with all it holds, never raises an
//! alarm either: people do that. Clearing folder after folder does ([`FileOp::Cleared`], which only a sensor can see).

mod actor;
mod bounded;
mod damage;
mod event;
mod names;
mod pairs;
mod settings;
mod signal;

pub use damage::{NEWBORN, harmed};
pub use event::{Actor, Alarm, CanaryHarm, FileEvent, FileOp};
pub use settings::GuardSettings;
pub use signal::{FILE_POINTS, Signal};

use actor::ActorState;
use bounded::Bounded;

/// ATT&CK's technique for what this guard finds: data encrypted for impact.
pub const TECHNIQUE: &str = "T1486";

/// The guard of one computer.
#[derive(Debug)]
pub struct Guard {
    settings: GuardSettings,
    actors: Bounded<Actor, ActorState>,
}

impl Guard {
    /// A guard that has seen nothing yet.
    #[must_use]
    pub fn new(settings: GuardSettings) -> Self {
        let actors = Bounded::new(settings.max_actors);
        Self { settings, actors }
    }

    /// Takes in one event. Events of one actor must come in the order in which they happened; events of different
    /// actors do not influence each other.
    ///
    /// Returns an alarm when the event brings the actor to the threshold, and again for each later event that adds
    /// harm, until [`Guard::forget`]: a responder that was too late thus hears of every file.
    pub fn observe(&mut self, event: &FileEvent) -> Option<Alarm> {
        let settings = self.settings;
        let state = self.actors.touch(event.actor, || ActorState::new(&settings));
        state.expire(event.at, settings.window);
        let before = state.score(event.at, settings.half_life);
        damage::take_in(state, event, &settings);
        let after = state.score(event.at, settings.half_life);
        // Fading alone never lets the score rise, so a rise is harm that this event added.
        let alarming = after > before && after >= f64::from(settings.threshold);
        alarming.then(|| state.alarm(event, after))
    }

    /// Forgets an actor: it was stopped, or a person said that it may go on.
    pub fn forget(&mut self, actor: Actor) {
        self.actors.remove(&actor);
    }

    /// How many actors and how many of their paths are remembered now.
    #[must_use]
    pub fn remembered(&self) -> (usize, usize) {
        (self.actors.len(), self.actors.values().map(ActorState::paths).sum())
    }
}
