//! What is remembered of one actor: the files it touched, its points by signal, and what waits for a partner.

use super::bounded::Bounded;
use super::event::{Actor, Alarm, FileEvent};
use super::pairs::Waiting;
use super::settings::GuardSettings;
use super::signal::{FILE_POINTS, Signal};
use crate::content::Features;
use baluardo_model::Timestamp;
use baluardo_model::protection::Reason;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How many folders of one note, and how many notes, are counted. More would not change the points.
const NOTES: usize = 16;

/// Points below this have faded away.
const FADED: f64 = 1.0;

/// A path that the actor changed.
#[derive(Debug)]
pub(super) struct FileState {
    /// When it was last changed.
    pub(super) at: Timestamp,
    /// The first good state that was seen of it.
    pub(super) original: Option<Features>,
    /// Its newest state.
    pub(super) current: Option<Features>,
    /// The name it had before a rename.
    pub(super) came_from: Option<Arc<Path>>,
    /// When the actor made it, if it did within the window.
    pub(super) created: Option<Timestamp>,
    /// Whether any signal named it.
    pub(super) suspect: bool,
    /// Points it gave, with the signal and the time, so that they can be taken back.
    pub(super) given: Vec<(Signal, f64, Timestamp)>,
}

/// Points of one signal.
#[derive(Debug)]
struct Tally {
    points: f64,
    at: Timestamp,
    files: u64,
    example: Arc<Path>,
    first: Timestamp,
}

/// One actor.
#[derive(Debug)]
pub(super) struct ActorState {
    files: Bounded<Arc<Path>, FileState>,
    tallies: BTreeMap<Signal, Tally>,
    half_life: Duration,
    /// Random files that it made, waiting for the original to go.
    pub(super) fresh: Waiting,
    /// Documents that it deleted, waiting for a copy to come.
    pub(super) lost: Waiting,
    /// Lengths of the sound files that it made: what was copied is not lost.
    pub(super) copies: Bounded<u64, ()>,
    /// The largest file that it made and nobody can look into, and how many bytes of documents it may still hold.
    pub(super) container: Option<(Arc<Path>, u64)>,
    /// How many files got each strange extension.
    pub(super) extensions: Bounded<String, u32>,
    /// In which folders each note was left.
    pub(super) notes: Bounded<String, BTreeSet<PathBuf>>,
}

impl ActorState {
    /// Nothing known yet.
    pub(super) fn new(settings: &GuardSettings) -> Self {
        Self {
            files: Bounded::new(settings.max_paths),
            tallies: BTreeMap::new(),
            half_life: settings.half_life,
            fresh: Waiting::new(settings.max_paths),
            lost: Waiting::new(settings.max_paths),
            copies: Bounded::new(settings.max_paths),
            container: None,
            extensions: Bounded::new(NOTES),
            notes: Bounded::new(NOTES),
        }
    }

    /// How many paths are remembered.
    pub(super) fn paths(&self) -> usize {
        self.files.len()
    }

    /// Forgets what lies before the window, and signals that have faded.
    pub(super) fn expire(&mut self, now: Timestamp, window: Duration) {
        self.files.drop_while(|file| now.since(file.at) > window);
        let half_life = self.half_life;
        self.tallies.retain(|_, tally| {
            faded(tally.points, tally.at, now, half_life) >= FADED || (tally.files > 0 && now.since(tally.at) <= window)
        });
    }

    /// The points that count now.
    pub(super) fn score(&self, now: Timestamp, half_life: Duration) -> f64 {
        self.tallies.values().map(|tally| faded(tally.points, tally.at, now, half_life)).sum()
    }

    /// The state of a path, which becomes the newest.
    pub(super) fn touch(&mut self, path: &Arc<Path>, at: Timestamp) -> &mut FileState {
        let file = self.files.touch(Arc::clone(path), || FileState {
            at,
            original: None,
            current: None,
            came_from: None,
            created: None,
            suspect: false,
            given: Vec::new(),
        });
        file.at = at;
        file
    }

    /// Whether a path was changed within the window.
    pub(super) fn remembers(&self, path: &Arc<Path>) -> bool {
        self.files.get(path).is_some()
    }

    /// Gives points for a path, within the caps of the file and of the signal.
    pub(super) fn add(&mut self, signal: Signal, path: &Arc<Path>, points: f64, at: Timestamp) {
        let half_life = self.half_life;
        let tally = self.tallies.entry(signal).or_insert_with(|| Tally {
            points: 0.0,
            at,
            files: 0,
            example: Arc::clone(path),
            first: at,
        });
        tally.points = faded(tally.points, tally.at, at, half_life);
        tally.at = tally.at.max(at);
        let mut room = (signal.cap() - tally.points).max(0.0);
        if let Some(file) = self.files.get_mut(path) {
            file.suspect = true;
            if !matches!(signal, Signal::Canary | Signal::Cleared) {
                let had: f64 = file.given.iter().map(|(_, points, _)| points).sum();
                room = room.min((FILE_POINTS - had).max(0.0));
            }
            let counted = points.min(room);
            tally.points += counted;
            match file.given.iter_mut().find(|(known, _, _)| *known == signal) {
                Some((_, points, _)) => {
                    *points += counted;
                    // The tally may have faded away since the file gave its first points.
                    tally.files = tally.files.max(1);
                }
                None => {
                    tally.files = tally.files.saturating_add(1);
                    file.given.push((signal, counted, at));
                }
            }
        }
    }

    /// Takes back what a path gave: it is as it should be again.
    pub(super) fn heal(&mut self, path: &Arc<Path>, now: Timestamp) {
        let half_life = self.half_life;
        let Some(file) = self.files.get_mut(path) else { return };
        file.suspect = false;
        for (signal, points, at) in file.given.drain(..) {
            if let Some(tally) = self.tallies.get_mut(&signal) {
                tally.points =
                    (faded(tally.points, tally.at, now, half_life) - faded(points, at, now, half_life)).max(0.0);
                tally.at = tally.at.max(now);
                tally.files = tally.files.saturating_sub(1);
            }
        }
    }

    /// The alarm, with all that is known.
    pub(super) fn alarm(&self, event: &FileEvent, score: f64) -> Alarm {
        let mut tallies: Vec<_> = self
            .tallies
            .iter()
            .map(|(signal, tally)| (faded(tally.points, tally.at, event.at, self.half_life), *signal, tally))
            .filter(|(_, _, tally)| tally.files > 0)
            .collect();
        tallies.sort_by(|one, other| other.0.total_cmp(&one.0));
        let reasons = tallies
            .iter()
            .map(|(_, signal, tally)| Reason {
                engine: "guard".to_owned(),
                rule: signal.name().to_owned(),
                detail: format!("{}: {}, for example {}", signal.words(), tally.files, tally.example.display()),
            })
            .collect();
        let all = matches!(event.actor, Actor::Known(_));
        Alarm {
            actor: event.actor,
            score: whole(score),
            first_sign: tallies.iter().map(|(_, _, tally)| tally.first).min().unwrap_or(event.at),
            reasons,
            harmed: self.files.iter().filter(|(_, file)| all || file.suspect).map(|(p, _)| p.to_path_buf()).collect(),
        }
    }
}

/// Points after they faded from `then` to `now`. A clock that went back fades nothing.
fn faded(points: f64, then: Timestamp, now: Timestamp, half_life: Duration) -> f64 {
    if half_life.is_zero() {
        return points;
    }
    points * (-now.since(then).as_secs_f64() / half_life.as_secs_f64()).exp2()
}

/// Whole points.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float to integer cast saturates")]
fn whole(points: f64) -> u32 {
    points.round() as u32
}
