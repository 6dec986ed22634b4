//! Sockets, from `/proc/net/tcp`, `tcp6`, `udp` and `udp6`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most sockets that are read of one file.
const MAX_SOCKETS: usize = 20_000;

/// A socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Where it is bound.
    pub local: SocketAddr,
    /// Whom it speaks to; port 0 for nobody.
    pub remote: SocketAddr,
    /// Whether it waits for anybody: TCP that listens, UDP without a peer.
    pub listens: bool,
    /// The account that opened it.
    pub uid: u32,
    /// Its number, by which a process's open files name it; 0 for one that no process holds any more.
    pub inode: u64,
}

/// The sockets of one file of `/proc/net`; `tcp` for those of TCP.
#[must_use]
pub fn sockets(text: &str, tcp: bool) -> Vec<Socket> {
    text.lines().skip(1).take(MAX_SOCKETS).filter_map(|line| socket(line, tcp)).collect()
}

fn socket(line: &str, tcp: bool) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = address(fields.next()?)?;
    let remote = address(fields.next()?)?;
    // 0A is TCP_LISTEN, 07 is what a UDP socket without a peer shows (include/net/tcp_states.h).
    let state = fields.next()?;
    let listens = if tcp { state == "0A" } else { state == "07" && remote.port() == 0 };
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    Some(Socket { local, remote, listens, uid, inode })
}

/// `0100007F:0016`: groups of four bytes in the machine's own order, each as one number.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::with_capacity(16);
    for at in (0..host.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(host.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The number of the socket that a link in `/proc/PID/fd` names: `socket:[1234]`.
#[must_use]
pub fn inode_of_link(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_that_listen_and_those_that_speak_are_told_apart() {
        let text = format!(
            "{HEAD}   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   107        0 21845 1 0\n   \
             1: 0F02000A:C35A 2E3A7D5D:01BB 01 00000000:00000000 02:00000A4B 00000000  1000        0 99871 2 0\nnonsense\n"
        );
        let found = sockets(&text, true);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].local, "127.0.0.1:3306".parse().unwrap());
        assert_eq!((found[0].listens, found[0].uid, found[0].inode), (true, 107, 21845));
        assert_eq!(found[1].remote, "93.125.58.46:443".parse().unwrap());
        assert!(!found[1].listens);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_of_version_6_are_read_and_mapped_ones_shown_as_version_4() {
        let line = |host: &str| {
            format!("{HEAD}  0: {host}:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 77 1\n")
        };
        let any = sockets(&line("00000000000000000000000000000000"), true);
        assert_eq!(any[0].local, "[::]:22".parse().unwrap());
        let own = sockets(&line("00000000000000000000000001000000"), true);
        assert_eq!(own[0].local, "[::1]:22".parse().unwrap());
        let mapped = sockets(&line("0000000000000000FFFF00000100007F"), true);
        assert_eq!(mapped[0].local, "127.0.0.1:22".parse().unwrap());
    }

    #[test]
    fn a_socket_of_udp_without_a_peer_listens() {
        let text = format!(
            "{HEAD} 1: 00000000:0044 00000000:0000 07 0:0 00:0 0 0 0 5 2\n 2: 00000000:0045 00000000:0001 01 0:0 00:0 0 0 0 6 2\n"
        );
        let listens: Vec<_> = sockets(&text, false).iter().map(|one| one.listens).collect();
        assert_eq!(listens, [true, false]);
    }

    #[test]
    fn a_link_names_its_socket() {
        assert_eq!(inode_of_link("socket:[21845]"), Some(21845));
        assert_eq!(inode_of_link("pipe:[21845]"), None);
    }
}
