//! Undoes an attack: every document that was changed gets back its bytes, owner, rights and times; what the attack made goes
//! into quarantine. The plan is on disk before the first file is touched, so that an agent that dies goes on where it was.

use super::core::Core;
use super::malware::take;
use super::stranded::stranded;
use super::touches::{First, Touch};
use crate::platform::file::{Occupied, open_regular, private_folder, put, put_link, remove_passing};
use crate::platform::place::{Attributes, FileTime};
use crate::platform::raw_path;
use crate::vault::crash::point;
use crate::vault::journal::{Durability, Journal};
use crate::vault::{KeepError, Trust, locked, seal};
use baluardo_model::FindingId;
use baluardo_model::protection::StepKind;
use baluardo_wire::exchange::EventBody;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Most files that could not be put back are told one by one; the rest is counted.
const TOLD: usize = 50;
/// Plans are kept this long, so that a person can order what failed once more.
const PLAN_KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What is to be done with one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Undo {
    /// Put these bytes back.
    Restore {
        #[serde(with = "raw_path")]
        path: PathBuf,
        sha256: String,
        attributes: Attributes,
    },
    /// Let this symbolic link point there again.
    Relink {
        #[serde(with = "raw_path")]
        path: PathBuf,
        #[serde(with = "raw_path")]
        target: PathBuf,
    },
    /// The attack made it: take it away.
    Made {
        #[serde(with = "raw_path")]
        path: PathBuf,
    },
    /// It was changed, and no earlier version is kept.
    Lost {
        #[serde(with = "raw_path")]
        path: PathBuf,
    },
}

impl Undo {
    /// The path that it is about.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Restore { path, .. } | Self::Relink { path, .. } | Self::Made { path } | Self::Lost { path } => path,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Record {
    Entry { undo: Undo },
    Done { number: usize },
    Finished,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Undone {
    /// Documents that were put back.
    pub(crate) restored: u64,
    /// Documents that could not be, and why.
    pub(crate) lost: Vec<(PathBuf, String)>,
}

/// What must be done to undo these touches.
pub(crate) fn plan(core: &Core, touched: &BTreeMap<PathBuf, First>) -> Vec<Undo> {
    let mut undo = Vec::new();
    for (path, first) in touched {
        let there = std::fs::symlink_metadata(path).is_ok();
        if let Some(target) = locked(&core.links).get(path).cloned() {
            if std::fs::read_link(path).ok().as_ref() != Some(&target) {
                undo.push(Undo::Relink { path: path.clone(), target });
            }
            continue;
        }
        match core.vault.before(path, first.at) {
            Some(version) => {
                undo.push(Undo::Restore { path: path.clone(), sha256: version.sha256, attributes: version.attributes });
            }
            None if first.touch == Touch::Made && !there => {}
            None if first.touch == Touch::Made => undo.push(Undo::Made { path: path.clone() }),
            None => undo.push(Undo::Lost { path: path.clone() }),
        }
    }
    undo
}

/// Whether an entry is about a document of a person.
pub(crate) fn is_document(core: &Core, undo: &Undo) -> bool {
    match undo {
        Undo::Restore { path, .. } | Undo::Relink { path, .. } | Undo::Lost { path } => !core.canaries.is_one(path),
        Undo::Made { .. } => false,
    }
}

fn folder(core: &Core) -> PathBuf {
    core.state_dir.join("restores")
}

/// Writes the plan of a finding.
///
/// # Errors
/// [`KeepError`] when the disk refuses; the plan can be carried out all the same.
fn write_plan(core: &Core, finding: FindingId, undo: &[Undo]) -> Result<Journal<Record>, KeepError> {
    let folder = folder(core);
    private_folder(&folder).map_err(|e| KeepError::io(&folder, e))?;
    let (mut journal, _) = Journal::<Record>::open(&folder.join(finding.to_string()), Durability::Process)?;
    let lines: Vec<Record> = undo.iter().map(|undo| Record::Entry { undo: undo.clone() }).collect();
    journal.rewrite(lines.iter())?;
    Ok(journal)
}

/// Writes a plan that is carried out only if the agent dies before it has written a better one.
pub(crate) fn foresee(core: &Core, finding: FindingId, plan: &[Undo]) {
    let _alone = locked(&core.undoing);
    if let Err(e) = write_plan(core, finding, plan) {
        core.teller.trouble("plan_not_written", &core.state_dir, &e.to_string());
    }
}

/// Writes the plan and carries it out.
pub(crate) fn undo(core: &Core, finding: FindingId, plan: &[Undo]) -> Undone {
    let _alone = locked(&core.undoing);
    let journal = match write_plan(core, finding, plan) {
        Ok(journal) => Some(journal),
        Err(e) => {
            core.teller.trouble("plan_not_written", &core.state_dir, &e.to_string());
            None
        }
    };
    point();
    carry_out(core, finding, plan, &BTreeSet::new(), journal)
}

fn carry_out(
    core: &Core,
    finding: FindingId,
    plan: &[Undo],
    done: &BTreeSet<usize>,
    mut journal: Option<Journal<Record>>,
) -> Undone {
    let contents =
        || plan.iter().filter_map(|undo| if let Undo::Restore { sha256, .. } = undo { Some(sha256) } else { None });
    core.vault.pin(contents().cloned());
    let mut undone = Undone::default();
    for (number, undo) in plan.iter().enumerate() {
        let ended = if done.contains(&number) { Ok(()) } else { act(core, finding, number, undo) };
        point();
        match ended {
            Ok(()) => {
                if let Undo::Restore { path, .. } | Undo::Relink { path, .. } = undo
                    && is_document(core, undo)
                {
                    undone.restored += 1;
                    core.teller.restored(path);
                }
                if let Some(journal) = &mut journal {
                    let _ = journal.append(&Record::Done { number });
                }
            }
            Err((path, why)) => undone.lost.push((path, why)),
        }
    }
    core.vault.unpin(contents());
    if let Some(journal) = &mut journal {
        let _ = journal.append(&Record::Finished);
    }
    undone
}

fn act(core: &Core, finding: FindingId, number: usize, undo: &Undo) -> Result<(), (PathBuf, String)> {
    match undo {
        Undo::Restore { path, sha256, attributes } => {
            // The same name after a death, so that the rest of the first try is found and removed.
            let passing = format!(".baluardo-{finding}-{number}");
            restore(core, path, &passing, sha256, attributes).map_err(|e| (path.clone(), e.to_string()))
        }
        Undo::Relink { path, target } => {
            if open_regular(path).is_ok() {
                take(core, path, finding);
            }
            put_link(path, target).map_err(|e| (path.clone(), e.to_string()))
        }
        Undo::Made { path } => {
            take(core, path, finding);
            Ok(())
        }
        Undo::Lost { path } => Err((path.clone(), "no earlier version was in the vault".to_owned())),
    }
}

/// Puts one document back. What lies there now goes into the vault as a later version, should the alarm have been false.
fn restore(core: &Core, path: &Path, passing: &str, sha256: &str, attributes: &Attributes) -> Result<(), KeepError> {
    let fault = |e| KeepError::io(path, e);
    if let Ok((mut file, look)) = open_regular(path) {
        let same = seal::digest(&mut file).is_ok_and(|now| now.sha256 == sha256);
        if same && look.attributes.modified == attributes.modified && look.attributes.mode == attributes.mode {
            // Another plan put it back; a copy that this one was writing when the agent died is of no use any more.
            core.own.passes(passing.to_owned());
            remove_passing(path, passing);
            return Ok(());
        }
        if !same && look.stamp.size <= core.rules().policy.max_file_bytes {
            use std::io::Seek as _;
            let _ = file.rewind().map(|()| core.vault.keep(path, &mut file, &look, Trust::Fresh));
        }
    }
    // Renaming over what lies there tells no deletion, so none is announced: the next one would be a stranger's.
    core.own.passes(passing.to_owned());
    let mut fill = |to: &mut File| core.vault.read(sha256, to).map_err(std::io::Error::other);
    let look = put(path, passing, attributes, Occupied::Replace, &mut fill).map_err(fault)?;
    core.own.wrote(path, look.stamp);
    let (mut file, look) = open_regular(path).map_err(fault)?;
    let _ = core.vault.keep(path, &mut file, &look, Trust::Fresh);
    Ok(())
}

/// Tells how an undoing ended.
pub(crate) fn tell(core: &Core, finding: FindingId, touched: u64, undone: &Undone) {
    let lost = undone.lost.len() as u64;
    let say = |kind, detail: String, files| EventBody::FindingStep {
        finding,
        step: core.teller.step(kind, detail, files),
        files_touched: touched,
        files_lost: lost,
    };
    for (path, why) in undone.lost.iter().take(TOLD) {
        core.teller.tell(say(StepKind::RestoreFailed, format!("{}: {why}", path.display()), 1));
    }
    let more = undone.lost.len().saturating_sub(TOLD);
    if more > 0 {
        core.teller.tell(say(StepKind::RestoreFailed, "more files could not be put back".to_owned(), more as u64));
    }
    let detail = "documents have their bytes, owner, rights and times again";
    core.teller.tell(say(StepKind::Restored, detail.to_owned(), undone.restored));
}

/// Goes on with every plan that a death interrupted, and drops plans of long ago.
pub(crate) fn resume_all(core: &Core) {
    for entry in std::fs::read_dir(folder(core)).into_iter().flatten().flatten() {
        use std::os::unix::fs::MetadataExt as _;
        let Ok(meta) = entry.metadata() else { continue };
        let written = FileTime(meta.mtime(), meta.mtime_nsec()).instant();
        let old = core.clock.now().since(written) > PLAN_KEPT;
        let Some(finding) = entry.file_name().to_str().and_then(|name| name.parse::<FindingId>().ok()) else {
            continue;
        };
        let _alone = locked(&core.undoing);
        if old {
            let _ = std::fs::remove_file(entry.path());
        } else if let Ok(mut saved) = Saved::read(core, finding)
            && !saved.finished
        {
            saved.add(plan(core, &stranded(core, &saved.plan, written)));
            saved.carry_out(core, finding);
        }
    }
}

/// Carries out once more what of a finding's plan is not done.
///
/// # Errors
/// A sentence for people when there is no such plan, or documents are still missing.
pub(crate) fn again(core: &Core, finding: FindingId) -> Result<String, String> {
    let _alone = locked(&core.undoing);
    let saved = Saved::read(core, finding).map_err(|e| e.to_string())?;
    if saved.plan.is_empty() {
        return Err(format!("this device has no plan to restore for finding {finding}"));
    }
    let undone = saved.carry_out(core, finding);
    match undone.lost.first() {
        None => Ok(format!("{} documents are in place", undone.restored)),
        Some((path, why)) => {
            Err(format!("{} documents could not be put back, the first: {}: {why}", undone.lost.len(), path.display()))
        }
    }
}

struct Saved {
    plan: Vec<Undo>,
    done: BTreeSet<usize>,
    finished: bool,
    journal: Journal<Record>,
}

impl Saved {
    fn read(core: &Core, finding: FindingId) -> Result<Self, KeepError> {
        let path = folder(core).join(finding.to_string());
        private_folder(&folder(core)).map_err(|e| KeepError::io(&path, e))?;
        let known = path.exists();
        let (journal, records) = Journal::<Record>::open(&path, Durability::Process)?;
        if !known {
            let _ = std::fs::remove_file(&path);
        }
        let mut saved = Self { plan: Vec::new(), done: BTreeSet::new(), finished: false, journal };
        for record in records {
            match record {
                Record::Entry { undo } => saved.plan.push(undo),
                Record::Done { number } => drop(saved.done.insert(number)),
                Record::Finished => saved.finished = true,
            }
        }
        Ok(saved)
    }

    /// More to do; it is on disk before it is begun.
    fn add(&mut self, more: Vec<Undo>) {
        for undo in more {
            let _ = self.journal.append(&Record::Entry { undo: undo.clone() });
            self.plan.push(undo);
        }
    }

    fn carry_out(self, core: &Core, finding: FindingId) -> Undone {
        let touched = self.plan.iter().filter(|undo| is_document(core, undo)).count() as u64;
        let undone = carry_out(core, finding, &self.plan, &self.done, Some(self.journal));
        tell(core, finding, touched, &undone);
        undone
    }
}
