//! Messages that people report, and what became of them.

use serde::{Deserialize, Serialize};

/// The local part of the address to which people of a comune forward what they find suspicious.
pub const DESK: &str = "segnala";

/// How many people must have reported messages that are alike before more of them are held without anybody else's word.
pub const REPORTERS: usize = 3;

/// The same where the engine itself found something to warn of.
pub const REPORTERS_OF_SUSPICIOUS: usize = 2;

words! {
    /// What the RTD says of a reported message.
    ReportState {
        /// Nothing yet.
        #[default]
        Open = "open",
        /// It was hostile: messages like it are held.
        Hostile = "hostile",
        /// It was harmless: messages like it are not held for its sake.
        Harmless = "harmless",
    }
}

words! {
    /// How a report came.
    ReportWay {
        /// Through the console or its API.
        #[default]
        Console = "console",
        /// Forwarded to the comune's address for reports.
        Mail = "mail",
    }
}

/// Whether an address is the one of its domain for reports.
#[must_use]
pub fn is_desk(address: &str) -> bool {
    let bare = address.trim().trim_start_matches('<');
    bare.split_once('@').is_some_and(|(local, _)| local.eq_ignore_ascii_case(DESK))
}

#[cfg(test)]
mod tests {
    use super::is_desk;

    #[test]
    fn only_the_whole_local_part_is_the_desk() {
        assert!(is_desk("<Segnala@comune.siena.it>") && is_desk("segnala@comune.siena.it"));
        for other in ["segnalazioni@comune.siena.it", "a.segnala@comune.siena.it", "segnala", "anna@segnala.it"] {
            assert!(!is_desk(other), "{other}");
        }
    }
}
