//! Little-endian numbers and texts out of a chunk, never behind its end.

use super::EvtxError;

/// A place in a chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    /// Where it is read next, from the start of the chunk.
    pub(super) at: usize,
    end: usize,
}

impl<'a> Bytes<'a> {
    /// The whole of it.
    pub(super) const fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0, end: all.len() }
    }

    /// The same chunk from here to there.
    pub(super) fn between(self, at: usize, end: usize) -> Result<Self, EvtxError> {
        if at <= end && end <= self.all.len() { Ok(Self { all: self.all, at, end }) } else { Err(EvtxError::CutOff) }
    }

    /// The length of the chunk.
    pub(super) const fn whole(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing is left.
    pub(super) const fn is_over(&self) -> bool {
        self.at >= self.end
    }

    /// The next so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], EvtxError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.end).ok_or(EvtxError::CutOff)?;
        let taken = self.all.get(self.at..end).ok_or(EvtxError::CutOff)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EvtxError> {
        self.take(N)?.try_into().map_err(|_| EvtxError::CutOff)
    }

    /// The next byte, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.all.get(self.at).copied().filter(|_| !self.is_over())
    }

    pub(super) fn u8(&mut self) -> Result<u8, EvtxError> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, EvtxError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, EvtxError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number somewhere else in the chunk.
    pub(super) fn u32_at(self, at: usize) -> Result<u32, EvtxError> {
        self.between(at, self.all.len())?.u32()
    }

    /// A text of so many UTF-16 units.
    pub(super) fn utf16(&mut self, units: usize) -> Result<String, EvtxError> {
        Ok(utf16(self.take(units.saturating_mul(2))?))
    }
}

/// A text out of UTF-16 with the low byte first; what is none becomes the replacement character.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
