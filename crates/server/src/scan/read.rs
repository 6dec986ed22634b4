//! Reads one file without ever waiting for it: no pipe, no device, no more bytes than asked for, and digests of the rest.

use baluardo_detect::indicators::Digests;
use nix::fcntl::OFlag;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// What a file held.
#[derive(Debug)]
pub(super) struct Read {
    /// Its beginning, or all of it.
    pub(super) bytes: Vec<u8>,
    /// Its whole length, as it was when it was opened, or as many bytes as it had.
    pub(super) length: u64,
    /// Digests of the whole; nothing when the time ran out.
    pub(super) digests: Option<Digests>,
    /// Whether it changed while it was read.
    pub(super) changed: bool,
}

/// Opens a regular file. What became of the path since it was found does not matter: no pipe holds us up, and nothing
/// but a regular file is read.
pub(crate) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file any more"));
    }
    Ok((file, meta))
}

/// Reads at most `most` bytes into memory; the rest only passes through the digests, where there are any, until
/// `expired` says so.
pub(super) fn read(
    file: &File,
    meta: &Metadata,
    most: usize,
    mut digests: Digests,
    expired: &dyn Fn() -> bool,
) -> io::Result<Read> {
    let told = usize::try_from(meta.len()).unwrap_or(usize::MAX);
    // One more byte than told shows the end of an unchanged file without growing the buffer.
    let mut bytes = Vec::with_capacity(told.saturating_add(1).min(most));
    file.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    digests.update(&bytes);
    let mut length = bytes.len() as u64;
    let mut whole = true;
    if bytes.len() >= most && meta.len() > length {
        whole = !digests.wanted() || rest(file, &mut digests, &mut length, expired)?;
        length = length.max(meta.len());
    }
    let changed = file.metadata().is_ok_and(|now| super::stamp::Stamp::of(&now) != super::stamp::Stamp::of(meta));
    Ok(Read { bytes, length, digests: whole.then_some(digests), changed })
}

/// Digests what is left. False when the time ran out first.
fn rest(mut file: &File, digests: &mut Digests, length: &mut u64, expired: &dyn Fn() -> bool) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    loop {
        if expired() {
            return Ok(false);
        }
        let got = file.read(&mut piece)?;
        if got == 0 {
            return Ok(true);
        }
        *length += got as u64;
        digests.update(piece.get(..got).unwrap_or_default());
    }
}
