//! Documents that are too long to travel as they are: JSON, compressed (zlib, RFC 1950), in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes of a packed document: one event may carry it and little more.
pub const MAX_PACKED: usize = 320 * 1024;

/// The most bytes of a document that is unpacked.
pub const MAX_UNPACKED: usize = 4 * 1024 * 1024;

/// How hard to compress: the usual level of zlib.
const LEVEL: u8 = 6;

/// Why a document cannot be packed or unpacked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PackError {
    /// It is longer than what travels.
    #[error("the document has {bytes} bytes when packed, at most {MAX_PACKED} travel")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// It is no packed document, or becomes longer than [`MAX_UNPACKED`].
    #[error("the packed document cannot be read: {0}")]
    Unreadable(String),
}

/// Packs `document`.
///
/// # Errors
/// [`PackError::TooLong`]; [`PackError::Unreadable`] when it has no JSON form.
pub fn pack<T: Serialize>(document: &T) -> Result<String, PackError> {
    let json = serde_json::to_vec(document).map_err(|e| PackError::Unreadable(e.to_string()))?;
    let packed = BASE64.encode(compress_to_vec_zlib(&json, LEVEL));
    if packed.len() > MAX_PACKED { Err(PackError::TooLong { bytes: packed.len() }) } else { Ok(packed) }
}

/// Unpacks what [`pack`] packed.
///
/// # Errors
/// See [`PackError`].
pub fn unpack<T: DeserializeOwned>(packed: &str) -> Result<T, PackError> {
    if packed.len() > MAX_PACKED {
        return Err(PackError::TooLong { bytes: packed.len() });
    }
    let bytes = BASE64.decode(packed).map_err(|e| PackError::Unreadable(e.to_string()))?;
    let json = decompress_to_vec_zlib_with_limit(&bytes, MAX_UNPACKED)
        .map_err(|e| PackError::Unreadable(format!("its compressed bytes are bad or too many ({:?})", e.status)))?;
    serde_json::from_slice(&json).map_err(|e| PackError::Unreadable(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_what_is_read_and_it_is_shorter() {
        let words = vec!["the same word again".to_owned(); 1_000];
        let packed = pack(&words).unwrap();
        assert!(packed.len() < 2_000, "{}", packed.len());
        assert_eq!(unpack::<Vec<String>>(&packed), Ok(words));
    }

    #[test]
    fn a_document_that_swells_is_refused() {
        let bomb = compress_to_vec_zlib(&vec![b' '; MAX_UNPACKED + 1], LEVEL);
        let refused = unpack::<String>(&BASE64.encode(bomb));
        assert!(matches!(refused, Err(PackError::Unreadable(why)) if why.contains("too many")));
    }

    #[test]
    fn bytes_that_are_no_document_are_refused_with_a_reason() {
        for bad in ["", "!", "AAAA", &BASE64.encode(compress_to_vec_zlib(b"{", LEVEL))] {
            assert!(matches!(unpack::<String>(bad), Err(PackError::Unreadable(_))), "{bad}");
        }
        let long = "A".repeat(MAX_PACKED + 1);
        assert_eq!(unpack::<String>(&long), Err(PackError::TooLong { bytes: MAX_PACKED + 1 }));
    }
}
