//! What is otherwise than it was.

use super::Wrong;
use super::places::{Above, Places, sha256_of};
use super::policy;
use super::record::{CONFIG, FILE, Installed};
use crate::identity::saved::{IDENTITY, Identity};
use crate::identity::state_dir::{StateDir, StateError};
use crate::life;
use baluardo_model::protection::Severity;
use std::path::{Path, PathBuf};

/// Files and folders without which the agent forgets who it is or what it keeps.
const VITAL: [&str; 6] = [IDENTITY, "vault.key", "life.json", FILE, "vault", "spool"];

/// Unit and settings that changed since they were noted; they are noted as they are now, so that each change is told once.
pub(super) fn changed_since(record: &mut Installed, state: &StateDir, places: &Places) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let unit = places.unit();
    let now = unit.as_deref().map(sha256_of).unwrap_or_default();
    if now != record.unit {
        let named = unit.unwrap_or_else(|| PathBuf::from("baluardo-agent.service"));
        wrong.push(match now.is_empty() {
            true => Wrong::new("unit_removed", Severity::High, named, "the unit of systemd was removed"),
            false => Wrong::new("unit_changed", Severity::High, named, "the unit of systemd was changed"),
        });
        record.unit = now;
    }
    let enabled = places.is_enabled();
    if record.enabled && !enabled {
        let detail = "the agent no longer starts with the computer: systemctl enable baluardo-agent";
        wrong.push(Wrong::new("unit_disabled", Severity::High, "baluardo-agent.service", detail));
    }
    record.enabled = enabled;
    let config = sha256_of(&state.file(CONFIG));
    if config != record.config {
        let detail =
            if config.is_empty() { "the agent's settings were removed" } else { "the agent's settings were changed" };
        wrong.push(Wrong::new("config_changed", Severity::Medium, state.file(CONFIG), detail));
        record.config = config;
    }
    wrong
}

/// What somebody put above the unit since `before`.
pub(super) fn put_above(before: &[Above], now: &[Above]) -> Vec<Wrong> {
    let fresh = now.iter().filter(|it| !before.contains(it));
    fresh
        .map(|it| {
            if it.mask {
                let detail = "the unit is masked: systemd does not start the agent any more";
                Wrong::new("unit_masked", Severity::High, &it.path, detail)
            } else {
                Wrong::new("unit_changed", Severity::High, &it.path, "somebody put settings above the unit of systemd")
            }
        })
        .collect()
}

/// The program's file: none where it is one that was noted, or told of. `running` is what counts where no record does.
pub(super) fn program(places: &Places, running: &str, record: Option<&Installed>, file: &str) -> Option<Wrong> {
    let belongs = match record {
        Some(record) => file == record.program || (!file.is_empty() && file == record.told),
        None => file == running,
    };
    if belongs {
        return None;
    }
    Some(match file.is_empty() {
        true => Wrong::new("program_removed", Severity::Critical, &places.program, "the agent's program was removed"),
        false => {
            let detail = format!("another program lies there, with the SHA-256 {file}, and no package put it there");
            Wrong::new("program_changed", Severity::Critical, &places.program, detail)
        }
    })
}

/// The state folder: what is missing, what another hand wrote.
pub(super) fn state(state: &StateDir, identity: &Identity, record: Option<&Installed>, key: &str) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut add = |rule, path: &Path, detail: String| wrong.push(Wrong::new(rule, Severity::Critical, path, detail));
    for name in VITAL {
        let path = state.file(name);
        if path.symlink_metadata().is_err() {
            add("state_removed", &path, "it was removed, and the agent needs it".to_owned());
        }
    }
    let found = sha256_of(&state.file("vault.key"));
    if !found.is_empty() && found != key {
        add("state_changed", &state.file("vault.key"), "it is not the key with which the agent started".to_owned());
    }
    match Identity::load(state) {
        Ok(Some(now)) if !now.is_same_device(identity) => {
            let detail = "it names another device, server or tenant than the agent started with".to_owned();
            add("state_changed", &state.file(IDENTITY), detail);
        }
        Err(error @ StateError::Damaged { .. }) => add("state_changed", &state.file(IDENTITY), error.to_string()),
        _ => {}
    }
    if !life::is_whole(state) {
        add("record_forged", &state.file("life.json"), "what the agent noted of its life was changed".to_owned());
    }
    match record {
        Some(record) => wrong.extend(policy::proven(state, identity, record).err()),
        None if state.file(FILE).exists() => {
            add("record_forged", &state.file(FILE), "the record of what was installed was changed".to_owned());
        }
        None => {}
    }
    wrong
}
