//! Answers a process that waits to open a file: is it malware, is its owner attacking, and is the document safe in the
//! vault before it may be changed?

use super::core::{Ask, Core, Rules};
use super::judge::judge;
use super::malware::{Where, found};
use super::verdicts::Judged;
use crate::platform::event::Ticket;
use crate::platform::file::look_at;
use crate::vault::{KeepError, Trust, locked};
use std::path::Path;
use std::sync::Arc;

/// The answer that needs no work, if there is one: `Some(true)` lets go.
pub(crate) fn known_answer(core: &Core, rules: &Rules, path: &Path, ticket: &dyn Ticket) -> Option<bool> {
    let look = look_at(&ticket.file().ok()?).ok();
    let Some(look) = look else { return Some(true) };
    if rules.scope.scans(path) {
        match core.verdicts.get(&look.stamp)? {
            Judged::Clean => {}
            Judged::Bad(_) => return None,
        }
    }
    (!needs_keeping(core, rules, path, &look.stamp)).then_some(true)
}

fn needs_keeping(core: &Core, rules: &Rules, path: &Path, stamp: &crate::platform::place::Stamp) -> bool {
    core.guards(rules, path)
        && stamp.size <= rules.policy.max_file_bytes
        && !core.vault.holds(path, stamp)
        && !locked(&core.open_writes).contains_key(path)
}

/// Judges the file and answers.
pub(crate) fn answer(core: &Arc<Core>, ask: Ask) {
    let rules = core.rules();
    if core.is_alarmed(ask.actor) {
        return core.refuse(ask);
    }
    let Ask { ticket, path, pid, run, actor } = ask;
    let opened = ticket.file().and_then(|file| look_at(&file).map(|look| (file, look)));
    let Ok((mut file, look)) = opened else { return ticket.allow() };
    if rules.scope.scans(&path)
        && let Ok(Judged::Bad(verdict)) = judge(core, &rules, &path, &mut file, &look)
    {
        let blocked = rules.policy.respond && ticket.refuse();
        found(core, &path, &verdict, &Where::Asked { pid, run, blocked });
        return;
    }
    if needs_keeping(core, &rules, &path, &look.stamp) {
        keep(core, &path, &mut file, &look);
    }
    // While the copy was made, the one who asks may have been found out.
    if core.is_alarmed(actor) {
        core.refuse(Ask { ticket, path, pid, run, actor });
    } else {
        ticket.allow();
    }
}

fn keep(core: &Core, path: &Path, file: &mut std::fs::File, look: &crate::platform::place::Look) {
    use std::io::Seek as _;
    let kept = file
        .rewind()
        .map_err(|e| KeepError::io(path, e))
        .and_then(|()| core.vault.keep(path, file, look, Trust::Fresh));
    super::keeper::note_failure(core, path, kept);
}
