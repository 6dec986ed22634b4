//! What a condition is worth for a file of which only the first two bytes and the size class are known.

use super::gate::{Head, Size};
use boreal_parser::expression::{
    Expression, ExpressionKind as Kind, Identifier, IdentifierOperationType, ReadIntegerType as Read,
};
use boreal_parser::hex_string::Token;
use boreal_parser::rule::{Rule, VariableDeclarationValue as Declared};

/// Four values. YARA's `undefined` counts as false where a truth is asked for, but `not` of it does not count as true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// True for all such files.
    True,
    /// False for all such files.
    False,
    /// Undefined for all such files.
    Undefined,
    /// Only the bytes can tell.
    Unknown,
}

impl Worth {
    const fn of(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }

    const fn fails(self) -> bool {
        matches!(self, Self::False | Self::Undefined)
    }
}

/// Works out one condition.
pub(super) fn worth(condition: &Expression, rule: &Rule, head: Head, size: Size) -> Worth {
    let again = |inner: &Expression| worth(inner, rule, head, size);
    match &condition.expr {
        Kind::Boolean(truth) => Worth::of(*truth),
        Kind::And(all) => {
            let worths: Vec<Worth> = all.iter().map(again).collect();
            if worths.contains(&Worth::False) {
                Worth::False
            } else if worths.contains(&Worth::Undefined) {
                Worth::Undefined
            } else if worths.iter().all(|one| *one == Worth::True) {
                Worth::True
            } else {
                Worth::Unknown
            }
        }
        Kind::Or(any) => {
            let worths: Vec<Worth> = any.iter().map(again).collect();
            if worths.contains(&Worth::True) {
                Worth::True
            } else if worths.iter().all(|one| *one == Worth::False) {
                Worth::False
            } else if worths.iter().all(|one| one.fails()) {
                Worth::Undefined
            } else {
                Worth::Unknown
            }
        }
        Kind::Not(inner) => match again(inner) {
            Worth::True => Worth::False,
            Worth::False => Worth::True,
            Worth::Undefined | Worth::Unknown => Worth::Unknown,
        },
        Kind::Eq(left, right) => equal(left, right, head),
        Kind::Cmp { left, right, less_than, can_be_equal } => {
            compare(left, right, *less_than, *can_be_equal, head, size)
        }
        Kind::VariableAt { variable_name, offset, .. } => at_start(variable_name, offset, rule, head),
        Kind::Identifier(name) => of_module(name, head),
        Kind::NotEq(left, right) => undefined_if_either(left, right, head),
        Kind::Contains { haystack: left, needle: right, .. }
        | Kind::StartsWith { expr: left, prefix: right, .. }
        | Kind::EndsWith { expr: left, suffix: right, .. }
        | Kind::IEquals(left, right) => undefined_if_either(left, right, head),
        Kind::Matches(left, _) if undefined(left, head) => Worth::Undefined,
        _ => Worth::Unknown,
    }
}

fn undefined_if_either(left: &Expression, right: &Expression, head: Head) -> Worth {
    if undefined(left, head) || undefined(right, head) { Worth::Undefined } else { Worth::Unknown }
}

/// `uint16(0) == 0x5A4D` and its relatives, either way round.
fn equal(left: &Expression, right: &Expression, head: Head) -> Worth {
    let pair = match (&left.expr, &right.expr) {
        (Kind::ReadInteger { ty, addr }, Kind::Integer(value))
        | (Kind::Integer(value), Kind::ReadInteger { ty, addr }) => {
            (matches!(addr.expr, Kind::Integer(0))).then_some((*ty, *value))
        }
        _ => None,
    };
    match pair {
        Some((read, value)) => spelled(read, value).map_or(Worth::Unknown, |wanted| begins(&wanted, head)),
        None => undefined_if_either(left, right, head),
    }
}

/// Whether a file with this head begins with these bytes.
fn begins(wanted: &[u8], head: Head) -> Worth {
    match head.bytes() {
        Some(known) => {
            if wanted.iter().zip(known).any(|(wanted, known)| *wanted != known) {
                Worth::False
            } else if wanted.len() <= known.len() {
                Worth::True
            } else {
                Worth::Unknown
            }
        }
        // Such a file begins with none of the known pairs.
        None => {
            let pair = wanted.first_chunk::<2>();
            let known = pair.is_some_and(|pair| Head::ALL.iter().any(|head| head.bytes().as_ref() == Some(pair)));
            if known { Worth::False } else { Worth::Unknown }
        }
    }
}

/// The bytes that an integer has in the file; nothing for a value that its type cannot have, which equals nothing.
fn spelled(read: Read, value: i64) -> Option<Vec<u8>> {
    let (width, big, signed) = match read {
        Read::Int8 => (1, false, true),
        Read::Uint8 => (1, false, false),
        Read::Int16 => (2, false, true),
        Read::Uint16 => (2, false, false),
        Read::Int16BE => (2, true, true),
        Read::Uint16BE => (2, true, false),
        Read::Int32 => (4, false, true),
        Read::Uint32 => (4, false, false),
        Read::Int32BE => (4, true, true),
        Read::Uint32BE => (4, true, false),
    };
    let bits = 8 * u32::try_from(width).ok()?;
    let range = if signed { -(1_i64 << (bits - 1))..1_i64 << (bits - 1) } else { 0..1_i64 << bits };
    let bytes = range.contains(&value).then(|| value.to_le_bytes().into_iter().take(width))?;
    Some(if big { bytes.rev().collect() } else { bytes.collect() })
}

/// `filesize < 2MB` and its relatives.
fn compare(left: &Expression, right: &Expression, less: bool, equal: bool, head: Head, size: Size) -> Worth {
    let (value, less) = match (&left.expr, &right.expr) {
        (Kind::Filesize, Kind::Integer(value)) => (*value, less),
        (Kind::Integer(value), Kind::Filesize) => (*value, !less),
        _ => return undefined_if_either(left, right, head),
    };
    let (from, to) = size.range();
    // The first size for which the answer changes.
    let edge = if less == equal { value.saturating_add(1) } else { value };
    let below = match (to <= edge, from >= edge) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    below.map_or(Worth::Unknown, |below| Worth::of(below == less))
}

/// `$mz at 0`, where the string's first bytes are plain.
fn at_start(name: &str, offset: &Expression, rule: &Rule, head: Head) -> Worth {
    if !matches!(offset.expr, Kind::Integer(0)) {
        return Worth::Unknown;
    }
    let Some(declared) = rule.variables.iter().find(|declared| declared.name == name) else { return Worth::Unknown };
    let has = &declared.modifiers;
    if has.nocase || has.wide || has.xor.is_some() || has.base64.is_some() || has.fullword {
        return Worth::Unknown;
    }
    let plain: Vec<u8> = match &declared.value {
        Declared::Bytes(bytes) => bytes.iter().copied().take(2).collect(),
        Declared::HexString(tokens) => {
            let byte = |token: &Token| if let Token::Byte(byte) = token { Some(*byte) } else { None };
            tokens.iter().map_while(byte).take(2).collect()
        }
        Declared::Regex(_) => return Worth::Unknown,
    };
    // That the first bytes fit does not say that the rest does.
    if begins(&plain, head) == Worth::False { Worth::False } else { Worth::Unknown }
}

/// A module's value as a truth.
fn of_module(name: &Identifier, head: Head) -> Worth {
    if is_field(name, "pe", "is_pe") && head != Head::Mz {
        return Worth::False;
    }
    // Functions answer 0 or nothing for a foreign file, and neither is a truth.
    if foreign(name, head) { Worth::Undefined } else { Worth::Unknown }
}

/// Whether the value is undefined for every file with this head.
fn undefined(expression: &Expression, head: Head) -> bool {
    match &expression.expr {
        Kind::Identifier(name) => foreign(name, head) && !answers_zero(name),
        Kind::Neg(inner) | Kind::BitwiseNot(inner) => undefined(inner, head),
        Kind::Add(left, right)
        | Kind::Sub(left, right)
        | Kind::Mul(left, right)
        | Kind::Div(left, right)
        | Kind::Mod(left, right)
        | Kind::BitwiseXor(left, right)
        | Kind::BitwiseAnd(left, right)
        | Kind::BitwiseOr(left, right)
        | Kind::ShiftLeft(left, right)
        | Kind::ShiftRight(left, right) => undefined(left, head) || undefined(right, head),
        _ => false,
    }
}

/// Whether it is a value of a format that a file with this head cannot have. Constants (in capitals) always have a
/// value, and so have `is_pe` and `is_dotnet`.
fn foreign(name: &Identifier, head: Head) -> bool {
    let of_other = match name.name.as_str() {
        "pe" | "dotnet" => head != Head::Mz,
        "elf" => head != Head::Elf,
        _ => false,
    };
    let field = name.operations.first().and_then(|one| match &one.op {
        IdentifierOperationType::Subfield(field) => Some(field.as_str()),
        _ => None,
    });
    let varies = field.is_some_and(|field| {
        !matches!(field, "is_pe" | "is_dotnet") && field.chars().any(|letter| letter.is_ascii_lowercase())
    });
    of_other && varies
}

/// Whether it is the answer of a function that may be 0 for a foreign file, which can be compared; `imphash` has none.
fn answers_zero(name: &Identifier) -> bool {
    let calls = name.operations.iter().any(|one| matches!(one.op, IdentifierOperationType::FunctionCall(_)));
    let imphash = matches!(name.operations.first().map(|one| &one.op), Some(IdentifierOperationType::Subfield(field)) if field == "imphash");
    calls && !imphash
}

fn is_field(name: &Identifier, module: &str, field: &str) -> bool {
    name.name == module
        && matches!(name.operations.as_slice(), [one] if matches!(&one.op, IdentifierOperationType::Subfield(own) if own == field))
}
