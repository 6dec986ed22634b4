//! Puts a folder back to a moment: documents that changed get their version of then, those deleted since come back, those born since
//! are set aside in a folder beside. Nothing is lost by it: what a version of then replaces is kept in the vault first, so that
//! rolling back can itself be rolled back.
//!
//! The plan is on disk before the first file is touched; an agent that dies goes on with it at its next start.

mod act;
mod plan;

use super::core::Core;
use crate::platform::file::private_folder;
use crate::platform::raw_path;
use crate::vault::crash::point;
use crate::vault::journal::{Durability, Journal};
use crate::vault::{KeepError, locked};
use act::act;
use baluardo_model::rollback::{Hindrance, NAMED, Rollback, RollbackStage, RollbackTally, Stuck};
use baluardo_model::{RollbackId, Timestamp};
use baluardo_wire::exchange::EventBody;
use plan::{Act, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The first letters of the folder for what was born since; what lies in one is never rolled back.
pub(crate) const ASIDE: &str = "Baluardo-messi-da-parte-";

/// How often a long one tells how far it is, in documents at least.
const TELL_EVERY: usize = 500;
/// And at most so often in all.
const TELLINGS: usize = 20;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) id: RollbackId,
    pub(crate) folder: String,
    pub(crate) to: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Record {
    Begun {
        folder: String,
        to: Timestamp,
        #[serde(with = "raw_path")]
        aside: PathBuf,
        same: u64,
        open: u64,
        open_named: Vec<String>,
        stuck: u64,
        stuck_named: Vec<Stuck>,
    },
    Entry {
        act: Act,
    },
    /// The plan is whole; without this line nothing of it was begun.
    Whole,
    Done {
        number: usize,
    },
    Failed {
        number: usize,
        why: String,
    },
    Finished,
}

/// Says what rolling back would do, and does nothing.
///
/// # Errors
/// A [`Hindrance`].
pub(crate) fn preview(core: &Core, wish: &Wish) -> Result<Rollback, String> {
    let plan = plan::plan(core, wish)?;
    Ok(told(core, wish, &plan, RollbackStage::Previewed))
}

/// Rolls back, or goes on with what an earlier life began under this id.
///
/// # Errors
/// A [`Hindrance`]; then nothing was touched.
pub(crate) fn roll_back(core: &Core, wish: &Wish) -> Result<Rollback, String> {
    if core.attacked.load(std::sync::atomic::Ordering::SeqCst) {
        return Err(Hindrance::AttackOn.why());
    }
    let _alone = locked(&core.undoing);
    let path = folder(core).join(wish.id.to_string());
    if let Ok(saved) = Saved::read(&path)
        && saved.whole
    {
        return Ok(carry_on(core, wish.id, saved));
    }
    let plan = plan::plan(core, wish)?;
    let journal = write(core, &path, wish, &plan).map_err(|e| Hindrance::NoPlan.because(e))?;
    point();
    let saved = Saved { folder: wish.folder.clone(), to: wish.to, plan, whole: true, ..Saved::new(journal) };
    Ok(carry_on(core, wish.id, saved))
}

/// Goes on with every roll back that a death interrupted, and forgets what is long over.
pub(crate) fn resume_all(core: &Core) {
    let spare = core.clock.now().minus(core.vault.superseded_kept());
    for entry in std::fs::read_dir(folder(core)).into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<RollbackId>().ok()) else { continue };
        let _alone = locked(&core.undoing);
        match Saved::read(&entry.path()) {
            Ok(saved) if saved.whole && !saved.finished => drop(carry_on(core, id, saved)),
            Ok(saved) if saved.finished && saved.to >= spare => {}
            _ => drop(std::fs::remove_file(entry.path())),
        }
    }
}

fn folder(core: &Core) -> PathBuf {
    core.state_dir.join("rollbacks")
}

fn write(core: &Core, path: &Path, wish: &Wish, plan: &Plan) -> Result<Journal<Record>, KeepError> {
    let folder = folder(core);
    private_folder(&folder).map_err(|e| KeepError::io(&folder, e))?;
    let (mut journal, _) = Journal::open(path, Durability::Process)?;
    let begun = Record::Begun {
        folder: wish.folder.clone(),
        to: wish.to,
        aside: plan.aside.clone(),
        same: plan.same,
        open: plan.open,
        open_named: plan.open_named.clone(),
        stuck: plan.stuck,
        stuck_named: plan.stuck_named.clone(),
    };
    let entries = plan.acts.iter().map(|act| Record::Entry { act: act.clone() });
    let lines: Vec<Record> = std::iter::once(begun).chain(entries).chain([Record::Whole]).collect();
    journal.rewrite(lines.iter())?;
    Ok(journal)
}

/// Does what is left, and tells how far it is.
fn carry_on(core: &Core, id: RollbackId, mut saved: Saved) -> Rollback {
    let wish = Wish { id, folder: saved.folder.clone(), to: saved.to };
    let wanted = |act: &Act| if let Act::Put { sha256, .. } = act { Some(sha256.clone()) } else { None };
    let contents: Vec<String> = saved.plan.acts.iter().filter_map(wanted).collect();
    core.vault.pin(contents.iter().cloned());
    let every = TELL_EVERY.max(saved.plan.acts.len() / TELLINGS);
    let mut progress = told(core, &wish, &saved.plan, RollbackStage::Running);
    for number in 0..saved.plan.acts.len() {
        if saved.ended.contains_key(&number) {
            continue;
        }
        let Some(next) = saved.plan.acts.get(number) else { break };
        let ended = act(core, id, number, next);
        point();
        let line = match &ended {
            Ok(()) => Record::Done { number },
            Err(why) => Record::Failed { number, why: why.clone() },
        };
        // Done a second time after a death it changes nothing, so a line that could not be written costs nothing.
        let _ = saved.journal.append(&line);
        saved.ended.insert(number, ended.err());
        if saved.ended.len().is_multiple_of(every) {
            progress.acted = saved.ended.len() as u64;
            tell(core, &progress);
        }
    }
    core.vault.unpin(contents.iter());
    let _ = saved.journal.append(&Record::Finished);
    let ended = saved.result(told(core, &wish, &saved.plan, RollbackStage::Done));
    tell(core, &ended);
    ended
}

fn told(core: &Core, wish: &Wish, plan: &Plan, stage: RollbackStage) -> Rollback {
    let mut tally = RollbackTally { same: plan.same, open: plan.open, stuck: plan.stuck, ..RollbackTally::default() };
    plan.acts.iter().for_each(|act| act.count(&mut tally));
    let aside = if tally.aside > 0 { plan.aside.to_string_lossy().into_owned() } else { String::new() };
    Rollback {
        id: wish.id,
        folder: wish.folder.clone(),
        to: wish.to,
        stage,
        tally,
        acted: 0,
        aside,
        stuck: plan.stuck_named.clone(),
        open: plan.open_named.clone(),
        moments: core.vault.moments(Path::new(&wish.folder)),
        note: String::new(),
    }
}

/// Tells the server; kept on disk until it has it.
pub(crate) fn tell(core: &Core, rollback: &Rollback) {
    core.teller.tell(EventBody::Rollback { rollback: Box::new(rollback.clone()) });
}

/// What came of it, in one sentence.
#[must_use]
pub(crate) fn in_words(rollback: &Rollback) -> String {
    let RollbackTally { changed, returned, aside, same, stuck, open } = rollback.tally;
    let future = rollback.stage == RollbackStage::Previewed;
    let (get, come, are) = if future { ("would get", "would come", "would be") } else { ("got", "came", "were") };
    let mut text = format!(
        "{changed} documents {get} their version of then, {returned} {come} back, {aside} {are} set aside, {same} are as they were"
    );
    if stuck > 0 {
        text = format!("{text}, {stuck} cannot be put back");
    }
    if open > 0 {
        text = format!("{text}, {open} of them are open in a program");
    }
    if !rollback.aside.is_empty() {
        text = format!("{text}; set aside in {}", rollback.aside);
    }
    text
}

/// One that could not be looked at or begun, for who asked.
pub(crate) fn failed(core: &Core, wish: &Wish, why: &str) -> Rollback {
    let note = why.to_owned();
    Rollback { note, ..told(core, wish, &Plan::default(), RollbackStage::Failed) }
}

struct Saved {
    journal: Journal<Record>,
    folder: String,
    to: Timestamp,
    plan: Plan,
    whole: bool,
    finished: bool,
    /// What was done, and why not.
    ended: BTreeMap<usize, Option<String>>,
}

impl Saved {
    fn new(journal: Journal<Record>) -> Self {
        let (folder, to, plan) = (String::new(), Timestamp::from_micros(0), Plan::default());
        Self { journal, folder, to, plan, whole: false, finished: false, ended: BTreeMap::new() }
    }

    fn read(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            return Err("there is no such plan".to_owned());
        }
        let (journal, records) = Journal::<Record>::open(path, Durability::Process).map_err(|e| e.to_string())?;
        let mut saved = Self::new(journal);
        for record in records {
            match record {
                Record::Begun { folder, to, aside, same, open, open_named, stuck, stuck_named } => {
                    (saved.folder, saved.to) = (folder, to);
                    saved.plan = Plan { acts: Vec::new(), aside, same, open, open_named, stuck, stuck_named };
                }
                Record::Entry { act } => saved.plan.acts.push(act),
                Record::Whole => saved.whole = true,
                Record::Done { number } => drop(saved.ended.insert(number, None)),
                Record::Failed { number, why } => drop(saved.ended.insert(number, Some(why))),
                Record::Finished => saved.finished = true,
            }
        }
        Ok(saved)
    }

    /// What came of the plan: acts that failed are no longer counted as done.
    fn result(&self, mut rollback: Rollback) -> Rollback {
        let mut tally = RollbackTally { changed: 0, returned: 0, aside: 0, ..rollback.tally };
        for (number, act) in self.plan.acts.iter().enumerate() {
            match self.ended.get(&number) {
                Some(Some(why)) => {
                    tally.stuck += 1;
                    if rollback.stuck.len() < NAMED {
                        let path = act.path().to_string_lossy().into_owned();
                        rollback.stuck.push(Stuck { path, why: why.clone() });
                    }
                }
                _ => act.count(&mut tally),
            }
        }
        if tally.aside == 0 {
            rollback.aside.clear();
        }
        Rollback { acted: tally.acts(), tally, ..rollback }
    }
}

#[cfg(test)]
mod tests;
