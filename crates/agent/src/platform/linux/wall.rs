//! A wall around this device: nftables lets nothing in or out but the way to the server.
//!
//! What a device needs to keep its own address passes too (DHCP, IPv6 neighbours), and so does the loopback. Names are not asked
//! for through the wall: a program can carry data out in questions to DNS. A line that was open before is cut with the rest.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};

/// The table's name; nobody else's rules are touched.
const TABLE: &str = "inet baluardo_isolation";

/// Debian's place for nft; other systems have it in the path.
const NFT: [&str; 2] = ["/usr/sbin/nft", "nft"];

/// Raises the wall, in one step, in place of one that stands already.
///
/// # Errors
/// A sentence that says why it could not be raised and what helps; nothing was changed then.
pub fn raise(servers: &[SocketAddr]) -> Result<(), String> {
    said(&nft(&["-f", "-"], &rules(servers))?)
}

/// Takes the wall down; none that stands is no error.
///
/// # Errors
/// As [`raise`].
pub fn lower() -> Result<(), String> {
    // Deleting what is not there fails, adding what is there does not.
    said(&nft(&["-f", "-"], &format!("add table {TABLE}\ndelete table {TABLE}\n"))?)
}

/// Whether the wall stands.
#[must_use]
pub fn stands() -> bool {
    let args: Vec<&str> = ["list", "table"].into_iter().chain(TABLE.split(' ')).collect();
    nft(&args, "").is_ok_and(|output| output.status.success())
}

fn rules(servers: &[SocketAddr]) -> String {
    let (mut incoming, mut outgoing) = (String::new(), String::new());
    for server in servers {
        // An IPv4 address that came dressed as IPv6 is one of IPv4 to the kernel's rules.
        let (address, port) = (server.ip().to_canonical(), server.port());
        let family = if address.is_ipv4() { "ip" } else { "ip6" };
        // The server answers; it never begins.
        let _ = writeln!(incoming, "  {family} saddr {address} tcp sport {port} tcp flags & (syn | ack) != syn accept");
        let _ = writeln!(outgoing, "  {family} daddr {address} tcp dport {port} accept");
    }
    let neighbours = "nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert";
    format!(
        "add table {TABLE}\ndelete table {TABLE}\ntable {TABLE} {{
 chain incoming {{
  type filter hook input priority -350; policy drop;
  iifname \"lo\" accept
{incoming}  udp sport 67 udp dport 68 accept
  udp sport 547 udp dport 546 accept
  icmpv6 type {{ {neighbours} }} accept
 }}
 chain outgoing {{
  type filter hook output priority -350; policy drop;
  oifname \"lo\" accept
{outgoing}  udp sport 68 udp dport 67 accept
  udp sport 546 udp dport 547 accept
  icmpv6 type {{ {neighbours} }} accept
 }}
 chain passing {{
  type filter hook forward priority -350; policy drop;
 }}
}}
"
    )
}

fn nft(args: &[&str], input: &str) -> Result<Output, String> {
    let mut why = String::new();
    for program in NFT {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(mut child) => {
                if let Some(mut to) = child.stdin.take() {
                    to.write_all(input.as_bytes()).map_err(|e| format!("nft does not listen: {e}"))?;
                }
                return child.wait_with_output().map_err(|e| format!("nft did not end: {e}"));
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(format!("nft cannot be started ({why}): install the package nftables"))
}

fn said(output: &Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let first = words.lines().next().unwrap_or("it gave no reason");
    let remedy = if nix::unistd::geteuid().is_root() { "" } else { "; the agent must run as root for this" };
    Err(format!("nftables refused: {first}{remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_way_and_nothing_else_is_said_of_ports() {
        let text = rules(&["192.0.2.7:8444".parse().unwrap(), "[2001:db8::7]:8444".parse().unwrap()]);
        assert!(text.contains("ip daddr 192.0.2.7 tcp dport 8444 accept"));
        assert!(text.contains("ip6 daddr 2001:db8::7 tcp dport 8444 accept"));
        assert_eq!(text.matches("policy drop").count(), 3);
        assert_eq!(text.matches("dport").count(), 2 + 4, "{text}");
    }

    #[test]
    fn an_address_dressed_as_ipv6_is_one_of_ipv4() {
        let text = rules(&["[::ffff:192.0.2.7]:8444".parse().unwrap()]);
        assert!(text.contains("ip daddr 192.0.2.7 tcp dport 8444 accept"), "{text}");
    }
}
