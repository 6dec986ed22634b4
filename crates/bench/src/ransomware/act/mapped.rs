//! Encrypts a file through memory: no write is ever called.

use super::noise;
use nix::libc;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::Path;

/// A file in memory; it goes back when this is dropped.
pub(super) struct Mapped {
    at: *mut libc::c_void,
    length: usize,
}

/// Mixes the file where it is. It stays in memory as long as what is given back lives.
pub(super) fn mix(path: &Path) -> io::Result<Mapped> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mapped = map(&file, length)?;
    mapped.mix();
    Ok(mapped)
}

#[expect(unsafe_code, reason = "a map of a file cannot be had otherwise; it is as long as the file is")]
fn map(file: &File, length: usize) -> io::Result<Mapped> {
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    let at = unsafe { libc::mmap(std::ptr::null_mut(), length, rights, libc::MAP_SHARED, file.as_raw_fd(), 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(Mapped { at, length }) }
}

impl Mapped {
    #[expect(unsafe_code, reason = "the map is as long as it says and nobody else of this process has it")]
    fn mix(&self) {
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.at.cast::<u8>(), self.length) };
        bytes.iter_mut().zip(noise(7, self.length)).for_each(|(byte, key)| *byte ^= key);
    }
}

impl Drop for Mapped {
    #[expect(unsafe_code, reason = "the map is given back once, and nothing refers to it any more")]
    fn drop(&mut self) {
        unsafe { libc::munmap(self.at, self.length) };
    }
}
