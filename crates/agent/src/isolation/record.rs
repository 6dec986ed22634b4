//! What a device knows of its own isolation, in one small file that outlives the agent.

use crate::identity::state_dir::{StateDir, StateError};
use crate::vault::seal::sha256_hex;
use baluardo_model::fleet::Rejoined;
use baluardo_model::{Chance, FindingId, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The file.
const FILE: &str = "isolation.json";

/// Letters of codes: none is taken for another when it is read out over the telephone.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Letters of one code: 60 bits, which nobody guesses by typing.
const CODE_LETTERS: usize = 12;

/// An isolation, from its order until the server was told of its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it ends by itself.
    pub until: Timestamp,
    /// SHA-256 of the code that lifts it, lower-case hexadecimal.
    pub code_sha256: String,
    /// Where the server was when the names could still be asked.
    pub servers: Vec<SocketAddr>,
    /// The finding that led to it.
    pub finding: Option<FindingId>,
    /// Whether the spool has the code.
    pub told: bool,
    /// Why it ended; the server is to be told.
    pub ended: Option<Rejoined>,
}

impl Record {
    /// What the file holds; none where no isolation is or was left to be told.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn load(state: &StateDir) -> Result<Option<Self>, StateError> {
        state.read_json(FILE)
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn save(&self, state: &StateDir) -> Result<(), StateError> {
        state.write_json(FILE, self)
    }

    /// Removes the file.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn forget(state: &StateDir) -> Result<(), StateError> {
        state.remove(FILE)
    }

    /// Whether `typed` is the code, however it was spaced and written.
    #[must_use]
    pub fn opens_with(&self, typed: &str) -> bool {
        sha256(typed) == self.code_sha256
    }
}

/// A fresh code, in groups of four letters.
pub(crate) fn new_code(chance: &dyn Chance) -> String {
    let mut bytes = [0_u8; CODE_LETTERS];
    chance.fill(&mut bytes);
    let letters: Vec<char> =
        bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The digest of a code as people type it.
pub(crate) fn sha256(typed: &str) -> String {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    sha256_hex(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemChance;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_no_other_is() {
        let chance = SystemChance::new();
        let code = new_code(&chance);
        assert_eq!(code.len(), 14, "{code}");
        let record = Record {
            until: Timestamp::from_micros(1),
            code_sha256: sha256(&code),
            servers: Vec::new(),
            finding: None,
            told: false,
            ended: None,
        };
        assert!(record.opens_with(&code));
        assert!(record.opens_with(&code.to_lowercase().replace('-', " ")));
        assert!(!record.opens_with(&new_code(&chance)));
        assert!(!record.opens_with(""));
    }
}
