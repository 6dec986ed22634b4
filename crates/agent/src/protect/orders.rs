//! Carries out what the console orders.

use super::Protection;
use super::core::Rules;
use super::rollback::{self, Wish};
use super::undo;
use super::work::scan;
use crate::duty::Duty;
use crate::evidence::Wish as Wished;
use crate::identity::state_dir::StateDir;
use crate::platform::walk::files;
use crate::stop;
use crate::vault::locked;
use baluardo_model::fleet::{Coverage, OrderKind, PackRef, Policy, Rejoined};
use baluardo_model::protection::{QuarantineState, StepKind};
use baluardo_model::rollback::{Rollback, RollbackStage, in_english};
use baluardo_model::{QuarantineId, RollbackId, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The longest that an order may let the agent be stopped.
const LONGEST_PERMIT: Duration = Duration::from_secs(24 * 3_600);

/// Folders of the kernel, where a file is not a file.
const NO_FILES: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

impl Duty for Protection {
    fn carry_out(&self, order: &OrderKind) -> Result<String, String> {
        match order {
            OrderKind::ApplyPolicy { policy } => self.follow(policy),
            OrderKind::ReleaseQuarantine { item } => self.release(*item),
            OrderKind::DeleteQuarantine { item } => self.delete(*item),
            OrderKind::Scan { folders } => self.scan(folders),
            OrderKind::Restore { finding } => undo::again(&self.core, *finding),
            OrderKind::Isolate { until } => self.core.isolation.begin(*until, None).map_err(|e| e.to_string()),
            OrderKind::Rejoin {} => {
                self.core.isolation.end(Rejoined::Ordered).map(|()| String::new()).map_err(|e| e.to_string())
            }
            OrderKind::TakeInventory {} | OrderKind::Hunt { .. } | OrderKind::StopHunt { .. } => {
                Err("protection alone keeps no inventory and looks for nothing".to_owned())
            }
            OrderKind::AllowStop { until } => self.allow_stop(*until),
            OrderKind::CollectEvidence { evidence, finding, reason, by, sealed } => {
                let (by, reason) = (by.clone(), reason.clone());
                self.core.collect(&Wished { id: *evidence, finding: *finding, by, reason, sealed: *sealed })
            }
            OrderKind::PreviewRollback { rollback, folder, to } => {
                let wish = Wish { id: *rollback, folder: folder.clone(), to: *to };
                self.answer(&wish, rollback::preview(&self.core, &wish))
            }
            OrderKind::RollBack { rollback, folder, to } => {
                let wish = Wish { id: *rollback, folder: folder.clone(), to: *to };
                self.answer(&wish, rollback::roll_back(&self.core, &wish))
            }
        }
    }

    fn coverage(&self) -> (Coverage, String) {
        let core = &self.core;
        let rules = core.rules();
        let reach = locked(&core.reach).clone();
        let coverage = match (reach.blocking, rules.scope.roots().is_empty() || self.is_blind()) {
            (_, true) => Coverage::None,
            (true, false) => Coverage::Blocking,
            (false, false) => Coverage::Detecting,
        };
        let mut notes = vec![reach.note];
        notes.extend(rules.scope.notes.iter().cloned());
        if !rules.missing_packs.is_empty() {
            notes.push(format!("{} packs of rules are still to come", rules.missing_packs.len()));
        }
        notes.push(super::keeper::note(core));
        notes.push(core.second.note());
        notes.retain(|note| !note.is_empty());
        (coverage, notes.join("; "))
    }

    fn policy_version(&self) -> u64 {
        self.core.rules().policy.version
    }

    fn missing_packs(&self) -> Vec<PackRef> {
        self.core.rules().missing_packs.clone()
    }

    fn take_packs(&self) -> Result<(), String> {
        self.renew_rules().map_err(|e| e.to_string())
    }
}

impl Protection {
    fn follow(&self, policy: &Policy) -> Result<String, String> {
        let rules = Arc::new(Rules::of(policy.clone(), &self.core.state_dir).map_err(|e| e.to_string())?);
        self.apply(&rules).map_err(|e| e.to_string())?;
        Ok(rules.scope.notes.join("; "))
    }

    fn allow_stop(&self, until: Timestamp) -> Result<String, String> {
        let until = until.min(self.core.clock.now().plus(LONGEST_PERMIT));
        stop::permit(&StateDir::existing(&self.core.state_dir), until).map_err(|e| e.to_string())?;
        Ok(format!("the agent may be stopped and removed until {}", until.rfc3339()))
    }

    /// Tells what came of a roll back or of the look at one, and gives the note for the order.
    fn answer(&self, wish: &Wish, told: Result<Rollback, String>) -> Result<String, String> {
        let told = told.inspect_err(|why| rollback::tell(&self.core, &rollback::failed(&self.core, wish, why)));
        let told = told.map_err(|why| in_english(&why))?;
        // One that was done told so itself.
        if told.stage == RollbackStage::Previewed {
            rollback::tell(&self.core, &told);
        }
        Ok(rollback::in_words(&told))
    }

    /// Rolls a folder back, or only looks, for somebody who sits at this device; the server hears of it.
    ///
    /// # Errors
    /// A sentence for people.
    pub(crate) fn roll_back_here(
        &self,
        id: RollbackId,
        folder: &str,
        to: Timestamp,
        dry: bool,
    ) -> Result<Rollback, String> {
        let wish = Wish { id, folder: folder.to_owned(), to };
        let told = if dry { rollback::preview(&self.core, &wish) } else { rollback::roll_back(&self.core, &wish) };
        told.map_err(|why| in_english(&why))
    }

    fn release(&self, id: QuarantineId) -> Result<String, String> {
        let core = &self.core;
        let Some(item) = core.quarantine.item(id) else { return Err(format!("quarantine holds no item {id}")) };
        core.own.passes(item.passing());
        core.verdicts.clear();
        let released = core.quarantine.release(id).map_err(|e| e.to_string())?;
        self.left(id, QuarantineState::Released);
        if released.is_some() {
            if let Ok(look) = crate::platform::file::look(&item.path) {
                core.own.wrote(&item.path, look.stamp);
            }
            self.tell_step(&item, StepKind::Released);
        }
        Ok(String::new())
    }

    fn delete(&self, id: QuarantineId) -> Result<String, String> {
        let deleted = self.core.quarantine.delete(id).map_err(|e| e.to_string())?;
        self.left(id, QuarantineState::Deleted);
        if let Some(item) = deleted {
            self.tell_step(&item, StepKind::Deleted);
        }
        Ok(String::new())
    }

    /// Told also when it was done before: the first time may have been lost with the agent.
    fn left(&self, item: QuarantineId, state: QuarantineState) {
        self.core.teller.tell(EventBody::QuarantineChanged { item, state });
    }

    fn tell_step(&self, item: &crate::quarantine::Item, kind: StepKind) {
        let step = self.core.teller.step(kind, item.path.to_string_lossy(), 1);
        self.core.teller.tell(EventBody::FindingStep { finding: item.finding, step, files_touched: 0, files_lost: 0 });
    }

    fn scan(&self, folders: &[String]) -> Result<String, String> {
        let core = &self.core;
        let (mut scanned, mut bad, mut unread) = (0_u64, 0_u64, 0_u64);
        for folder in folders {
            let real = Path::new(folder).canonicalize().map_err(|e| format!("{folder} cannot be scanned: {e}"))?;
            let skip = |path: &Path| path == core.rules().scope.own() || NO_FILES.iter().any(|it| path.starts_with(it));
            files(&real, &skip, &mut |path| match scan(core, path) {
                Ok(found) => {
                    scanned += 1;
                    bad += u64::from(found);
                }
                Err(_) => unread += 1,
            });
        }
        Ok(format!("{scanned} files scanned, {bad} bad, {unread} could not be read"))
    }
}
