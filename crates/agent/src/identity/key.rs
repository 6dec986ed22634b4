//! The device's key pair: made here, kept here, never sent.

use super::state_dir::{StateDir, StateError};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};

/// The file that holds it.
const FILE: &str = "device.key";

/// The file that holds the next one while the certificate is renewed.
const NEXT: &str = "renewal.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key could not be made or used.
    #[error("the device's key could not be made or used: {0}; remove device.key from the state folder and try again")]
    Crypto(#[from] rcgen::Error),
}

/// The device's key (ECDSA P-256): the one on disk, or a fresh one that is on disk when this returns. It is kept before the
/// server hears of it, so that an enrolment that broke off goes on with the same key.
///
/// # Errors
/// See [`KeyError`].
pub fn load_or_make(state: &StateDir) -> Result<KeyPair, KeyError> {
    if let Some(pem) = state.read(FILE)? {
        return Ok(KeyPair::from_pem(&pem)?);
    }
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    state.write(FILE, key.serialize_pem().as_bytes())?;
    Ok(key)
}

/// The key for the next certificate: a fresh one that is on disk when this returns, or the one of a renewal that broke off.
/// `current` is the PEM of the key in use, which is never taken again.
///
/// # Errors
/// See [`KeyError`].
pub fn load_or_make_next(state: &StateDir, current: &str) -> Result<KeyPair, KeyError> {
    if let Some(pem) = state.read(NEXT)?.filter(|pem| pem != current)
        && let Ok(key) = KeyPair::from_pem(&pem)
    {
        return Ok(key);
    }
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    state.write(NEXT, key.serialize_pem().as_bytes())?;
    Ok(key)
}

/// The renewal is over: its key is the identity's now. The key of the enrolment is of no more use and goes too.
pub fn forget_spent(state: &StateDir) {
    for name in [NEXT, FILE] {
        match std::fs::remove_file(state.file(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => tracing::warn!("{name} could not be removed: {e}"),
            _ => {}
        }
    }
}

/// A key that was used with a server is not used with another enrolment.
pub fn forget_used(state: &StateDir, used: &str) {
    if state.read(FILE).is_ok_and(|pem| pem.as_deref() == Some(used)) {
        forget_spent(state);
    }
}

/// The request for a certificate (PKCS#10, PEM). It carries no name: the server decides who this is.
///
/// # Errors
/// [`KeyError::Crypto`].
pub fn request(key: &KeyPair) -> Result<String, KeyError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(key)?.pem()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_the_same_and_its_request_is_sound() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        let first = load_or_make(&state).unwrap();
        let again = load_or_make(&state).unwrap();
        assert_eq!(first.serialized_der(), again.serialized_der());
        let csr = rcgen::CertificateSigningRequestParams::from_pem(&request(&first).unwrap()).unwrap();
        assert_eq!(rcgen::PublicKeyData::der_bytes(&csr.public_key), first.public_key_raw());
    }
}
