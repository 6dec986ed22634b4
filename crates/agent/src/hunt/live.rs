//! Looks for what is no file: processes, connections, accounts, packages.

use super::Search;
use crate::platform::gather::{Root, all_accounts, holders, packages as installed, sockets_of};
use crate::platform::process::Process;
use baluardo_model::hunt::{fits, fits_or_stands_in};
use baluardo_model::package::compare_versions;
use std::net::IpAddr;

pub(super) fn processes(search: &mut Search<'_>, pattern: &str) {
    let mut all: Vec<Process> = Process::all().into_values().collect();
    all.sort_by_key(|process| process.pid);
    for process in all {
        if !search.goes_on() {
            return;
        }
        let seen = process.seen();
        if !process.kernel && (fits_or_stands_in(pattern, &seen.exe) || fits_or_stands_in(pattern, &seen.cmdline)) {
            search.found(format!("{} {}", seen.pid, seen.exe), format!("{} (uid {})", seen.cmdline, seen.uid));
        }
        search.checked();
    }
}

pub(super) fn connections(search: &mut Search<'_>, root: &Root, address: Option<IpAddr>, port: Option<u16>) {
    let holders = holders(root);
    for (protocol, socket) in sockets_of(root) {
        if !search.goes_on() {
            return;
        }
        let ends = [socket.local, socket.remote];
        let here = |end: &std::net::SocketAddr| {
            address.is_none_or(|wanted| wanted.to_canonical() == end.ip())
                && port.is_none_or(|wanted| wanted == end.port())
        };
        if ends.iter().any(here) {
            let holder = holders.get(&socket.inode);
            let holder = holder.map(|holder| format!("{} {}", holder.pid, holder.program)).unwrap_or_default();
            search.found(format!("{protocol} {} > {}", socket.local, socket.remote), holder);
        }
        search.checked();
    }
}

pub(super) fn accounts(search: &mut Search<'_>, root: &Root, pattern: &str) {
    for account in all_accounts(root) {
        if fits(pattern, &account.name) {
            search.found(account.name, format!("uid {} {}", account.uid, account.admin.join(", ")).trim_end());
        }
        search.checked();
    }
}

pub(super) fn packages(
    search: &mut Search<'_>,
    root: &Root,
    name: &str,
    (from, before): (Option<&str>, Option<&str>),
) -> Result<(), String> {
    let mut notes = Vec::new();
    let packages = installed(root, &mut notes);
    if let Some(note) = notes.pop() {
        return Err(note);
    }
    for package in packages {
        let begun = from.is_none_or(|from| compare_versions(&package.version, from).is_ge());
        let below = before.is_none_or(|before| compare_versions(&package.version, before).is_lt());
        if fits(name, &package.name) && begun && below {
            search.found(format!("{} {}", package.name, package.version), package.arch);
        }
        search.checked();
    }
    Ok(())
}
