//! What cannot be looked up by its text: expressions, networks, numbers, and fields that are there or not.

use super::pattern::{self, Piece, Place};
use regex_automata::meta::Regex;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A question about the value of a field.
#[derive(Debug)]
pub(super) enum Test {
    /// A text in exactly this case.
    Cased(Place, Box<str>),
    /// Wildcards in the middle; the flag says whether the case counts.
    Glob(Box<[Piece]>, bool),
    /// A regular expression.
    Regex(Box<Regex>),
    /// An address of this network.
    Network(Network),
    /// A number that compares so.
    Compare(Order, f64),
    /// The field is there with any value.
    Anything,
    /// The field is there.
    Exists,
    /// The field has no value, or is not there.
    Null,
    /// The value of another field stands at this place; the flag says whether the case counts.
    Field(u16, Place, bool),
}

/// How a number compares with the one of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It is less.
    Less,
    /// It is less or the same.
    AtMost,
    /// It is more.
    More,
    /// It is more or the same.
    AtLeast,
    /// It is the same.
    Same,
}

impl Order {
    /// The order of Sigma's word for it.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "lt" => Self::Less,
            "lte" => Self::AtMost,
            "gt" => Self::More,
            "gte" => Self::AtLeast,
            "eq" => Self::Same,
            _ => return None,
        })
    }

    /// Whether `value` stands so to `bound`.
    pub(super) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::More => value > bound,
            Self::AtLeast => value >= bound,
            Self::Same => value.total_cmp(&bound).is_eq(),
        }
    }
}

impl Test {
    /// Whether the test holds for a value. `Exists`, `Null` and `Field` need the event and are answered there.
    pub(super) fn holds(&self, value: &str, folded: &str) -> bool {
        match self {
            Self::Cased(place, text) => stands(*place, text, value),
            Self::Glob(pieces, cased) => pattern::fits(pieces, if *cased { value } else { folded }),
            Self::Regex(regex) => regex.is_match(value),
            Self::Network(network) => value.parse().is_ok_and(|address| network.has(address)),
            Self::Compare(order, bound) => value.trim().parse().is_ok_and(|value| order.holds(value, *bound)),
            Self::Anything | Self::Exists => true,
            Self::Null | Self::Field(..) => false,
        }
    }
}

/// Whether `text` stands at this place of `value`.
pub(super) fn stands(place: Place, text: &str, value: &str) -> bool {
    match place {
        Place::Whole => value == text,
        Place::Start => value.starts_with(text),
        Place::End => value.ends_with(text),
        Place::Inside => value.contains(text),
    }
}

/// A network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// IPv4: its bits and how many of them count.
    V4(u32, u32),
    /// IPv6, likewise.
    V6(u128, u32),
}

impl Network {
    /// Reads `10.0.0.0/8`, `fe80::/10` or one address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let length =
            |most: u32| length.map_or(Some(most), |length| length.parse().ok().filter(|length: &u32| *length <= most));
        Some(match address.parse().ok()? {
            IpAddr::V4(address) => Self::V4(address.to_bits(), length(Ipv4Addr::BITS)?),
            IpAddr::V6(address) => Self::V6(address.to_bits(), length(Ipv6Addr::BITS)?),
        })
    }

    /// Whether the address is of this network. An IPv4 address written as IPv6 is the same address.
    pub(super) fn has(self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Self::V4(bits, length), IpAddr::V4(address)) => {
                (bits ^ address.to_bits()).checked_shr(Ipv4Addr::BITS - length).unwrap_or(0) == 0
            }
            (Self::V6(bits, length), IpAddr::V6(address)) => {
                (bits ^ address.to_bits()).checked_shr(Ipv6Addr::BITS - length).unwrap_or(0) == 0
            }
            (Self::V6(bits, length), IpAddr::V4(address)) => {
                let address = address.to_ipv6_mapped().to_bits();
                length > 0 && (bits ^ address).checked_shr(Ipv6Addr::BITS - length).unwrap_or(0) == 0
            }
            (Self::V4(..), IpAddr::V6(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_addresses() {
        let has = |network: &str, address: &str| Network::parse(network).unwrap().has(address.parse().unwrap());
        assert!(has("10.0.0.0/8", "10.255.1.2") && !has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("192.168.1.7", "192.168.1.7") && !has("192.168.1.7", "192.168.1.6"));
        assert!(has("0.0.0.0/0", "203.0.113.9") && has("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(has("fe80::/10", "fe80::1") && !has("fe80::/10", "2001:db8::1"));
        assert!(has("::1/128", "::1") && !has("::/0", "10.0.0.1"));
        for wrong in ["10.0.0.0/33", "10.0.0", "x/8", "10.0.0.0/-1"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_compare_as_numbers() {
        let holds = |order, value: &str| Test::Compare(order, 10.0).holds(value, value);
        assert!(holds(Order::Less, "9") && !holds(Order::Less, "10") && holds(Order::AtMost, "10"));
        assert!(holds(Order::More, "10.5") && !holds(Order::More, "9") && holds(Order::AtLeast, " 10 "));
        assert!(!holds(Order::Less, "nine") && holds(Order::Same, "10"));
    }
}
