//! Packages and the updates that wait for them.

use super::root::{Root, changed_at};
use baluardo_detect::inventory::dpkg;
use baluardo_detect::inventory::updates::{Waiting, is_not_automatic, is_security_list};
use baluardo_model::inventory::Updates;
use baluardo_model::package::Package;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

const STATUS: &str = "var/lib/dpkg/status";
const LISTS: &str = "var/lib/apt/lists";
/// The most bytes of one list: Debian's largest has some 50 MB.
const MAX_LIST: u64 = 512 * 1024 * 1024;
/// The most bytes of the head of a `Release` file.
const MAX_HEAD: u64 = 8 * 1024;

/// The packages that are installed, as dpkg knows them.
#[must_use]
pub fn packages(root: &Root, notes: &mut Vec<String>) -> Vec<Package> {
    match File::open(root.path(STATUS)).and_then(|file| dpkg::installed(BufReader::new(file))) {
        Ok(packages) => packages,
        Err(error) => {
            notes.push(format!("packages are not told: {STATUS}: {error}; only dpkg's packages are known so far"));
            Vec::new()
        }
    }
}

/// The updates that wait, by the lists that apt last fetched; none where there are no lists that can be read.
pub(super) fn updates(root: &Root, packages: &[Package], notes: &mut Vec<String>) -> Option<Updates> {
    let names = root.names(LISTS);
    let mut waiting = Waiting::of(packages);
    let (mut lists, mut packed, mut lists_at) = (0_u64, 0_u64, None);
    for name in &names {
        if ["_Packages.lz4", "_Packages.gz", "_Packages.xz"].iter().any(|end| name.ends_with(end)) {
            packed += 1;
        }
        if !name.ends_with("_Packages") || asks_first(root, &names, name) {
            continue;
        }
        let path = root.path(&format!("{LISTS}/{name}"));
        if read(&path, &mut waiting, is_security_list(name)).is_ok() {
            lists += 1;
        }
    }
    if packed > 0 {
        notes.push(format!("{packed} compressed lists of apt were not read, so updates of theirs are not counted"));
    }
    if lists == 0 {
        return None;
    }
    for name in names.iter().filter(|name| name.ends_with("Release")) {
        lists_at = lists_at.max(changed_at(&root.path(&format!("{LISTS}/{name}"))));
    }
    lists_at = lists_at.max(changed_at(&root.path("var/lib/apt/periodic/update-success-stamp")));
    let updates = waiting.updates();
    let security = updates.iter().filter(|update| update.security).count();
    Some(Updates { lists_at, waiting: updates.len() as u64, security: security as u64, updates })
}

fn read(path: &Path, waiting: &mut Waiting<'_>, security: bool) -> std::io::Result<()> {
    waiting.read(BufReader::with_capacity(64 * 1024, File::open(path)?.take(MAX_LIST)), security)
}

/// Whether a list is of an archive from which nothing comes by itself: its `Release` file shares the name's beginning.
fn asks_first(root: &Root, names: &[String], list: &str) -> bool {
    let stem =
        |name: &String| ["_InRelease", "_Release"].iter().find_map(|end| name.strip_suffix(end).map(str::to_owned));
    names.iter().any(|name| {
        stem(name).is_some_and(|stem| list.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('_')))
            && File::open(root.path(&format!("{LISTS}/{name}")))
                .and_then(|file| is_not_automatic(BufReader::new(file.take(MAX_HEAD))))
                .unwrap_or(false)
    })
}
