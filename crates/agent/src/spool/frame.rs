//! How records lie in a file: length, check, payload. Zeros mean: nothing more here.
//!
//! Files are laid out with zeros beforehand, so that a full disk is met when a file is made and not in the middle of a
//! record. A record that was torn by a crash fails its check and ends the file.

use ring::digest::{SHA256, digest};
use std::io::{self, Read};

/// Bytes before each payload: 4 of length (little-endian), 8 of check.
pub const HEAD_BYTES: usize = 12;

/// The longest payload that is believed, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// The first 8 bytes of the payload's SHA-256: enough against chance, and nobody but root can write these files.
fn check(payload: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    for (to, from) in short.iter_mut().zip(digest(&SHA256, payload).as_ref()) {
        *to = *from;
    }
    short
}

/// Appends `payload` as a record to `out`.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] when it is empty or longer than [`MAX_PAYLOAD_BYTES`].
pub fn push(out: &mut Vec<u8>, payload: &[u8]) -> io::Result<()> {
    let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    if payload.is_empty() || payload.len() > MAX_PAYLOAD_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a record of {len} bytes cannot be kept")));
    }
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&check(payload));
    out.extend_from_slice(payload);
    Ok(())
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After a whole record.
    Clean,
    /// With something that is no whole record.
    Torn,
}

/// Reads record after record.
pub struct Frames<R> {
    reader: R,
    good: u64,
    end: Option<End>,
}

impl<R: Read> Frames<R> {
    /// Starts where `reader` stands, which must be the first byte of a file.
    pub fn new(reader: R) -> Self {
        Self { reader, good: 0, end: None }
    }

    /// Bytes of whole records read so far.
    pub fn good_bytes(&self) -> u64 {
        self.good
    }

    /// How the file ended, once [`Frames::next_payload`] gave `None`.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The next payload, or `None` at the end.
    ///
    /// # Errors
    /// What the reader says, except for an early end of file, which is a torn record.
    pub fn next_payload(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.end.is_some() {
            return Ok(None);
        }
        match self.read_one() {
            Ok(Some(payload)) => {
                self.good = self.good.saturating_add((HEAD_BYTES + payload.len()) as u64);
                Ok(Some(payload))
            }
            Ok(None) => Ok(None),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                self.end = Some(End::Torn);
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    fn read_one(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        if !self.fill_or_end(&mut length)? {
            self.end = Some(End::Clean);
            return Ok(None);
        }
        let length = u32::from_le_bytes(length) as usize;
        let mut expected = [0; 8];
        let zeros = length == 0 && (!self.fill_or_end(&mut expected)? || expected == [0; 8]);
        if length == 0 || length > MAX_PAYLOAD_BYTES {
            self.end = Some(if zeros { End::Clean } else { End::Torn });
            return Ok(None);
        }
        self.reader.read_exact(&mut expected)?;
        let mut payload = vec![0; length];
        self.reader.read_exact(&mut payload)?;
        if check(&payload) != expected {
            self.end = Some(End::Torn);
            return Ok(None);
        }
        Ok(Some(payload))
    }

    /// Fills `buffer`; `false` when the file ended exactly before it.
    fn fill_or_end(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let (first, rest) = buffer.split_at_mut(1);
        loop {
            match self.reader.read(first) {
                Ok(0) => return Ok(false),
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.reader.read_exact(rest)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> (Vec<Vec<u8>>, u64, Option<End>) {
        let mut frames = Frames::new(bytes);
        let mut out = Vec::new();
        while let Some(payload) = frames.next_payload().unwrap() {
            out.push(payload);
        }
        (out, frames.good_bytes(), frames.end())
    }

    #[test]
    fn zeros_after_the_records_are_a_clean_end() {
        let mut bytes = Vec::new();
        push(&mut bytes, b"one").unwrap();
        let len = bytes.len() as u64;
        bytes.extend_from_slice(&[0; 100]);
        assert_eq!(all(&bytes), (vec![b"one".to_vec()], len, Some(End::Clean)));
    }

    #[test]
    fn an_empty_or_huge_payload_is_refused() {
        assert!(push(&mut Vec::new(), b"").is_err());
        assert!(push(&mut Vec::new(), &vec![1; MAX_PAYLOAD_BYTES + 1]).is_err());
    }

    proptest! {
        #[test]
        fn a_file_cut_anywhere_gives_the_whole_records_before_the_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = Vec::new();
            let mut ends = Vec::new();
            for payload in &payloads {
                push(&mut bytes, payload).unwrap();
                ends.push(bytes.len());
            }
            let cut = cut.index(bytes.len() + 1);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let (read, good, end) = all(&bytes[..cut]);
            prop_assert_eq!(&read[..], &payloads[..whole]);
            prop_assert_eq!(good as usize, if whole == 0 { 0 } else { ends[whole - 1] });
            let clean = good as usize == cut;
            prop_assert_eq!(end, Some(if clean { End::Clean } else { End::Torn }));
        }

        #[test]
        fn garbage_never_panics_and_never_reads_as_a_record(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(all(&bytes).0.is_empty());
        }
    }
}
