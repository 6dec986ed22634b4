//! Whether servers of the domain stand on the blacklists that the operator chose (RFC 5782). None is asked unless somebody did: the
//! lists have terms of use, and hear which servers a comune has.

use super::{Answer, Book, Check, Code, Question, Subject, spf};
use std::net::{IpAddr, Ipv4Addr};

/// Addresses that are asked about.
const MOST_ADDRESSES: usize = 16;

/// Asks about the servers that take the domain's mail and those that its SPF names one by one.
pub(super) fn look(book: &mut Book, subject: &Subject, hosts: &[String]) -> Vec<Check> {
    if subject.blacklists.is_empty() {
        return Vec::new();
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for host in hosts {
        if let Answer::Addresses(found) = book.ask(Question::Addresses(host.clone())) {
            addresses.extend(found);
        }
    }
    addresses.extend(spf::single(book, &subject.domain).iter().filter_map(|text| text.parse::<IpAddr>().ok()));
    addresses.sort();
    addresses.dedup();
    addresses.truncate(MOST_ADDRESSES);
    let mut checks = Vec::new();
    for zone in &subject.blacklists {
        let (mut on, mut unknown) = (Vec::new(), addresses.is_empty());
        for address in &addresses {
            match book.ask(Question::Listed(format!("{}.{zone}", turned(*address)))) {
                Answer::Nothing => {}
                Answer::Addresses(codes) if codes.iter().any(is_listing) => on.push(address.to_string()),
                _ => unknown = true,
            }
        }
        checks.push(if !on.is_empty() {
            Check::new(Code::Listed, format!("{zone}: {}", on.join(", ")))
        } else if unknown {
            Check::new(Code::ListedUnknown, zone)
        } else {
            Check::new(Code::ListedNone, zone)
        });
    }
    checks
}

/// Whether a code says that the address is listed. Those of 127.255.255.x say that the list does not answer to us, 127.0.0.1
/// and whatever lies outside 127.0.0.x that it is no list any more (RFC 5782 sections 2.1 and 5).
fn is_listing(code: &IpAddr) -> bool {
    matches!(code, IpAddr::V4(code) if matches!(code.octets(), [127, 0, 0, last] if last > 1))
}

/// An address as lists are asked about it: its parts turned around.
fn turned(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            Ipv4Addr::new(d, c, b, a).to_string()
        }
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}")).collect::<Vec<_>>().join(".")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_turned_around_and_codes_read_as_the_standard_says() {
        assert_eq!(turned("192.0.2.99".parse().unwrap()), "99.2.0.192");
        // The example of RFC 5782 section 2.4.
        let six = turned("2001:db8:1:2:3:4:567:89ab".parse().unwrap());
        assert_eq!(six, "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2");
        for (code, listed) in [("127.0.0.2", true), ("127.0.0.11", true), ("127.0.0.1", false)] {
            assert_eq!(is_listing(&code.parse().unwrap()), listed, "{code}");
        }
        for code in ["127.255.255.254", "127.255.255.252", "127.0.1.2", "192.0.2.1", "::1"] {
            assert!(!is_listing(&code.parse().unwrap()), "{code}");
        }
    }
}
