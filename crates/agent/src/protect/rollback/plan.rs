//! What must be done to bring a folder back to a moment: the vault's knowledge of then beside what lies there now.

use super::{ASIDE, Wish};
use crate::platform::file::look;
use crate::platform::place::{Attributes, Look};
use crate::platform::process::open_files;
use crate::platform::raw_path;
use crate::platform::walk::files;
use crate::protect::core::{Core, Rules};
use crate::vault::{Then, Version};
use baluardo_model::Timestamp;
use baluardo_model::rollback::{Hindrance, NAMED, RollbackTally, Stuck};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// What is to be done with one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Act {
    /// Give it these bytes and attributes.
    Put {
        #[serde(with = "raw_path")]
        path: PathBuf,
        sha256: String,
        attributes: Attributes,
        /// Whether it was deleted since.
        returns: bool,
    },
    /// Move it there.
    Aside {
        #[serde(with = "raw_path")]
        path: PathBuf,
        #[serde(with = "raw_path")]
        to: PathBuf,
    },
}

impl Act {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Put { path, .. } | Self::Aside { path, .. } => path,
        }
    }

    pub(super) fn count(&self, tally: &mut RollbackTally) {
        match self {
            Self::Put { returns: true, .. } => tally.returned += 1,
            Self::Put { .. } => tally.changed += 1,
            Self::Aside { .. } => tally.aside += 1,
        }
    }
}

/// All that is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) acts: Vec<Act>,
    /// The folder for what was born since.
    pub(super) aside: PathBuf,
    pub(super) same: u64,
    pub(super) open: u64,
    pub(super) open_named: Vec<String>,
    pub(super) stuck: u64,
    pub(super) stuck_named: Vec<Stuck>,
}

impl Plan {
    fn stuck(&mut self, path: &Path, why: Hindrance) {
        self.stuck += 1;
        if self.stuck_named.len() < NAMED {
            self.stuck_named.push(Stuck { path: path.to_string_lossy().into_owned(), why: why.why() });
        }
    }
}

/// Looks at the folder and at the vault.
///
/// # Errors
/// A [`Hindrance`]: a folder that is not guarded, a moment of which too little is known.
pub(super) fn plan(core: &Core, wish: &Wish) -> Result<Plan, String> {
    let rules = core.rules();
    let folder = guarded(&rules, &wish.folder)?;
    check_moment(core, &folder, wish.to)?;
    let mut plan = Plan { aside: folder.join(aside_name(wish)), ..Plan::default() };
    let mut then = core.vault.state_at(&folder, wish.to);
    then.retain(|path, _| takes_part(core, &rules, path));
    let mut there: BTreeMap<PathBuf, Look> = BTreeMap::new();
    files(&folder, &|below| rules.scope.passes_by(below), &mut |path| {
        if takes_part(core, &rules, path)
            && let Ok(look) = look(path)
        {
            there.insert(path.to_owned(), look);
        }
    });
    for (path, look) in &there {
        match then.remove(path) {
            Some(Then::Was(version)) => changed(core, &rules, &mut plan, (path, look), &version),
            Some(Then::Absent) => {
                let below = path.strip_prefix(&folder).unwrap_or(path);
                plan.acts.push(Act::Aside { path: path.clone(), to: plan.aside.join(below) });
            }
            Some(Then::Dropped) => plan.stuck(path, Hindrance::VersionDropped),
            None if look.stamp.size > rules.policy.max_file_bytes => {
                plan.stuck(path, Hindrance::TooLarge);
            }
            None => plan.stuck(path, Hindrance::NotHeld),
        }
    }
    for (path, then) in then {
        match then {
            Then::Was(version) => returned(&mut plan, path, &version),
            Then::Dropped => plan.stuck(&path, Hindrance::DeletedDropped),
            Then::Absent => {}
        }
    }
    note_open(&mut plan, &folder);
    Ok(plan)
}

fn changed(core: &Core, rules: &Rules, plan: &mut Plan, (path, look): (&PathBuf, &Look), version: &Version) {
    let held = core.vault.newest(path).is_some_and(|newest| {
        newest.stamp == look.stamp && newest.sha256 == version.sha256 && same(&look.attributes, &version.attributes)
    });
    if held {
        plan.same += 1;
    } else if look.stamp.size > rules.policy.max_file_bytes {
        plan.stuck(path, Hindrance::WouldBeLost);
    } else {
        let (sha256, attributes) = (version.sha256.clone(), version.attributes);
        plan.acts.push(Act::Put { path: path.clone(), sha256, attributes, returns: false });
    }
}

fn returned(plan: &mut Plan, path: PathBuf, version: &Version) {
    if std::fs::symlink_metadata(&path).is_ok() {
        return plan.stuck(&path, Hindrance::Occupied);
    }
    let (sha256, attributes) = (version.sha256.clone(), version.attributes);
    plan.acts.push(Act::Put { path, sha256, attributes, returns: true });
}

/// Whether both are the same but for the last access.
pub(super) fn same(now: &Attributes, then: &Attributes) -> bool {
    (now.uid, now.gid, now.mode, now.modified) == (then.uid, then.gid, then.mode, then.modified)
}

/// The folder as it really lies, if it is guarded.
fn guarded(rules: &Rules, folder: &str) -> Result<PathBuf, String> {
    let real = Path::new(folder).canonicalize().map_err(|e| Hindrance::NoFolder.because(e))?;
    if rules.scope.guarded_roots().iter().any(|root| real.starts_with(root)) && rules.scope.guards(&real.join("x")) {
        Ok(real)
    } else {
        Err(Hindrance::NotGuarded.why())
    }
}

fn check_moment(core: &Core, folder: &Path, moment: Timestamp) -> Result<(), String> {
    let now = core.clock.now();
    if moment >= now {
        return Err(Hindrance::NotPast.why());
    }
    let kept = core.vault.superseded_kept();
    if now.since(moment) > kept {
        let hours = kept.as_secs() / 3_600;
        return Err(Hindrance::TooFarBack.because(hours));
    }
    match core.vault.known_since(folder) {
        None => Err(Hindrance::Filling.why()),
        Some(since) if moment < since => Err(Hindrance::KnownSince.because(since.rfc3339())),
        Some(_) => Ok(()),
    }
}

fn takes_part(core: &Core, rules: &Rules, path: &Path) -> bool {
    let aside = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with(ASIDE);
    core.guards(rules, path) && !core.canaries.is_one(path) && !path.components().any(aside)
}

/// Named by the moment and by the roll back, so that two never meet in one folder.
fn aside_name(wish: &Wish) -> String {
    let digits: String = wish.to.rfc3339().chars().take(19).filter(char::is_ascii_digit).collect();
    let id: String = wish.id.to_string().chars().rev().take(6).collect();
    format!("{ASIDE}{digits}-{id}")
}

fn note_open(plan: &mut Plan, folder: &Path) {
    let open = open_files(folder);
    for act in plan.acts.iter().filter(|act| open.contains(act.path())) {
        plan.open += 1;
        if plan.open_named.len() < NAMED {
            plan.open_named.push(act.path().to_string_lossy().into_owned());
        }
    }
}
