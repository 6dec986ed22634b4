//! Italian for what the command line says, from `locale/it.json`. Messages come in English, with a line in Italian where
//! the session speaks it.

use crate::desk::DeskError;
use crate::evidence::EvidenceError;
use crate::identity::enrol::EnrolError;
use crate::identity::key::KeyError;
use crate::identity::state_dir::StateError;
use crate::isolation::{IsolationError, LiftError};
use crate::link::call::CallError;
use crate::run::RunError;
use crate::stop::StopError;
use baluardo_wire::token::TokenError;
use std::collections::BTreeMap;

/// The texts, by code.
const ITALIAN: &str = include_str!("../locale/it.json");

/// Whether a value of `LANG` (or `LC_ALL`, `LC_MESSAGES`) asks for Italian.
#[must_use]
pub fn is_italian(lang: &str) -> bool {
    let language = lang.split(['_', '.', '@']).next().unwrap_or_default();
    language.eq_ignore_ascii_case("it")
}

/// The Italian text of `code`.
#[must_use]
pub fn italian(code: &str) -> Option<String> {
    let texts: BTreeMap<String, String> = serde_json::from_str(ITALIAN).unwrap_or_default();
    texts.get(code).cloned()
}

/// The stable code of an error, under which its Italian text stands.
pub trait Coded {
    /// The code.
    fn code(&self) -> &'static str;
}

impl Coded for EnrolError {
    fn code(&self) -> &'static str {
        match self {
            Self::Already { .. } => "enrol.already",
            Self::Token(TokenError::NotAToken) => "token.not_a_token",
            Self::Token(TokenError::Damaged) => "token.damaged",
            Self::State(state) | Self::Key(KeyError::State(state)) => state.code(),
            Self::Key(KeyError::Crypto(_)) => "key.crypto",
            Self::Spool(_) => "run.spool",
            Self::Tls(_) => "tls",
            Self::Call(call) => call.code(),
            Self::Answer(_) => "enrol.answer",
        }
    }
}

impl Coded for StateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "state.io",
            Self::DiskFull { .. } => "state.disk_full",
            Self::Damaged { .. } => "state.damaged",
            Self::InUse { .. } => "state.in_use",
        }
    }
}

impl Coded for CallError {
    fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "call.address",
            Self::Unreachable { .. } => "call.unreachable",
            Self::Secure { .. } => "call.secure",
            Self::Broken { .. } => "call.broken",
            Self::Late { .. } => "call.late",
            Self::TooLong { .. } | Self::Garbled { .. } => "call.garbled",
            Self::Refused(_) => "call.refused",
        }
    }
}

impl Coded for LiftError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotIsolated => "rejoin.not_isolated",
            Self::Wrong => "rejoin.wrong",
            Self::Isolation(IsolationError::State(state)) => state.code(),
            Self::Isolation(_) => "rejoin.wall",
        }
    }
}

impl Coded for StopError {
    fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "rejoin.wrong",
            Self::Closed(_) => "stop.closed",
            Self::NoCode => "stop.no_code",
            Self::Locked => "stop.locked",
            Self::State(state) => state.code(),
        }
    }
}

impl Coded for EvidenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "evidence.failed",
            Self::State(state) => state.code(),
        }
    }
}

impl Coded for DeskError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotRunning(_) => "desk.not_running",
            Self::Folder { .. } => "state.io",
            Self::State(state) => state.code(),
            Self::Late => "desk.late",
        }
    }
}

impl Coded for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotEnrolled => "run.not_enrolled",
            Self::State(state) => state.code(),
            Self::Spool(_) => "run.spool",
            Self::Journal { .. } => "run.journal",
            Self::Protection(_) => "run.protection",
            Self::Link(_) => "run.link",
            Self::Runtime(_) => "run.runtime",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_italian_text() {
        let codes = [
            "enrol.already",
            "token.not_a_token",
            "token.damaged",
            "key.crypto",
            "tls",
            "enrol.answer",
            "state.io",
            "state.disk_full",
            "state.damaged",
            "state.in_use",
            "call.address",
            "call.unreachable",
            "call.secure",
            "call.broken",
            "call.late",
            "call.garbled",
            "call.refused",
            "run.not_enrolled",
            "run.spool",
            "run.journal",
            "run.protection",
            "run.link",
            "run.runtime",
            "enrol.done",
            "installed.done",
            "rejoin.not_isolated",
            "rejoin.wrong",
            "rejoin.wall",
            "rejoin.done",
            "desk.not_running",
            "desk.late",
            "stop.closed",
            "stop.no_code",
            "stop.locked",
            "unlock.done",
            "evidence.failed",
            "rollback.refused",
        ];
        for code in codes {
            assert!(italian(code).is_some_and(|text| text.len() > 10), "{code} has no Italian text");
        }
        let texts: BTreeMap<String, String> = serde_json::from_str(ITALIAN).unwrap();
        assert_eq!(texts.len(), codes.len(), "a text that nothing uses");
    }

    #[test]
    fn italian_sessions_are_known_by_their_language() {
        assert!(is_italian("it_IT.UTF-8") && is_italian("it"));
        assert!(!is_italian("C.UTF-8") && !is_italian("en_US.UTF-8") && !is_italian("") && !is_italian("item"));
    }
}
