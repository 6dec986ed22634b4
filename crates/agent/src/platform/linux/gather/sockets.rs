//! Sockets and the programs that hold them.

use super::root::Root;
use baluardo_detect::inventory::sockets::{Socket, inode_of_link, sockets};
use baluardo_detect::inventory::{accounts, clean};
use baluardo_model::inventory::Port;
use std::collections::HashMap;

/// The most open files of one process that are looked at.
const MAX_FILES: usize = 4_096;

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// Its program: the path, or its short name where the path may not be read.
    pub program: String,
}

/// All sockets, with `tcp` or `udp`.
#[must_use]
pub fn sockets_of(root: &Root) -> Vec<(&'static str, Socket)> {
    let files = [("tcp", "tcp"), ("tcp", "tcp6"), ("udp", "udp"), ("udp", "udp6")];
    let read = |(protocol, file): (&'static str, &str)| {
        let found = sockets(&root.text(&format!("proc/net/{file}")), protocol == "tcp");
        found.into_iter().map(move |socket| (protocol, socket))
    };
    files.into_iter().flat_map(read).collect()
}

/// Which process holds each socket, by the socket's number.
#[must_use]
pub fn holders(root: &Root) -> HashMap<u64, Holder> {
    let mut found = HashMap::new();
    let numbers = root.names("proc").into_iter().filter_map(|name| name.parse::<u32>().ok());
    for pid in numbers {
        let files = root.names(&format!("proc/{pid}/fd"));
        let mut program = None;
        for file in files.iter().take(MAX_FILES) {
            let link = root.link(&format!("proc/{pid}/fd/{file}"));
            if let Some(inode) = link.as_deref().and_then(inode_of_link) {
                let program = program.get_or_insert_with(|| program_of(root, pid)).clone();
                found.entry(inode).or_insert(Holder { pid, program });
            }
        }
    }
    found
}

fn program_of(root: &Root, pid: u32) -> String {
    match root.link(&format!("proc/{pid}/exe")) {
        Some(path) => clean(path.trim_end_matches(" (deleted)")),
        None => root.line(&format!("proc/{pid}/comm")),
    }
}

/// The sockets that wait for anybody. Of UDP those are left out whose port the kernel gave for a while: a question that
/// waits for its answer is no service.
pub(super) fn ports(root: &Root) -> Vec<Port> {
    let names = accounts::names(&root.text("etc/passwd"));
    let range = root.text("proc/sys/net/ipv4/ip_local_port_range");
    let passing = range.split_whitespace().next().and_then(|from| from.parse().ok()).unwrap_or(32_768_u16);
    let holders = holders(root);
    let mut ports: Vec<Port> = sockets_of(root)
        .into_iter()
        .filter(|(protocol, socket)| socket.listens && (*protocol == "tcp" || socket.local.port() < passing))
        .map(|(protocol, socket)| Port {
            protocol: protocol.to_owned(),
            address: socket.local.ip().to_string(),
            port: socket.local.port(),
            program: holders.get(&socket.inode).map(|holder| holder.program.clone()).unwrap_or_default(),
            user: names.get(&u64::from(socket.uid)).cloned().unwrap_or_else(|| socket.uid.to_string()),
        })
        .collect();
    ports.sort_by(|a, b| (a.port, &a.protocol, &a.address).cmp(&(b.port, &b.protocol, &b.address)));
    ports.dedup();
    ports
}
