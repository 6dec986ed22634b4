//! Scripts and macros: their text, what is hidden in it, the facts that hold, and their words as numbers.

mod decode;
mod facts;
mod join;
mod language;
mod numbers;
mod shape;
mod signs;
mod text;
mod view;
mod words;

pub use facts::{FACTS, Fact, Strength};

use super::Seen;
use view::View;

/// Looks at a script; nothing when the bytes are no text or the language is not known.
pub(super) fn look(bytes: &[u8], name: &str) -> Option<Seen> {
    let text = text::text(bytes)?;
    let kind = language::language(&text, name)?;
    let view = View::of(kind, &text);
    let holds = |(number, fact): (usize, &Fact)| {
        if (fact.holds)(&view) { u16::try_from(number).ok() } else { None }
    };
    let facts = FACTS.iter().enumerate().filter_map(holds).collect();
    Some(Seen { kind, facts, words: words::words(kind, &view.layers), values: Vec::new() })
}
