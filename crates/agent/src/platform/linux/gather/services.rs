//! Services of systemd: which start with the machine, by the links that say so, and which run, by their control groups.

use super::root::Root;
use baluardo_detect::inventory::clean;
use baluardo_model::inventory::Service;
use std::collections::BTreeMap;

/// Where the control groups of services lie, with version 2 and with version 1.
const GROUPS: [&str; 2] = ["sys/fs/cgroup/system.slice", "sys/fs/cgroup/systemd/system.slice"];

pub(super) fn services(root: &Root) -> Vec<Service> {
    let mut found: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for folder in root.names("etc/systemd/system") {
        if !folder.ends_with(".wants") && !folder.ends_with(".requires") {
            continue;
        }
        for name in root.names(&format!("etc/systemd/system/{folder}")) {
            if is_service(&name) {
                found.entry(name).or_default().0 = true;
            }
        }
    }
    for group in GROUPS {
        for name in root.names(group) {
            let has_processes = || root.text(&format!("{group}/{name}/cgroup.procs")).lines().next().is_some();
            let is_populated = || root.text(&format!("{group}/{name}/cgroup.events")).contains("populated 1");
            if is_service(&name) && (is_populated() || has_processes()) {
                found.entry(name).or_default().1 = true;
            }
        }
    }
    found.into_iter().map(|(name, (enabled, running))| Service { name: clean(&name), enabled, running }).collect()
}

fn is_service(name: &str) -> bool {
    [".service", ".socket", ".timer"].iter().any(|end| name.ends_with(end))
}
