//! The values of records: numbers, texts, times, identifiers.

use super::bytes::{Bytes, utf16};
use baluardo_model::Timestamp;
use serde_json::Value;
use std::fmt::Write as _;

/// The type of a text.
pub(super) const STRING: u8 = 0x01;

/// The type of XML inside a value.
pub(super) const XML: u8 = 0x21;

/// From the first of January 1601 to that of 1970, in steps of 100 nanoseconds.
const TO_1970: u64 = 116_444_736_000_000_000;

/// A value of this type. One that is cut off is null.
pub(super) fn read(kind: u8, raw: &[u8]) -> Value {
    match kind {
        0x81 => {
            let text = utf16(raw);
            Value::Array(text.trim_end_matches('\0').split('\0').map(Value::from).collect())
        }
        0x82..=0x95 => {
            let kind = kind & 0x7F;
            match size_of(kind) {
                Some(size) => {
                    Value::Array(raw.chunks_exact(size).map(|raw| one(kind, raw).unwrap_or_default()).collect())
                }
                None => Value::from(hex(raw)),
            }
        }
        other => one(other, raw).unwrap_or_default(),
    }
}

fn size_of(kind: u8) -> Option<usize> {
    Some(match kind {
        0x03 | 0x04 => 1,
        0x05 | 0x06 => 2,
        0x07 | 0x08 | 0x0B | 0x0D | 0x14 => 4,
        0x09 | 0x0A | 0x0C | 0x11 | 0x15 => 8,
        0x0F | 0x12 => 16,
        _ => return None,
    })
}

fn one(kind: u8, raw: &[u8]) -> Option<Value> {
    let number = || Some(raw.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)));
    let array4 = || raw.first_chunk::<4>().copied();
    let array8 = || raw.first_chunk::<8>().copied();
    Some(match kind {
        0x01 => Value::from(utf16(raw).trim_end_matches('\0')),
        0x02 => Value::from(raw.iter().map(|byte| char::from(*byte)).collect::<String>().trim_end_matches('\0')),
        0x03 => Value::from(i8::from_le_bytes([*raw.first()?])),
        0x05 => Value::from(i16::from_le_bytes(*raw.first_chunk()?)),
        0x07 => Value::from(i32::from_le_bytes(array4()?)),
        0x09 => Value::from(i64::from_le_bytes(array8()?)),
        0x04 | 0x06 | 0x08 | 0x0A if raw.len() <= 8 => Value::from(number()?),
        0x10 | 0x14 | 0x15 if raw.len() <= 8 => Value::from(format!("{:#x}", number()?)),
        0x0B => Value::from(f32::from_le_bytes(array4()?)),
        0x0C => Value::from(f64::from_le_bytes(array8()?)),
        0x0D => Value::from(array4()? != [0; 4]),
        0x0E => Value::from(hex(raw)),
        0x0F => Value::from(guid(raw.first_chunk()?)),
        0x11 => Value::from(file_time(u64::from_le_bytes(array8()?)).rfc3339()),
        0x12 => Value::from(system_time(raw)?),
        0x13 => Value::from(sid(raw)?),
        _ => return None,
    })
}

fn hex(raw: &[u8]) -> String {
    raw.iter().fold(String::with_capacity(raw.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// `{5770385F-C22A-43E0-BF4C-06F5698FFBD9}`, as Windows shows it.
fn guid(raw: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, rest @ ..] = raw;
    let first = u32::from_le_bytes([*a, *b, *c, *d]);
    let (second, third) = (u16::from_le_bytes([*e, *f]), u16::from_le_bytes([*g, *h]));
    let rest = hex(rest);
    let (fourth, fifth) = rest.split_at_checked(4).unwrap_or_default();
    format!("{{{first:08X}-{second:04X}-{third:04X}-{fourth}-{fifth}}}")
}

fn file_time(ticks: u64) -> Timestamp {
    let micros = (i128::from(ticks) - i128::from(TO_1970)).div_euclid(10);
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn system_time(raw: &[u8]) -> Option<String> {
    let mut bytes = Bytes::new(raw);
    let mut next = || bytes.u16().ok();
    let (year, month, _, day) = (next()?, next()?, next()?, next()?);
    let (hour, minute, second, milli) = (next()?, next()?, next()?, next()?);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

/// `S-1-5-18`: a revision, an authority, and the numbers that it gave.
fn sid(raw: &[u8]) -> Option<String> {
    let mut bytes = Bytes::new(raw);
    let (revision, count) = (bytes.u8().ok()?, bytes.u8().ok()?);
    let authority = bytes.take(6).ok()?.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let mut text = format!("S-{revision}-{authority}");
    for _ in 0..count {
        let _ = write!(text, "-{}", bytes.u32().ok()?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_times_are_written_as_windows_does() {
        let sid = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xF4, 1, 0, 0];
        assert_eq!(read(0x13, &sid), "S-1-5-21-1-2-3-500");
        let guid = [0x5F, 0x38, 0x70, 0x57, 0x2A, 0xC2, 0xE0, 0x43, 0xBF, 0x4C, 6, 0xF5, 0x69, 0x8F, 0xFB, 0xD9];
        assert_eq!(read(0x0F, &guid), "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}");
        assert_eq!(read(0x11, &TO_1970.to_le_bytes()), "1970-01-01T00:00:00Z");
        let time: Vec<u8> = [2026_u16, 1, 5, 2, 3, 4, 5, 6].iter().flat_map(|part| part.to_le_bytes()).collect();
        assert_eq!(read(0x12, &time), "2026-01-02T03:04:05.006Z");
    }

    #[test]
    fn numbers_and_texts_keep_their_type() {
        assert_eq!(read(0x06, &[0x10, 0x27]), 10_000);
        assert_eq!(read(0x07, &[0xFF; 4]), -1);
        assert_eq!(read(0x14, &[0xFF, 0x0F, 0, 0]), "0xfff");
        assert_eq!(read(0x0D, &[1, 0, 0, 0]), true);
        assert_eq!(read(0x01, &[0x41, 0, 0xE8, 0, 0, 0]), "Aè");
        assert_eq!(read(0x81, &[0x41, 0, 0, 0, 0x42, 0, 0, 0]), serde_json::json!(["A", "B"]));
        assert_eq!(read(0x88, &[1, 0, 0, 0, 2, 0, 0, 0]), serde_json::json!([1, 2]));
        assert_eq!(read(0x0E, &[0xAB, 1]), "AB01");
    }

    #[test]
    fn what_is_cut_off_or_unknown_is_null() {
        for (kind, raw) in [(0x07, &[1_u8][..]), (0x13, &[1, 9, 0]), (0x0F, &[0; 3]), (0x77, &[1]), (0x00, &[])] {
            assert_eq!(read(kind, raw), Value::Null, "{kind:#x}");
        }
    }
}
