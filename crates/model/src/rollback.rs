//! Rolling a folder back to a moment: what a device tells of it before, meanwhile and afterwards.

use crate::id::RollbackId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most documents that are named one by one in each list of a [`Rollback`]; the rest is counted.
pub const NAMED: usize = 50;

/// The most moments that a device tells.
pub const MOMENTS: usize = 60;

/// Declares the hindrances: name, stable word, English for a terminal.
macro_rules! hindrances {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $words:literal;)+) => {
        /// Why a document, or a folder as a whole, is not put back. It travels as its word, with a detail behind it where one helps
        /// ("failed: no space left"), because people read it in their own language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Hindrance { $($(#[$doc])* $name),+ }

        impl Hindrance {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The same in English, for a terminal.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }
        }
    };
}

hindrances! {
    /// The version of then had to make room.
    VersionDropped = "version_dropped", "its version of then is no longer kept; it stays as it is";
    /// It was deleted, and every version of it had to make room.
    DeletedDropped = "deleted_dropped", "it was deleted since, and no version of it is kept any more";
    /// It is larger than the vault may keep.
    TooLarge = "too_large", "it is larger than the vault may keep; it stays as it is";
    /// The vault does not know it.
    NotHeld = "not_held", "the vault does not hold it; it stays as it is";
    /// What is there now could not be kept first.
    WouldBeLost = "would_be_lost", "what lies there now is larger than the vault may keep, and would be lost";
    /// A folder, a link or a device lies in its place.
    Occupied = "occupied", "something that is no regular file lies there now";
    /// Another file came between.
    NameTaken = "name_taken", "another file took its name meanwhile; it stays as it is";
    /// It could not be moved.
    NotSetAside = "not_set_aside", "it could not be set aside";
    /// The operating system or the vault said no.
    Failed = "failed", "it could not be put back";
    /// The folder does not exist, or may not be looked into.
    NoFolder = "no_folder", "the folder cannot be rolled back";
    /// The folder is none of the guarded ones.
    NotGuarded = "not_guarded", "it is not one of the guarded folders of this computer, nor below one: nothing of it is kept";
    /// The moment is to come.
    NotPast = "not_past", "that moment is not past yet";
    /// The moment is longer ago than versions are kept; the detail says how many hours.
    TooFarBack = "too_far_back", "that moment is too far back; versions are kept for so many hours";
    /// Not every document was looked at since the agent began.
    Filling = "filling", "the vault is still being filled: not every document of this folder was looked at yet";
    /// Documents are known only since a later moment, which the detail names.
    KnownSince = "known_since", "the documents of this folder are known only since";
    /// An attack is being undone.
    AttackOn = "attack_on", "an attack is being undone just now: order it again when that is over";
    /// The plan found no room on the disk.
    NoPlan = "no_plan", "the plan could not be written, so nothing was begun";
}

impl Hindrance {
    /// As it travels.
    #[must_use]
    pub fn why(self) -> String {
        self.code().to_owned()
    }

    /// As it travels, with a detail.
    #[must_use]
    pub fn because(self, detail: impl std::fmt::Display) -> String {
        format!("{}: {detail}", self.code())
    }

    /// What travelled, and its detail, which is empty where there is none; nothing for the sentence of an agent of an earlier version.
    #[must_use]
    pub fn read(why: &str) -> Option<(Self, &str)> {
        let (code, detail) = why.split_once(": ").unwrap_or((why, ""));
        let known = Self::ALL.iter().copied().find(|it| it.code() == code)?;
        Some((known, detail))
    }
}

/// What travelled, in English for a terminal.
#[must_use]
pub fn in_english(why: &str) -> String {
    match Hindrance::read(why) {
        Some((known, "")) => known.words().to_owned(),
        Some((known, detail)) => format!("{}: {detail}", known.words()),
        None => why.to_owned(),
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackStage {
    /// The device said what it would do; nothing was done.
    Previewed,
    /// It is being done.
    Running,
    /// It is done; what could not be is named.
    Done,
    /// It could not be looked at or begun; the note says why.
    Failed,
}

impl RollbackStage {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Previewed => "previewed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The stage of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Previewed, Self::Running, Self::Done, Self::Failed].into_iter().find(|it| it.code() == code)
    }
}

/// How many documents it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackTally {
    /// Documents that get their version of then.
    pub changed: u64,
    /// Documents that were deleted since and come back.
    pub returned: u64,
    /// Documents that were born since and are set aside.
    pub aside: u64,
    /// Documents that are as they were.
    pub same: u64,
    /// Documents that cannot be put back, or not told apart.
    pub stuck: u64,
    /// Documents among the changed and the set aside that a program holds open.
    pub open: u64,
}

impl RollbackTally {
    /// How many documents are touched.
    #[must_use]
    pub const fn acts(&self) -> u64 {
        self.changed + self.returned + self.aside
    }
}

/// A document that cannot be put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    /// Where it is, or was: foreign text.
    pub path: String,
    /// Why: a [`Hindrance`] as it travels.
    pub why: String,
}

/// A moment at which something happened in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Just before it.
    pub at: Timestamp,
    /// How many documents changed within that minute.
    pub documents: u64,
}

/// A folder's way back to a moment, as the device tells it. Every text in it is foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Which.
    pub id: RollbackId,
    /// The folder.
    pub folder: String,
    /// The moment.
    pub to: Timestamp,
    /// How far it is.
    pub stage: RollbackStage,
    /// How many documents it is about: foreseen until it is done, and then what came of it.
    pub tally: RollbackTally,
    /// How many of them are done.
    pub acted: u64,
    /// The folder in which those that were born since lie, or would lie; empty where there are none.
    pub aside: String,
    /// The first of those that cannot be put back.
    pub stuck: Vec<Stuck>,
    /// The first of those that a program holds open.
    pub open: Vec<String>,
    /// When something happened in this folder, newest first.
    pub moments: Vec<Moment>,
    /// What a person should know beyond that, a [`Hindrance`] as it travels where nothing was begun; empty when nothing.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hindrance_travels_with_its_detail_and_an_old_sentence_stays_as_it_is() {
        for known in Hindrance::ALL {
            assert_eq!(Hindrance::read(&known.why()), Some((*known, "")));
            assert_eq!(Hindrance::read(&known.because("a: b")), Some((*known, "a: b")));
            assert!(!known.words().is_empty());
        }
        assert_eq!(Hindrance::read("the vault does not hold it"), None);
        assert_eq!(in_english("failed: no room"), "it could not be put back: no room");
        assert_eq!(in_english("a sentence: of before"), "a sentence: of before");
    }
}
