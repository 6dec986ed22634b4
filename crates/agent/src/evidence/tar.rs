//! A compressed tar (POSIX ustar), written part by part: each part is a gzip member of its own (RFC 1952 lets them follow each other),
//! so that never more than one part is in memory.

use crate::vault::seal::sha256_hex;
use baluardo_model::Timestamp;
use miniz_oxide::deflate::compress_to_vec;
use std::io::{self, Write};

const BLOCK: usize = 512;
const LEVEL: u8 = 6;

pub(super) struct Package<'a, W: Write> {
    to: &'a mut W,
    seconds: u64,
}

impl<'a, W: Write> Package<'a, W> {
    pub(super) fn new(to: &'a mut W, at: Timestamp) -> Self {
        Self { to, seconds: u64::try_from(at.micros() / 1_000_000).unwrap_or(0) }
    }

    /// Adds a part under a name of ours, and gives the SHA-256 of its bytes.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<String> {
        let mut block = self.header(name, bytes.len() as u64)?;
        block.extend_from_slice(bytes);
        block.resize(block.len().div_ceil(BLOCK) * BLOCK, 0);
        self.member(&block)?;
        Ok(sha256_hex(bytes))
    }

    /// The two empty blocks at the end.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.member(&[0; 2 * BLOCK])
    }

    fn header(&self, name: &str, size: u64) -> io::Result<Vec<u8>> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if name.len() > 100 || name.starts_with('/') || name.contains("..") || !name.chars().all(plain) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name for a part of a package"));
        }
        let mut header = Vec::with_capacity(BLOCK);
        let mut field = |text: &str, length: usize| {
            header.extend_from_slice(text.as_bytes());
            header.resize(header.len() + length - text.len(), 0);
        };
        field(name, 100);
        field("0000600", 8);
        field("0000000", 8);
        field("0000000", 8);
        field(&format!("{size:011o}"), 12);
        field(&format!("{:011o}", self.seconds), 12);
        field("        ", 8);
        field("0", 1);
        field("", 100);
        field("ustar", 6);
        field("00", 2);
        field("root", 32);
        field("root", 32);
        field("", BLOCK - 329);
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        for (to, from) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
            *to = from;
        }
        Ok(header)
    }

    fn member(&mut self, plain: &[u8]) -> io::Result<()> {
        // Deflate, no name, no time, made on Unix.
        self.to.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])?;
        self.to.write_all(&compress_to_vec(plain, LEVEL))?;
        self.to.write_all(&crc32(plain).to_le_bytes())?;
        let length = u32::try_from(plain.len()).map_err(io::Error::other)?;
        self.to.write_all(&length.to_le_bytes())
    }
}

/// CRC-32 as gzip has it (reflected, polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_name_that_leads_elsewhere_makes_no_part() {
        let mut out = Vec::new();
        let mut package = Package::new(&mut out, Timestamp::from_micros(0));
        for name in ["/etc/passwd", "../x", "a/../../x", "a\nb", "è"] {
            assert!(package.add(name, b"x").is_err(), "{name}");
        }
        assert!(package.add("logs/auth.log", b"x").is_ok());
    }
}
