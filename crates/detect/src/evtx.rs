//! Windows event logs (EVTX): records out of the bytes of a file, as JSON in the form that other readers give.
//!
//! The format is that of [MS-EVEN6] with what the public descriptions of its files add: a header, then chunks of 64 KiB that
//! each hold records of binary XML. A fault in one record is told, and the next is read.

mod binary_xml;
mod bytes;
mod json;
mod value;

use bytes::Bytes;
use serde_json::Value;

/// Length of a file's header.
pub const HEADER: usize = 4096;

/// Length of a chunk.
pub const CHUNK: usize = 65_536;

/// Where the records of a chunk begin.
const FIRST_RECORD: usize = 512;

/// Before and behind the XML of a record.
const RECORD_HEAD: usize = 24;
const RECORD_TAIL: usize = 4;

/// Why something cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvtxError {
    /// The file begins otherwise.
    #[error("this is no Windows event log: it does not begin with ElfFile")]
    NoLog,
    /// A chunk begins otherwise.
    #[error("a chunk of this event log is damaged and passed over")]
    NoChunk,
    /// Something points behind the end.
    #[error("this record is cut off or points outside its chunk")]
    CutOff,
    /// A record, or a part of one, begins otherwise.
    #[error("this record is damaged: it holds the unknown mark {0:#04x}")]
    Mark(u8),
    /// It would grow without end.
    #[error("this record is nested too deep or too large")]
    TooLarge,
}

/// Says whether a file with this header is an event log.
///
/// # Errors
/// When it is none.
pub fn check_header(header: &[u8]) -> Result<(), EvtxError> {
    if header.starts_with(b"ElfFile\0") { Ok(()) } else { Err(EvtxError::NoLog) }
}

/// The records of a chunk, each `{"Event": …}`. A chunk that was never used has none.
pub fn records(chunk: &[u8]) -> impl Iterator<Item = Result<Value, EvtxError>> {
    let fault = match chunk.get(..8) {
        Some(b"ElfChnk\0") => None,
        Some(unused) if unused.iter().all(|byte| *byte == 0) => None,
        _ => Some(Err(EvtxError::NoChunk)),
    };
    let used = fault.is_none() && chunk.starts_with(b"ElfChnk\0");
    let end = Bytes::new(chunk).u32_at(48).map_or(0, |end| end as usize).min(chunk.len());
    let records = Records { chunk, at: if used { FIRST_RECORD } else { end }, end };
    fault.into_iter().chain(records)
}

struct Records<'a> {
    chunk: &'a [u8],
    at: usize,
    end: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<Value, EvtxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at + RECORD_HEAD + RECORD_TAIL > self.end {
            return None;
        }
        let bytes = Bytes::new(self.chunk);
        let (mark, size) = (bytes.u32_at(self.at).ok()?, bytes.u32_at(self.at + 4).ok()? as usize);
        let end = self.at.checked_add(size).filter(|end| *end <= self.end);
        let from = self.at + RECORD_HEAD;
        let end = match end {
            Some(end) if mark == 0x2A2A && size >= RECORD_HEAD + RECORD_TAIL => end,
            _ => {
                // Without a length there is no way to the next record.
                self.at = self.end;
                return Some(Err(EvtxError::CutOff));
            }
        };
        self.at = end;
        Some(binary_xml::read(self.chunk, from, end - RECORD_TAIL).map(|nodes| json::document(&nodes)))
    }
}
