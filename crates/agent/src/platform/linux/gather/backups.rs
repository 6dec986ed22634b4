//! Traces of backups that known programs leave on the machine that is backed up. That a program left none is no proof
//! that there is no backup: it may be made from elsewhere.

use super::root::{Root, changed_at};
use baluardo_detect::inventory::backups as read;
use baluardo_detect::inventory::clean;
use baluardo_model::Timestamp;
use baluardo_model::inventory::{Backup, OWN_VAULT};
use std::path::Path;

/// The most homes that are looked into.
const MAX_HOMES: usize = 200;

pub(super) fn backups(root: &Root, state_dir: &Path) -> Vec<Backup> {
    let mut found = Vec::new();
    let mut homes = vec!["root".to_owned()];
    homes.extend(root.names("home").into_iter().take(MAX_HOMES).map(|name| format!("home/{name}")));
    for home in &homes {
        restic(root, home, &mut found);
        borg(root, home, &mut found);
        duplicity(root, home, &mut found);
    }
    rsnapshot(root, &mut found);
    timeshift(root, &mut found);
    if let Some(last_at) = newest_in(&state_dir.join("vault")) {
        let trace = clean(&state_dir.join("vault").to_string_lossy());
        found.push(Backup { tool: OWN_VAULT.to_owned(), trace, last_at });
    }
    found.sort_by_key(|backup| std::cmp::Reverse(backup.last_at));
    found
}

fn push(found: &mut Vec<Backup>, tool: &str, trace: &str, last_at: Option<Timestamp>) {
    if let Some(last_at) = last_at {
        found.push(Backup { tool: tool.to_owned(), trace: clean(&format!("/{trace}")), last_at });
    }
}

/// When the newest entry of a folder was changed.
fn newest_in(folder: &Path) -> Option<Timestamp> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().take(10_000);
    entries.filter_map(|entry| changed_at(&entry.path())).max()
}

/// restic keeps a copy of each repository's list of snapshots.
fn restic(root: &Root, home: &str, found: &mut Vec<Backup>) {
    let cache = format!("{home}/.cache/restic");
    for repository in root.names(&cache) {
        let snapshots = format!("{cache}/{repository}/snapshots");
        let folders = root.names(&snapshots);
        let newest = folders.iter().filter_map(|name| {
            let path = root.path(&format!("{snapshots}/{name}"));
            if path.is_dir() { newest_in(&path) } else { changed_at(&path) }
        });
        push(found, "restic", &snapshots, newest.max());
    }
}

/// borg notes the time of each repository's manifest, which changes with every backup.
fn borg(root: &Root, home: &str, found: &mut Vec<Backup>) {
    let folder = format!("{home}/.config/borg/security");
    for repository in root.names(&folder) {
        let note = format!("{folder}/{repository}/manifest-timestamp");
        push(found, "borg", &note, read::of_borg(&root.text(&note)));
    }
}

/// duplicity keeps its manifests, deja-dup uses duplicity with a folder of its own.
fn duplicity(root: &Root, home: &str, found: &mut Vec<Backup>) {
    for (tool, cache) in [("duplicity", ".cache/duplicity"), ("deja-dup", ".cache/deja-dup")] {
        let cache = format!("{home}/{cache}");
        for name in root.names(&cache) {
            let folder = format!("{cache}/{name}");
            let newest = root.names(&folder).iter().filter_map(|name| read::of_duplicity(name)).max();
            push(found, tool, &folder, newest);
        }
    }
}

fn rsnapshot(root: &Root, found: &mut Vec<Backup>) {
    let conf = root.text("etc/rsnapshot.conf");
    let Some(folder) = read::folder_of_rsnapshot(&conf) else { return };
    let folder = folder.trim_matches('/');
    let newest = root.names(folder).into_iter().filter(|name| name.ends_with(".0"));
    let newest = newest.filter_map(|name| changed_at(&root.path(&format!("{folder}/{name}")))).max();
    push(found, "rsnapshot", folder, newest);
}

fn timeshift(root: &Root, found: &mut Vec<Backup>) {
    let mut folders = vec!["timeshift/snapshots".to_owned(), "run/timeshift/backup/timeshift/snapshots".to_owned()];
    folders.extend(
        root.names("run/timeshift").iter().map(|name| format!("run/timeshift/{name}/backup/timeshift/snapshots")),
    );
    for folder in folders {
        push(found, "timeshift", &folder, root.names(&folder).iter().filter_map(|name| read::of_timeshift(name)).max());
    }
}
