//! Binary XML: marks and names in a chunk, templates with places for values, and the values.

use super::EvtxError;
use super::bytes::Bytes;
use super::value;
use serde_json::Value;

/// Deepest nesting of elements, templates and XML inside values.
const DEEPEST: usize = 32;

/// Most elements and values of one record; a value counts once more for every 64 bytes, because a template may ask for the
/// same one many times.
const MOST_NODES: usize = 20_000;
const BYTES_A_NODE: usize = 64;

/// Longest name, in UTF-16 units.
const LONGEST_NAME: u16 = 512;

/// A piece of XML.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// An element.
    Element(Element),
    /// Text or another value; null where an optional one is not there.
    Value(Value),
}

/// An element.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    /// Attributes that have a value.
    pub(super) attributes: Vec<(String, Value)>,
    pub(super) inside: Vec<Node>,
}

/// Reads what stands from `from` to `end` of a chunk.
pub(super) fn read(chunk: &[u8], from: usize, end: usize) -> Result<Vec<Node>, EvtxError> {
    let mut reader = Reader { bytes: Bytes::new(chunk).between(from, end)?, values: &[], in_value: false, depth: 0 };
    let mut left = MOST_NODES;
    reader.nodes(&mut left)
}

/// A value that belongs into a template: its type, and where it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    kind: u8,
    from: usize,
    end: usize,
}

struct Reader<'a, 'v> {
    bytes: Bytes<'a>,
    /// What belongs into the template that is read.
    values: &'v [Place],
    /// XML inside a value numbers no dependencies.
    in_value: bool,
    depth: usize,
}

impl Reader<'_, '_> {
    /// Everything up to the end, or to the end of the element in which we are.
    fn nodes(&mut self, left: &mut usize) -> Result<Vec<Node>, EvtxError> {
        let mut nodes = Vec::new();
        while !self.bytes.is_over() {
            *left = left.checked_sub(1).ok_or(EvtxError::TooLarge)?;
            let mark = self.bytes.u8()?;
            match mark {
                0x00 | 0x04 => break,
                0x01 | 0x41 => nodes.push(Node::Element(self.element(mark == 0x41, left)?)),
                0x0A | 0x4A => {
                    self.name()?;
                }
                0x0B | 0x4B => {
                    let units = self.bytes.u16()?;
                    self.bytes.utf16(units.into())?;
                }
                0x0C => nodes.extend(self.template(left)?),
                0x0F => {
                    self.bytes.take(3)?;
                }
                other => nodes.extend(self.value(other, left)?),
            }
        }
        Ok(nodes)
    }

    /// A value: written here, or out of those that belong into the template.
    fn value(&mut self, mark: u8, left: &mut usize) -> Result<Vec<Node>, EvtxError> {
        let text = |text: String| vec![Node::Value(Value::String(text))];
        Ok(match mark {
            0x05 | 0x45 => {
                let kind = self.bytes.u8()?;
                if kind != value::STRING {
                    return Err(EvtxError::Mark(kind));
                }
                let units = self.bytes.u16()?;
                text(self.bytes.utf16(units.into())?)
            }
            0x07 | 0x47 => {
                let units = self.bytes.u16()?;
                text(self.bytes.utf16(units.into())?)
            }
            0x08 | 0x48 => {
                let unit = u32::from(self.bytes.u16()?);
                text(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER).to_string())
            }
            0x09 | 0x49 => text(entity(&self.name()?)),
            0x0D | 0x0E => {
                let number = self.bytes.u16()?;
                self.bytes.u8()?;
                match self.values.get(usize::from(number)) {
                    Some(place) => self.placed(*place, left)?,
                    None => Vec::new(),
                }
            }
            other => return Err(EvtxError::Mark(other)),
        })
    }

    fn placed(&self, place: Place, left: &mut usize) -> Result<Vec<Node>, EvtxError> {
        let bytes = self.bytes.between(place.from, place.end)?;
        if place.kind == value::XML {
            let mut inside = Reader { bytes, values: &[], in_value: true, depth: self.deeper()? };
            return inside.nodes(left);
        }
        let mut bytes = bytes;
        let raw = bytes.take(place.end - place.from)?;
        *left = left.checked_sub(raw.len() / BYTES_A_NODE).ok_or(EvtxError::TooLarge)?;
        Ok(vec![Node::Value(value::read(place.kind, raw))])
    }

    fn deeper(&self) -> Result<usize, EvtxError> {
        if self.depth >= DEEPEST { Err(EvtxError::TooLarge) } else { Ok(self.depth + 1) }
    }

    fn element(&mut self, has_attributes: bool, left: &mut usize) -> Result<Element, EvtxError> {
        self.depth = self.deeper()?;
        if !self.in_value {
            self.bytes.u16()?;
        }
        self.bytes.u32()?;
        let name = self.name()?;
        let mut attributes = Vec::new();
        if has_attributes {
            self.bytes.u32()?;
            while let Some(0x06 | 0x46) = self.bytes.peek() {
                self.bytes.u8()?;
                let name = self.name()?;
                if let Some(value) = self.attribute(left)? {
                    attributes.push((name, value));
                }
            }
        }
        let inside = match self.bytes.u8()? {
            0x02 => self.nodes(left)?,
            0x03 => Vec::new(),
            other => return Err(EvtxError::Mark(other)),
        };
        self.depth -= 1;
        Ok(Element { name, attributes, inside })
    }

    /// What follows an attribute's name. Nothing where it is optional and not there.
    fn attribute(&mut self, left: &mut usize) -> Result<Option<Value>, EvtxError> {
        let mut values = Vec::new();
        while let Some(mark @ (0x05 | 0x45 | 0x08 | 0x48 | 0x09 | 0x49 | 0x0D | 0x0E)) = self.bytes.peek() {
            *left = left.checked_sub(1).ok_or(EvtxError::TooLarge)?;
            self.bytes.u8()?;
            values.extend(self.value(mark, left)?);
        }
        Ok(super::json::scalar(&values))
    }

    /// A template and the values that belong into it.
    fn template(&mut self, left: &mut usize) -> Result<Vec<Node>, EvtxError> {
        self.bytes.u8()?;
        self.bytes.u32()?;
        let at = self.bytes.u32()? as usize;
        // A template stands where it is used first; later records point to it.
        let is_here = at == self.bytes.at;
        let mut definition = self.bytes.between(at, self.bytes.whole())?;
        definition.take(4 + 16)?;
        let size = definition.u32()? as usize;
        let body = definition.at;
        let end = body.checked_add(size).ok_or(EvtxError::CutOff)?;
        if is_here {
            self.bytes.take(end - at)?;
        }
        let values = self.places()?;
        let bytes = self.bytes.between(body, end)?;
        Reader { bytes, values: &values, in_value: false, depth: self.deeper()? }.nodes(left)
    }

    fn places(&mut self) -> Result<Vec<Place>, EvtxError> {
        let count = self.bytes.u32()? as usize;
        let mut table = Vec::new();
        for _ in 0..count {
            let size = self.bytes.u16()?;
            let kind = self.bytes.u8()?;
            self.bytes.u8()?;
            table.push((usize::from(size), kind));
        }
        let mut places = Vec::with_capacity(table.len());
        for (size, kind) in table {
            let from = self.bytes.at;
            self.bytes.take(size)?;
            places.push(Place { kind, from, end: from + size });
        }
        Ok(places)
    }

    /// A name. It stands where it is used first; later uses point to it.
    fn name(&mut self) -> Result<String, EvtxError> {
        let at = self.bytes.u32()? as usize;
        let is_here = at == self.bytes.at;
        let mut bytes = self.bytes.between(at, self.bytes.whole())?;
        bytes.take(4 + 2)?;
        let units = bytes.u16()?;
        if units > LONGEST_NAME {
            return Err(EvtxError::TooLarge);
        }
        let name = bytes.utf16(units.into())?;
        if is_here {
            self.bytes.take(bytes.at - at + 2)?;
        }
        Ok(name)
    }
}

fn entity(name: &str) -> String {
    match name {
        "amp" => String::from("&"),
        "lt" => String::from("<"),
        "gt" => String::from(">"),
        "quot" => String::from("\""),
        "apos" => String::from("'"),
        other => format!("&{other};"),
    }
}
