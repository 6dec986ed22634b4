//! What a device is made of and what runs on it, as its agent saw it. All texts are the device's own: foreign.

use crate::package::Package;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most entries of each list that an agent sends and a server keeps.
pub const MAX_PACKAGES: usize = 8_000;
/// The most services.
pub const MAX_SERVICES: usize = 600;
/// The most listening sockets.
pub const MAX_PORTS: usize = 500;
/// The most accounts.
pub const MAX_ACCOUNTS: usize = 1_000;
/// The most disks, file systems, backups and updates of each.
pub const MAX_OTHERS: usize = 400;

/// Everything that was gathered at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// The machine.
    pub hardware: Hardware,
    /// Its operating system.
    pub system: System,
    /// Whether what is stored is encrypted, file system by file system.
    pub encryption: Vec<Encryption>,
    /// Backups of which traces were found.
    pub backups: Vec<Backup>,
    /// Updates that wait; none where that could not be told.
    pub updates: Option<Updates>,
    /// Services.
    pub services: Vec<Service>,
    /// Sockets that listen.
    pub ports: Vec<Port>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Packages.
    pub packages: Vec<Package>,
    /// What could not be gathered and why, in English sentences; and what was cut.
    pub notes: Vec<String>,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hardware {
    /// Who made it.
    pub vendor: String,
    /// Its model.
    pub model: String,
    /// Its serial number; empty where the firmware has none or the agent may not read it.
    pub serial: String,
    /// Name of the processor.
    pub cpu: String,
    /// Its threads.
    pub cpus: u64,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Disks.
    pub disks: Vec<Disk>,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// The kernel's name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it can be taken out, as a stick can.
    pub removable: bool,
}

/// The operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct System {
    /// Its name and version for people.
    pub name: String,
    /// `ID` of os-release: `debian`, `ubuntu`.
    pub id: String,
    /// `VERSION_ID`: `12`, `24.04`.
    pub version: String,
    /// `VERSION_CODENAME`: `bookworm`, `noble`.
    pub codename: String,
    /// The kernel that runs.
    pub kernel: String,
    /// When it started.
    pub booted_at: Option<Timestamp>,
}

/// Whether one file system is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Where it is mounted.
    pub mount: String,
    /// What it lies on.
    pub device: String,
    /// Whether; none where that cannot be seen from here.
    pub encrypted: Option<bool>,
}

/// A trace of backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The program: `restic`, `borg`, `rsnapshot`, `timeshift`, `duplicity`, or `baluardo` for the agent's own vault.
    pub tool: String,
    /// Where the trace lies.
    pub trace: String,
    /// When it last ran, as the trace tells.
    pub last_at: Timestamp,
}

/// The word for the agent's own vault, which keeps documents but is no backup of the machine.
pub const OWN_VAULT: &str = "baluardo";

/// Updates that wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Updates {
    /// When the lists of what there is were last fetched.
    pub lists_at: Option<Timestamp>,
    /// How many wait.
    pub waiting: u64,
    /// How many of them from an archive of security updates.
    pub security: u64,
    /// Which, those of security first.
    pub updates: Vec<Update>,
}

/// An update that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The package.
    pub name: String,
    /// The version that is installed.
    pub installed: String,
    /// The version that waits.
    pub available: String,
    /// Whether it comes from an archive of security updates.
    pub security: bool,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its unit.
    pub name: String,
    /// Whether it starts with the machine.
    pub enabled: bool,
    /// Whether it runs.
    pub running: bool,
}

/// A socket that listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The address that it is bound to.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The program that owns it; empty where that could not be told.
    pub program: String,
    /// The account that it runs as.
    pub user: String,
}

impl Port {
    /// Whether only programs of the same machine reach it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u64,
    /// Whether a person can log in with its shell.
    pub login: bool,
    /// Why it is an administrator: `uid 0`, `group sudo`, `sudoers`; empty when it is none.
    pub admin: Vec<String>,
}

impl Inventory {
    /// Cuts every list to what is kept; what was cut is told in the notes.
    pub fn bound(&mut self) {
        let mut cuts = Vec::new();
        cut("disks", &mut self.hardware.disks, MAX_OTHERS, &mut cuts);
        cut("file systems", &mut self.encryption, MAX_OTHERS, &mut cuts);
        cut("backups", &mut self.backups, MAX_OTHERS, &mut cuts);
        cut("services", &mut self.services, MAX_SERVICES, &mut cuts);
        cut("ports", &mut self.ports, MAX_PORTS, &mut cuts);
        cut("accounts", &mut self.accounts, MAX_ACCOUNTS, &mut cuts);
        cut("packages", &mut self.packages, MAX_PACKAGES, &mut cuts);
        if let Some(updates) = &mut self.updates {
            cut("updates", &mut updates.updates, MAX_OTHERS, &mut cuts);
        }
        self.notes.truncate(MAX_OTHERS);
        self.notes.extend(cuts);
    }
}

fn cut<T>(what: &str, list: &mut Vec<T>, most: usize, cuts: &mut Vec<String>) {
    if list.len() > most {
        cuts.push(format!("{} {what} were found, the first {most} are told", list.len()));
        list.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut_and_said() {
        let account = Account { name: "a".to_owned(), uid: 1, login: false, admin: Vec::new() };
        let mut inventory = Inventory { accounts: vec![account; MAX_ACCOUNTS + 5], ..Inventory::default() };
        inventory.bound();
        assert_eq!(inventory.accounts.len(), MAX_ACCOUNTS);
        assert_eq!(inventory.notes, ["1005 accounts were found, the first 1000 are told"]);
    }

    #[test]
    fn an_inventory_of_a_younger_agent_may_say_less() {
        let read: Inventory = serde_json::from_str(r#"{"hardware":{"cpus":2}}"#).unwrap();
        assert_eq!(read.hardware.cpus, 2);
        assert_eq!(read.updates, None);
    }

    #[test]
    fn a_port_of_the_machine_itself_is_local() {
        let port = |address: &str| Port {
            protocol: "tcp".to_owned(),
            address: address.to_owned(),
            port: 22,
            program: String::new(),
            user: String::new(),
        };
        assert!(port("127.0.0.1").is_local() && port("::1").is_local());
        assert!(!port("0.0.0.0").is_local() && !port("::").is_local());
    }
}
