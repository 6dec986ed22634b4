//! From which networks people log in, so that a log-in from a new one is seen.

use super::event::Event;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;

/// Most accounts remembered, and most networks of each; beyond, nothing new is learned and nothing is said.
const MOST_ACCOUNTS: usize = 1_024;
const MOST_NETWORKS: usize = 64;

/// The networks from which each account was let in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Places {
    known: HashMap<String, Vec<IpAddr>>,
}

impl Places {
    /// Learns from a log-in that succeeded. When the account was let in before, but never from that network, the event gets
    /// the field `NewPlace: true`. A network is a /24 of IPv4 or a /48 of IPv6.
    pub fn note(&mut self, event: &mut Event) {
        if event.get("AuthOutcome") != Some("success") {
            return;
        }
        let (Some(user), Some(address)) =
            (event.get("TargetUser"), event.get("SourceIp").and_then(|ip| ip.parse().ok()))
        else {
            return;
        };
        let network = network(address);
        let has_room = self.known.len() < MOST_ACCOUNTS;
        match self.known.get_mut(user) {
            Some(networks) if networks.contains(&network) => {}
            Some(networks) if networks.len() < MOST_NETWORKS => {
                networks.push(network);
                event.put("NewPlace", "true");
            }
            None if has_room => {
                self.known.insert(user.to_owned(), vec![network]);
            }
            _ => {}
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4((address.to_bits() & 0xFFFF_FF00).into()),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 80 << 80).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_place(places: &mut Places, outcome: &str, user: &str, ip: &str) -> bool {
        let mut event = Event::default();
        for (name, value) in [("AuthOutcome", outcome), ("TargetUser", user), ("SourceIp", ip)] {
            event.put(name.to_owned(), value);
        }
        places.note(&mut event);
        event.get("NewPlace") == Some("true")
    }

    #[test]
    fn a_place_is_new_once_and_only_for_who_was_elsewhere_before() {
        let mut places = Places::default();
        assert!(!new_place(&mut places, "success", "anna", "192.0.2.7"), "the first place is home");
        assert!(!new_place(&mut places, "success", "anna", "192.0.2.99"), "the same network");
        assert!(!new_place(&mut places, "failure", "anna", "203.0.113.9"), "nobody came in");
        assert!(new_place(&mut places, "success", "anna", "203.0.113.9"));
        assert!(!new_place(&mut places, "success", "anna", "203.0.113.10"));
        assert!(!new_place(&mut places, "success", "berto", "203.0.113.9"));
        assert!(new_place(&mut places, "success", "berto", "2001:db8:1::1"));
        assert!(!new_place(&mut places, "success", "berto", "2001:db8:1:2::1"));
    }

    #[test]
    fn a_flood_of_accounts_takes_bounded_memory() {
        let mut places = Places::default();
        for number in 0..5_000 {
            new_place(&mut places, "success", &number.to_string(), "192.0.2.7");
        }
        assert_eq!(places.known.len(), MOST_ACCOUNTS);
    }
}
