//! Gathers what a Linux device is made of and what runs on it. Reads files only, and starts no program.

mod backups;
mod hardware;
mod root;
mod services;
mod sockets;
mod software;
mod storage;

pub use root::Root;
pub use sockets::{Holder, holders, sockets_of};
pub use software::packages;

use baluardo_detect::inventory::accounts;
use baluardo_model::inventory::{Account, Inventory};

/// Everything, from the system below `root`; the agent's own folder holds the vault.
#[must_use]
pub fn gather(root: &Root, state_dir: &std::path::Path) -> Inventory {
    let mut notes = Vec::new();
    let packages = software::packages(root, &mut notes);
    let updates = software::updates(root, &packages, &mut notes);
    let mut inventory = Inventory {
        hardware: hardware::hardware(root),
        system: hardware::system(root),
        encryption: storage::encryption(root),
        backups: backups::backups(root, state_dir),
        updates,
        services: services::services(root),
        ports: sockets::ports(root),
        accounts: all_accounts(root),
        packages,
        notes,
    };
    inventory.bound();
    inventory
}

/// The accounts, with who may become root.
#[must_use]
pub fn all_accounts(root: &Root) -> Vec<Account> {
    let mut sudoers = vec![root.text("etc/sudoers")];
    let included = root.names("etc/sudoers.d");
    // sudo itself passes over names with a dot or a tilde at the end.
    let read = included.iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
    sudoers.extend(read.map(|name| root.text(&format!("etc/sudoers.d/{name}"))));
    accounts::accounts(&root.text("etc/passwd"), &root.text("etc/group"), &sudoers)
}

#[cfg(test)]
mod tests;
