//! Paths in journals: the exact bytes, as base64, because a file name need not be UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// For `#[serde(with = "..")]`: writes the bytes of a path.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&BASE64.encode(path.as_os_str().as_bytes()))
}

/// For `#[serde(with = "..")]`: reads the bytes of a path.
///
/// # Errors
/// When the text is not base64.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(from)?;
    let bytes = BASE64.decode(text).map_err(D::Error::custom)?;
    Ok(PathBuf::from(OsStr::from_bytes(&bytes)))
}
