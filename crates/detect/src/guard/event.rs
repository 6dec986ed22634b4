//! What goes into the guard and what comes out.

use crate::content::Features;
use baluardo_model::Timestamp;
use baluardo_model::protection::Reason;
use std::path::PathBuf;

/// Who did it, as far as the sensor can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A process tree, by the id of the process at its root: children count as their root.
    Known(u32),
    /// The sensor cannot tell (inotify): everything that happens on the computer counts as one actor.
    Unknown,
}

/// What was done to a canary, a file that no person or program has a reason to touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CanaryHarm {
    /// Its content changed.
    Changed,
    /// It got another name or place.
    Renamed,
    /// It was deleted.
    Deleted,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq)]
pub enum FileOp {
    /// A file that stood there was written to.
    Written {
        /// Which.
        path: PathBuf,
        /// As it was, where a copy or its features were kept.
        before: Option<Features>,
        /// As it is, where it could be read.
        after: Option<Features>,
    },
    /// A file came into being.
    Created {
        /// Which.
        path: PathBuf,
        /// As it is, where it could be read.
        after: Option<Features>,
    },
    /// A file got another name.
    Renamed {
        /// Its old name.
        from: PathBuf,
        /// Its new name.
        to: PathBuf,
        /// The file that stood at `to` and is gone now, where its features were kept.
        replaced: Option<Features>,
    },
    /// A file was deleted.
    Deleted {
        /// Which.
        path: PathBuf,
        /// As it was, where its features were kept.
        before: Option<Features>,
    },
    /// Folders are being cleared: the sensor saw that documents go from folder after folder while the folders stay, or that
    /// nearly everything is gone.
    Cleared {
        /// The document that went last.
        path: PathBuf,
    },
    /// A canary was harmed.
    CanaryTouched {
        /// Which.
        path: PathBuf,
        /// How.
        how: CanaryHarm,
    },
}

/// One event of one actor.
#[derive(Clone, Debug, PartialEq)]
pub struct FileEvent {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub op: FileOp,
}

/// A program is destroying documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Which.
    pub actor: Actor,
    /// Points, at least the threshold.
    pub score: u32,
    /// When the first sign that still counts was seen.
    pub first_sign: Timestamp,
    /// Why: one reason for each signal, the heaviest first; a signal whose files gave their points for another one
    /// already is told too. Engine `guard`, rule the signal's name.
    pub reasons: Vec<Reason>,
    /// Paths that this actor changed within the window, oldest first, at most [`super::GuardSettings::max_paths`].
    ///
    /// For [`Actor::Known`] every path that it wrote, created, deleted, or renamed (both names), harmful by itself or
    /// not. For [`Actor::Unknown`], which stands for everybody, only paths with a sign of harm, so that putting them back
    /// does not undo other people's work.
    pub harmed: Vec<PathBuf>,
}
