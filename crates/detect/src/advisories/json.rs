//! Tells by its first name what a JSON text is, and reads it as a stream.

use super::debian::{self, Entry};
use super::osv::{self, FIELDS, Record};
use super::{AdvisoryError, Reading};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::io::{BufRead, Read};

/// The longest line of a file of records, in bytes.
const MAX_LINE: u64 = 8 * 1024 * 1024;
/// How the visitor says that there is no more room.
const FULL: &str = "there is no more room";

/// Reads the tracker's data, an OSV record or a list of them into `reading`. After an error `reading` is to be thrown away.
///
/// # Errors
/// See [`AdvisoryError`].
pub fn read_json(reader: impl Read, reading: &mut Reading) -> Result<(), AdvisoryError> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    Whole(reading).deserialize(&mut json).and_then(|()| json.end()).map_err(named)
}

/// Reads lines with one OSV record each; a line that is none is counted and passed over.
///
/// # Errors
/// See [`AdvisoryError`]; [`AdvisoryError::Unreadable`] when no line is a record.
pub fn read_lines(mut reader: impl BufRead, reading: &mut Reading) -> Result<(), AdvisoryError> {
    let (mut line, mut good, mut fault) = (Vec::new(), false, None);
    loop {
        line.clear();
        if Read::by_ref(&mut reader).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Record>(&line) {
            Ok(record) => {
                good = true;
                if !osv::take(reading, &record) {
                    return Err(AdvisoryError::TooMany);
                }
            }
            Err(error) => {
                reading.entries += 1;
                reading.skip("a line that is no OSV record");
                fault = Some(error);
            }
        }
    }
    match fault {
        Some(error) if !good => Err(error.into()),
        _ => Ok(()),
    }
}

fn named(error: serde_json::Error) -> AdvisoryError {
    match error.io_error_kind() {
        Some(kind) => AdvisoryError::Broken(kind.into()),
        None if error.to_string().starts_with(FULL) => AdvisoryError::TooMany,
        None => AdvisoryError::Unreadable(error),
    }
}

/// The whole text.
struct Whole<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of source packages, an OSV record or a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(record) = list.next_element::<Record>()? {
            if !osv::take(self.0, &record) {
                return Err(A::Error::custom(FULL));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(first) = map.next_key::<String>()? else { return Ok(()) };
        if FIELDS.contains(&first.as_str()) {
            return one_record(self.0, first, map);
        }
        self.0.tracker = true;
        let mut source = first;
        loop {
            map.next_value_seed(Source { name: &source, reading: &mut *self.0 })?;
            match map.next_key()? {
                Some(next) => source = next,
                None => return Ok(()),
            }
        }
    }
}

/// The one record whose first field's name was read.
fn one_record<'de, A: MapAccess<'de>>(reading: &mut Reading, first: String, mut map: A) -> Result<(), A::Error> {
    let mut fields = serde_json::Map::new();
    let mut name = Some(first);
    while let Some(field) = name {
        if FIELDS.contains(&field.as_str()) {
            fields.insert(field, map.next_value()?);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        name = map.next_key()?;
    }
    let record: Record = serde_json::from_value(fields.into()).map_err(A::Error::custom)?;
    if osv::take(reading, &record) { Ok(()) } else { Err(A::Error::custom(FULL)) }
}

/// All vulnerabilities of one source package.
struct Source<'r> {
    name: &'r str,
    reading: &'r mut Reading,
}

impl<'de> DeserializeSeed<'de> for Source<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Source<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the vulnerabilities of the source package {:?}", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((id, entry)) = map.next_entry::<String, Entry>()? {
            if !debian::take(self.reading, self.name, &id, entry) {
                return Err(A::Error::custom(FULL));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
