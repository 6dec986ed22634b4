//! One line of a detection, `field|modifiers: values`, and what it asks of an event.

use super::encode;
use super::expr::Expr;
use super::pattern::{self, Piece, Place, folded};
use super::table::{ANY_FIELD, Table};
use super::test::{Network, Order, Test};
use super::yaml::Node;

/// A part of a detection: a map of lines that all must hold, a list of which one must, or keywords.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn part(table: &mut Table, node: &Node, waits: &mut Vec<String>) -> Result<Expr, String> {
    match node {
        Node::Map(lines) => {
            let lines = lines.iter().map(|(key, value)| line(table, key, value, waits));
            Ok(Expr::all(lines.collect::<Result<_, _>>()?))
        }
        Node::List(ways) if !ways.is_empty() => {
            let ways = ways.iter().map(|way| match way {
                Node::Map(_) => part(table, way, waits),
                keyword => line(table, "", keyword, waits),
            });
            Ok(Expr::any(ways.collect::<Result<_, _>>()?))
        }
        Node::List(_) | Node::Null => Err(String::from("a part of it is empty")),
        keyword => line(table, "", keyword, waits),
    }
}

/// What the values of a line are held against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Regex,
    Network,
    Compare(Order),
    Exists,
    Field,
    Placeholder,
}

/// What stands behind the field's name.
struct Modifiers<'a> {
    kind: Kind,
    place: Place,
    all: bool,
    cased: bool,
    other: bool,
    flags: String,
    changes: Vec<&'a str>,
}

impl<'a> Modifiers<'a> {
    fn of(words: impl Iterator<Item = &'a str>, keyword: bool) -> Result<Self, String> {
        let place = if keyword { Place::Inside } else { Place::Whole };
        let mut read = Self {
            kind: Kind::Text,
            place,
            all: false,
            cased: false,
            other: false,
            flags: String::new(),
            changes: Vec::new(),
        };
        for word in words {
            match word {
                "contains" => read.place = Place::Inside,
                "startswith" => read.place = Place::Start,
                "endswith" => read.place = Place::End,
                "all" => read.all = true,
                "cased" => read.cased = true,
                "neq" => read.other = true,
                "re" => read.kind = Kind::Regex,
                "i" | "ignorecase" if read.kind == Kind::Regex => read.flags.push('i'),
                "m" | "multiline" if read.kind == Kind::Regex => read.flags.push('m'),
                "s" | "dotall" if read.kind == Kind::Regex => read.flags.push('s'),
                "cidr" => read.kind = Kind::Network,
                "exists" => read.kind = Kind::Exists,
                "fieldref" => read.kind = Kind::Field,
                "expand" => read.kind = Kind::Placeholder,
                "base64" | "base64offset" | "wide" | "utf16" | "utf16le" | "utf16be" | "windash" => {
                    read.changes.push(word);
                }
                other => match Order::of(other) {
                    Some(order) => read.kind = Kind::Compare(order),
                    None => return Err(format!("the modifier `{other}` is not known")),
                },
            }
        }
        Ok(read)
    }
}

/// A value on its way through the modifiers.
enum Value {
    /// As the rule has it, wildcards and all.
    Written(String),
    /// Bytes that are no longer a text.
    Bytes(Vec<u8>),
}

fn line(table: &mut Table, key: &str, values: &Node, waits: &mut Vec<String>) -> Result<Expr, String> {
    let mut words = key.split('|');
    let name = words.next().unwrap_or_default().trim();
    let modifiers =
        Modifiers::of(words.map(str::trim), name.is_empty()).map_err(|fault| format!("`{key}`: {fault}"))?;
    let field = table.field(name)?;
    let values = if *values == Node::Null { std::slice::from_ref(values) } else { values.items() };
    if values.is_empty() {
        return Err(format!("`{key}` has no values"));
    }
    let mut asked = Vec::with_capacity(values.len());
    for value in values {
        asked.push(one(table, field, &modifiers, value, waits).map_err(|fault| format!("`{key}`: {fault}"))?);
    }
    let asked = if modifiers.all { Expr::all(asked) } else { Expr::any(asked) };
    Ok(if modifiers.other { asked.not() } else { asked })
}

fn one(
    table: &mut Table,
    field: u16,
    modifiers: &Modifiers<'_>,
    value: &Node,
    waits: &mut Vec<String>,
) -> Result<Expr, String> {
    if *value == Node::Null && field != ANY_FIELD {
        return Ok(table.test(field, "null", || Test::Null));
    }
    let text = value.scalar().ok_or("a value is a list, a map or nothing where a text is expected")?;
    match modifiers.kind {
        Kind::Text => texts(table, field, modifiers, text),
        Kind::Regex if modifiers.flags.is_empty() => table.regex(field, text),
        Kind::Regex => table.regex(field, &format!("(?{}){text}", modifiers.flags)),
        Kind::Network => {
            let network = Network::parse(text).ok_or_else(|| format!("`{text}` is no network, such as 10.0.0.0/8"))?;
            Ok(table.test(field, &format!("cidr:{network:?}"), || Test::Network(network)))
        }
        Kind::Compare(order) => {
            let bound: f64 = text.trim().parse().map_err(|_| format!("`{text}` is no number"))?;
            Ok(table.test(field, &format!("{order:?}:{bound}"), || Test::Compare(order, bound)))
        }
        Kind::Exists => {
            let exists = table.test(field, "exists", || Test::Exists);
            match text.to_ascii_lowercase().as_str() {
                "true" | "yes" => Ok(exists),
                "false" | "no" => Ok(exists.not()),
                _ => Err(format!("`{text}` is neither true nor false")),
            }
        }
        Kind::Field => {
            let (other, place, cased) = (table.field(text)?, modifiers.place, modifiers.cased);
            let key = format!("field:{other}:{place:?}:{cased}");
            Ok(table.test(field, &key, || Test::Field(other, place, cased)))
        }
        Kind::Placeholder => {
            waits.push(text.to_owned());
            Ok(Expr::Known(false))
        }
    }
}

/// A text, after its modifiers.
fn texts(table: &mut Table, field: u16, modifiers: &Modifiers<'_>, text: &str) -> Result<Expr, String> {
    let mut values = vec![Value::Written(text.to_owned())];
    for change in &modifiers.changes {
        let mut changed = Vec::new();
        for value in values {
            changed.extend(change_one(change, value)?);
        }
        values = changed;
    }
    let ways = values.into_iter().map(|value| {
        let pieces = match value {
            Value::Written(text) => pattern::parse(&text),
            Value::Bytes(bytes) => vec![Piece::Text(String::from_utf8_lossy(&bytes).into_owned())],
        };
        table.text(field, pattern::widen(pieces, modifiers.place), modifiers.cased)
    });
    Ok(Expr::any(ways.collect()))
}

fn change_one(change: &str, value: Value) -> Result<Vec<Value>, String> {
    if change == "windash" {
        return match value {
            Value::Written(text) => Ok(encode::windash(&text)?.into_iter().map(Value::Written).collect()),
            Value::Bytes(_) => Err(String::from("`windash` must come before a change of encoding")),
        };
    }
    let bytes = match value {
        Value::Written(text) => plain(change, &text)?,
        Value::Bytes(bytes) => bytes,
    };
    let as_text = || String::from_utf8(bytes.clone()).map_err(|_| format!("`{change}` must come first"));
    Ok(match change {
        "base64" => vec![Value::Written(encode::base64(&bytes))],
        "base64offset" => encode::base64_offsets(&bytes).map(Value::Written).into(),
        "utf16be" => vec![Value::Bytes(encode::utf16be(&as_text()?))],
        "utf16" => vec![Value::Bytes(encode::utf16(&as_text()?))],
        _ => vec![Value::Bytes(encode::utf16le(&as_text()?))],
    })
}

/// The bytes of a value without wildcards.
fn plain(change: &str, text: &str) -> Result<Vec<u8>, String> {
    match pattern::parse(text).as_slice() {
        [Piece::Text(text)] => Ok(text.as_bytes().to_vec()),
        _ => Err(format!("`{change}` cannot encode the wildcards of `{}`", folded(text))),
    }
}
