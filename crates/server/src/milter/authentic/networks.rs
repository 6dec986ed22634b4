//! Networks from which our own mail comes, and which therefore has nothing to prove.

use super::plain_address;
use anyhow::Context as _;
use std::net::IpAddr;

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or one address.
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        let wrong = || format!("{text:?} is no network: write it as 192.0.2.0/24 or 2001:db8::/32");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().with_context(wrong)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).with_context(wrong)?;
        anyhow::ensure!(bits <= most, wrong());
        Ok(Self { address, bits })
    }

    /// Whether an address is one of it.
    pub(super) fn holds(self, address: IpAddr) -> bool {
        match (self.address, plain_address(address)) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differ = u32::from(ours) ^ u32::from(theirs);
                differ.checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differ = u128::from(ours) ^ u128::from(theirs);
                differ.checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The machine itself and networks that nobody on the internet has (RFC 1918, RFC 3927, RFC 4193, RFC 4291).
pub(super) fn private() -> Vec<Network> {
    let four = [
        ([127, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([169, 254, 0, 0], 16),
    ];
    let six =
        [([0, 0, 0, 0, 0, 0, 0, 1], 128), ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10)];
    let four = four.map(|(address, bits): ([u8; 4], u8)| Network { address: address.into(), bits });
    let six = six.map(|(address, bits): ([u16; 8], u8)| Network { address: address.into(), bits });
    four.into_iter().chain(six).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_to_be_inside_or_not() {
        let network = Network::read("192.0.2.128/25").unwrap();
        assert!(network.holds([192, 0, 2, 200].into()) && !network.holds([192, 0, 2, 100].into()));
        assert!(network.holds("::ffff:192.0.2.200".parse().unwrap()));
        assert!(Network::read("0.0.0.0/0").unwrap().holds([1, 2, 3, 4].into()));
        assert!(Network::read("2001:db8::1").unwrap().holds("2001:db8::1".parse().unwrap()));
        assert!(!Network::read("::/0").unwrap().holds([1, 2, 3, 4].into()));
        let inside = |text: &str| private().iter().any(|network| network.holds(text.parse().unwrap()));
        assert!(inside("127.0.0.1") && inside("172.31.255.255") && inside("::1") && inside("fd00::1"));
        assert!(!inside("172.32.0.1") && !inside("8.8.8.8") && !inside("2001:4860::1"));
    }

    #[test]
    fn what_is_no_network_is_named() {
        for text in ["", "192.0.2.0/33", "192.0.2/24", "a/b", "::/129"] {
            let why = Network::read(text).unwrap_err().to_string();
            assert!(why.contains("is no network"), "{why}");
        }
    }
}
