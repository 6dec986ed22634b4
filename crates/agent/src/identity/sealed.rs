//! A seal on what the agent notes for itself: HMAC-SHA-256 under the device's key. Who is root can read that key too, so that changing
//! what is sealed takes more than an editor; it is a sign, not a wall.

use super::state_dir::{StateDir, StateError};
use crate::vault::seal::hex;
use ring::hmac;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The device's key.
const KEY: &str = "vault.key";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<T> {
    held: T,
    seal: String,
}

/// The seal of `text` for one purpose, in hexadecimal; none where the device has no key.
#[must_use]
pub fn seal(state: &StateDir, purpose: &str, text: &[u8]) -> Option<String> {
    let key = std::fs::read(state.file(KEY)).ok().filter(|key| !key.is_empty())?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &[purpose.as_bytes(), b" ", text].concat());
    Some(hex(tag.as_ref()))
}

/// Writes `held` as a sealed file.
///
/// # Errors
/// As [`StateDir::write`].
pub fn write<T: Serialize>(state: &StateDir, name: &str, held: &T) -> Result<(), StateError> {
    let seal = seal_of(state, name, held).unwrap_or_default();
    state.write_json(name, &Sealed { held, seal })
}

/// Reads a sealed file; none when there is no such file.
///
/// # Errors
/// As [`StateDir::read_json`]; [`StateError::Damaged`] also where the seal is not this device's.
pub fn read<T: Serialize + DeserializeOwned>(state: &StateDir, name: &str) -> Result<Option<T>, StateError> {
    let Some(Sealed { held, seal }) = state.read_json::<Sealed<T>>(name)? else { return Ok(None) };
    if seal_of(state, name, &held).is_some_and(|expected| expected == seal) {
        return Ok(Some(held));
    }
    Err(StateError::Damaged { path: state.file(name), cause: "its seal is not this computer's".to_owned() })
}

fn seal_of<T: Serialize>(state: &StateDir, name: &str, held: &T) -> Option<String> {
    seal(state, name, &serde_json::to_vec(held).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_hand_or_another_key_wrote_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        write(&state, "a", &7).unwrap();
        assert!(read::<u32>(&state, "a").is_err(), "without a key there is no seal");
        state.write(KEY, &[1; 32]).unwrap();
        assert_eq!(read::<u32>(&state, "a").ok(), None);
        write(&state, "a", &7).unwrap();
        assert_eq!(read::<u32>(&state, "a").unwrap(), Some(7));
        state.write("b", state.read("a").unwrap().unwrap().as_bytes()).unwrap();
        assert!(read::<u32>(&state, "b").is_err(), "a seal is for one file");
        state.write("a", state.read("a").unwrap().unwrap().replace('7', "8").as_bytes()).unwrap();
        assert!(read::<u32>(&state, "a").is_err());
        assert_eq!(read::<u32>(&state, "none").unwrap(), None);
    }
}
