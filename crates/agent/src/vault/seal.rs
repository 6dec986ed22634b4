//! Encryption at rest: files of any size, sealed in chunks, so that neither a thief of the disk nor a scanner that walks
//! by reads what quarantine and vault hold, and a cut or changed file is told from a whole one. What shrinks by it is
//! compressed before.
//!
//! A sealed file is a mark, the salt, and for each chunk a length (four bytes, big-endian) and the sealed bytes; of the plain
//! bytes of a chunk the first says whether the others are deflated. Files of the first version had no lengths and no first
//! byte: they are still read.
//!
//! Each file gets its own key (HKDF-SHA-256 of the device's key and a random salt). The chunks follow the STREAM
//! construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance, 2015): the nonce counts the chunks and says which is the last.

use super::KeepError;
use baluardo_model::Chance;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};
use ring::hkdf::{HKDF_SHA256, Salt};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::Path;

const MAGIC: &[u8; 8] = b"BALSEAL2";
const MAGIC_1: &[u8; 8] = b"BALSEAL1";
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// The first byte of a chunk.
const STORED: u8 = 0;
const DEFLATED: u8 = 1;
/// The fastest level: the vault must keep up with whoever saves, and office documents are compressed already.
const LEVEL: u8 = 1;
/// After a chunk that did not shrink by an eighth, so many are not tried.
const UNTRIED: u32 = 15;

/// The device's key, from which the key of every sealed file is made.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// What was sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 of the plain bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Number of plain bytes.
    pub size: u64,
    /// Number of bytes after compression, without the few of the seal.
    pub packed: u64,
}

impl Key {
    /// Reads the key at `path`, or makes one there, readable by its owner alone.
    ///
    /// # Errors
    /// [`KeepError`] when the file cannot be read or written, or is not a key.
    pub fn load_or_make(path: &Path, chance: &dyn Chance) -> Result<Self, KeepError> {
        let fault = |e| KeepError::io(path, e);
        match std::fs::read(path) {
            Ok(bytes) => bytes.try_into().map(Self).map_err(|_| {
                KeepError::damaged(path, "it is not a key of 32 bytes; what it sealed cannot be read without it")
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let mut bytes = [0_u8; 32];
                chance.fill(&mut bytes);
                crate::platform::file::write_new_private(path, &bytes).map_err(fault)?;
                Ok(Self(bytes))
            }
            Err(e) => Err(fault(e)),
        }
    }

    fn of_file(&self, salt: &[u8; 32]) -> io::Result<LessSafeKey> {
        let weak = |_| io::Error::other("the key of the file could not be made");
        let prk = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let okm = prk.expand(&[b"baluardo file"], &CHACHA20_POLY1305).map_err(weak)?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }
}

/// Compresses chunks as long as that helps.
#[derive(Default)]
struct Packer {
    untried: u32,
}

impl Packer {
    fn pack(&mut self, chunk: &[u8]) -> Vec<u8> {
        if self.untried == 0 {
            let small = compress_to_vec(chunk, LEVEL);
            if small.len() < chunk.len() - chunk.len() / 8 {
                return [&[DEFLATED], small.as_slice()].concat();
            }
            self.untried = UNTRIED;
        } else {
            self.untried -= 1;
        }
        [&[STORED], chunk].concat()
    }
}

/// Seals all of `from` into `to`.
///
/// # Errors
/// Those of reading and writing.
pub fn seal(key: &Key, chance: &dyn Chance, from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Content> {
    let mut salt = [0_u8; 32];
    chance.fill(&mut salt);
    let file_key = key.of_file(&salt)?;
    to.write_all(MAGIC)?;
    to.write_all(&salt)?;
    let (mut sum, mut packer, mut packed) = (Sum::new(), Packer::default(), 0);
    let mut chunk = Vec::new();
    read_chunk(from, &mut chunk, CHUNK)?;
    for count in 0_u64.. {
        let mut next = Vec::new();
        read_chunk(from, &mut next, CHUNK)?;
        let last = next.is_empty();
        sum.take(&chunk);
        let mut bytes = packer.pack(&chunk);
        packed += bytes.len() as u64 - 1;
        file_key
            .seal_in_place_append_tag(nonce(count, last), Aad::from(MAGIC), &mut bytes)
            .map_err(|_| io::Error::other("the file could not be sealed"))?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        to.write_all(&length.to_be_bytes())?;
        to.write_all(&bytes)?;
        if last {
            break;
        }
        chunk = next;
    }
    Ok(Content { packed, ..sum.finish() })
}

/// Opens a sealed file into `to`. On an error what was written to `to` must be thrown away.
///
/// # Errors
/// Those of reading and writing, and [`io::ErrorKind::InvalidData`] when the sealed file is cut, changed or foreign.
pub fn open(key: &Key, from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Content> {
    let mut head = [0_u8; 8];
    let mut salt = [0_u8; 32];
    from.read_exact(&mut head)?;
    from.read_exact(&mut salt)?;
    let first_version = &head == MAGIC_1;
    if &head != MAGIC && !first_version {
        return Err(damaged());
    }
    let record = if first_version { plain_record } else { record };
    let file_key = key.of_file(&salt)?;
    let (mut sum, mut packed) = (Sum::new(), 0);
    let mut sealed = record(from)?;
    for count in 0_u64.. {
        let next = record(from)?;
        let last = next.is_empty();
        let bytes = file_key.open_in_place(nonce(count, last), Aad::from(&head), &mut sealed).map_err(|_| damaged())?;
        let (bytes, deflated) = match (first_version, bytes.split_first()) {
            (true, _) => (&*bytes, false),
            (false, Some((&STORED, bytes))) => (bytes, false),
            (false, Some((&DEFLATED, bytes))) => (bytes, true),
            (false, _) => return Err(damaged()),
        };
        packed += bytes.len() as u64;
        if deflated {
            let plain = decompress_to_vec_with_limit(bytes, CHUNK).map_err(|_| damaged())?;
            sum.take(&plain);
            to.write_all(&plain)?;
        } else {
            sum.take(bytes);
            to.write_all(bytes)?;
        }
        if last {
            break;
        }
        sealed = next;
    }
    Ok(Content { packed, ..sum.finish() })
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed file is damaged or sealed with another key")
}

/// The sealed bytes of the next chunk; none at the end.
fn record(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut length = Vec::new();
    read_chunk(from, &mut length, 4)?;
    if length.is_empty() {
        return Ok(length);
    }
    let length = length.try_into().map(u32::from_be_bytes).map_err(|_| damaged())?;
    let length = usize::try_from(length).ok().filter(|length| (TAG + 1..=CHUNK + TAG + 1).contains(length));
    let mut bytes = vec![0; length.ok_or_else(damaged)?];
    from.read_exact(&mut bytes).map_err(|e| if e.kind() == io::ErrorKind::UnexpectedEof { damaged() } else { e })?;
    Ok(bytes)
}

/// The same of the first version.
fn plain_record(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_chunk(from, &mut bytes, CHUNK + TAG)?;
    Ok(bytes)
}

/// `bytes` in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut sum = Sum::new();
    sum.take(bytes);
    sum.finish().sha256
}

/// Digest and size of all that can be read from `from`.
///
/// # Errors
/// Those of reading.
pub fn digest(from: &mut dyn Read) -> io::Result<Content> {
    let mut sum = Sum::new();
    let mut chunk = Vec::with_capacity(CHUNK);
    while read_chunk(from, &mut chunk, CHUNK)? > 0 {
        sum.take(&chunk);
        chunk.clear();
    }
    Ok(sum.finish())
}

fn nonce(count: u64, last: bool) -> Nonce {
    let mut bytes = [0_u8; 12];
    for (to, from) in bytes.iter_mut().skip(3).zip(count.to_be_bytes()) {
        *to = from;
    }
    if let Some(flag) = bytes.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}

fn read_chunk(from: &mut dyn Read, into: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    from.take(most as u64).read_to_end(into)
}

struct Sum {
    context: Context,
    size: u64,
}

impl Sum {
    fn new() -> Self {
        Self { context: Context::new(&SHA256), size: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
        self.size += bytes.len() as u64;
    }

    fn finish(self) -> Content {
        Content { sha256: hex(self.context.finish().as_ref()), size: self.size, packed: self.size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::testing::Lcg;
    use proptest::prelude::*;

    fn key() -> Key {
        Key([9; 32])
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&key(), &Lcg::new(1), &mut &plain[..], &mut out).unwrap();
        out
    }

    #[test]
    fn every_size_around_a_chunk_comes_back() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..size).map(|i| i as u8).collect();
            let mut back = Vec::new();
            let content = open(&key(), &mut &sealed(&plain)[..], &mut back).unwrap();
            assert_eq!((back, content.size), (plain.clone(), size as u64));
            assert_eq!(content.sha256, sha256_hex(&plain));
        }
    }

    fn noise(size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        Lcg::new(3).fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_cut_at_a_chunk_border_is_seen() {
        let whole = sealed(&noise(3 * CHUNK));
        let cut = &whole[..40 + 2 * (4 + 1 + CHUNK + TAG)];
        assert_eq!(open(&key(), &mut &cut[..], &mut Vec::new()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(open(&key(), &mut &whole[..], &mut Vec::new()).is_ok());
    }

    #[test]
    fn what_shrinks_is_compressed_and_what_does_not_grows_by_a_few_bytes() {
        let minutes = "Il Consiglio comunale, riunito in seduta ordinaria, delibera. ".repeat(20_000);
        assert!(sealed(minutes.as_bytes()).len() < minutes.len() / 20);
        let random = noise(20 * CHUNK);
        assert_eq!(sealed(&random).len(), random.len() + 40 + 20 * (4 + 1 + TAG));
        let both = [random, minutes.into_bytes()].concat();
        let mut back = Vec::new();
        let content = open(&key(), &mut &sealed(&both)[..], &mut back).unwrap();
        assert!(back == both && content.packed < content.size, "{content:?}");
    }

    #[test]
    fn a_file_sealed_by_the_first_version_is_still_read() {
        let plain = noise(2 * CHUNK + 5);
        let salt = [4; 32];
        let mut old = [MAGIC_1.as_slice(), &salt].concat();
        for (count, chunk) in plain.chunks(CHUNK).enumerate() {
            let mut bytes = chunk.to_vec();
            let nonce = nonce(count as u64, count == 2);
            key().of_file(&salt).unwrap().seal_in_place_append_tag(nonce, Aad::from(MAGIC_1), &mut bytes).unwrap();
            old.extend(bytes);
        }
        let mut back = Vec::new();
        assert_eq!(open(&key(), &mut &old[..], &mut back).unwrap().sha256, sha256_hex(&plain));
        assert!(back == plain);
    }

    #[test]
    fn another_key_opens_nothing() {
        let mut out = Vec::new();
        assert!(open(&Key([8; 32]), &mut &sealed(b"secret")[..], &mut out).is_err());
        assert!(out.is_empty());
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_seen(plain in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
            let mut bytes = sealed(&plain);
            let at = at.index(bytes.len());
            bytes[at] ^= 1;
            prop_assert!(open(&key(), &mut &bytes[..], &mut Vec::new()).is_err());
        }
    }
}
