//! Intrusion, even only attempted: what a rule on logs and program starts saw, and what of these is watched.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a rule saw on a device. One rule and one source are one finding, which grows. Every text may be foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intrusion {
    /// The rule's id.
    pub rule: String,
    /// What it finds, in English.
    pub title: String,
    /// The same in Italian.
    pub title_it: String,
    /// From where it came, where the events tell.
    pub source: Option<IpAddr>,
    /// The accounts that were tried or used, as far as they are told; a name that no account has may be a password that
    /// somebody typed in the wrong place, and is not told.
    pub accounts: Vec<String>,
    /// How many events stand behind it by now.
    pub count: u64,
    /// When the newest of them was.
    pub last_at: Timestamp,
    /// What a person needs of the newest event, cleaned of secrets.
    pub fields: Vec<EventField>,
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventField {
    /// Its name, as rules have it.
    pub name: String,
    /// Its value, shortened.
    pub value: String,
}

/// What of log-ins and program starts agents watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntrusionPolicy {
    /// Whether they do.
    pub watch: bool,
    /// The hour on the wall clock of Europe/Rome (0 to 23) from which a log-in with a password is unusual.
    pub odd_from: u8,
    /// The hour (0 to 23) until which it is. The same as `odd_from`: no hour is unusual.
    pub odd_until: u8,
    /// Whether it is on the whole of a Sunday, too.
    pub odd_sundays: bool,
}

impl Default for IntrusionPolicy {
    /// 22 to 5: councils and their clerks end before ten in the evening, and who opens streets, kitchens and buses begins
    /// after five. Sundays are left out, because elections, civil protection and suppliers' maintenance fall on them.
    fn default() -> Self {
        Self { watch: true, odd_from: 22, odd_until: 5, odd_sundays: false }
    }
}

impl IntrusionPolicy {
    /// Whether a log-in with a password is unusual at this hour (0 to 23) of this day (Monday is 1, Sunday 7).
    #[must_use]
    pub const fn is_odd(&self, hour: u8, weekday: u8) -> bool {
        let (from, until) = (self.odd_from, self.odd_until);
        let in_hours = if from <= until { from <= hour && hour < until } else { from <= hour || hour < until };
        in_hours || (self.odd_sundays && weekday == 7)
    }
}

/// Whether an address is one of a house's own: the same number means another machine in the next house.
#[must_use]
pub fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = matches!(v4.octets(), [100, second, ..] if second & 0b1100_0000 == 64);
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusual_hours_may_cross_midnight_or_be_none() {
        let usual = IntrusionPolicy::default();
        let odd: Vec<u8> = (0..24).filter(|hour| usual.is_odd(*hour, 7)).collect();
        assert_eq!(odd, [0, 1, 2, 3, 4, 22, 23]);
        let day = IntrusionPolicy { odd_from: 13, odd_until: 15, ..usual };
        assert_eq!((0..24).filter(|hour| day.is_odd(*hour, 1)).count(), 2);
        let never = IntrusionPolicy { odd_from: 3, odd_until: 3, ..usual };
        assert!((0..24).all(|hour| !never.is_odd(hour, 1)));
        let sundays = IntrusionPolicy { odd_sundays: true, ..never };
        assert!(sundays.is_odd(12, 7) && !sundays.is_odd(12, 6));
    }

    #[test]
    fn addresses_of_a_house_are_known() {
        let local = ["10.1.2.3", "192.168.0.9", "127.0.0.1", "100.64.0.1", "169.254.1.1", "::1", "fe80::1", "fd00::1"];
        for text in local.iter().chain(&["::ffff:10.0.0.1"]) {
            assert!(is_local(text.parse().unwrap()), "{text}");
        }
        for text in ["203.0.113.9", "8.8.8.8", "100.128.0.1", "2001:db8::1", "::ffff:203.0.113.9"] {
            assert!(!is_local(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_policy_of_an_older_server_watches() {
        let mut old = serde_json::to_value(crate::fleet::Policy::starting()).unwrap();
        old.as_object_mut().unwrap().remove("intrusion");
        let read: crate::fleet::Policy = serde_json::from_value(old).unwrap();
        assert_eq!(read.intrusion, IntrusionPolicy::default());
    }
}
