//! A Sigma value with wildcards: `*` is any text, `?` one character, and a backslash takes their meaning away.

/// A piece of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    /// Text as it stands.
    Text(String),
    /// Any text, also none.
    Any,
    /// Exactly one character.
    One,
}

/// Where a text must stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// It is the whole value.
    Whole,
    /// The value begins with it.
    Start,
    /// The value ends with it.
    End,
    /// Anywhere.
    Inside,
}

/// What a list of pieces asks for, in the cheapest form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One text at one place.
    Literal(Place, String),
    /// Whatever the value is.
    Anything,
    /// Something with wildcards in the middle.
    Glob(Vec<Piece>),
}

/// Reads a value as rules write it. `\*`, `\?` and `\\` are the characters themselves; any other backslash is one.
pub(super) fn parse(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut run = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => run.push(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
            '*' | '?' => {
                if !run.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut run)));
                }
                pieces.push(if c == '*' { Piece::Any } else { Piece::One });
            }
            other => run.push(other),
        }
    }
    if !run.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(run));
    }
    pieces
}

/// Puts any text around the pieces, as `contains`, `startswith` and `endswith` ask.
pub(super) fn widen(mut pieces: Vec<Piece>, place: Place) -> Vec<Piece> {
    if matches!(place, Place::Start | Place::Inside) {
        pieces.push(Piece::Any);
    }
    if matches!(place, Place::End | Place::Inside) {
        pieces.insert(0, Piece::Any);
    }
    pieces
}

/// The cheapest form of the pieces.
pub(super) fn shape(mut pieces: Vec<Piece>) -> Shape {
    pieces.dedup_by(|a, b| *a == Piece::Any && *b == Piece::Any);
    let empty = |piece: &Piece| matches!(piece, Piece::Text(text) if text.is_empty());
    if pieces.len() > 1 {
        pieces.retain(|piece| !empty(piece));
        pieces.dedup_by(|a, b| *a == Piece::Any && *b == Piece::Any);
    }
    match pieces.as_slice() {
        [] | [Piece::Any] => Shape::Anything,
        [Piece::Text(text)] => Shape::Literal(Place::Whole, text.clone()),
        [Piece::Text(text), Piece::Any] => Shape::Literal(Place::Start, text.clone()),
        [Piece::Any, Piece::Text(text)] => Shape::Literal(Place::End, text.clone()),
        [Piece::Any, Piece::Text(text), Piece::Any] => Shape::Literal(Place::Inside, text.clone()),
        _ => Shape::Glob(pieces),
    }
}

/// The longest text among the pieces, which a value must contain.
pub(super) fn anchor(pieces: &[Piece]) -> Option<&str> {
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.max_by_key(|text| text.len())
}

/// Whether `value` is of the form that `pieces` give.
pub(super) fn fits(pieces: &[Piece], value: &str) -> bool {
    let (mut left, mut rest) = (pieces, value);
    // Where to try again: behind the last `Any`, one character further on.
    let mut again: Option<(&[Piece], &str)> = None;
    loop {
        let went_on = match left.split_first() {
            Some((Piece::Any, more)) => {
                again = Some((more, rest));
                left = more;
                continue;
            }
            Some((Piece::One, more)) => after_one(rest).map(|rest| (more, rest)),
            Some((Piece::Text(text), more)) => rest.strip_prefix(text.as_str()).map(|rest| (more, rest)),
            None if rest.is_empty() => return true,
            None => None,
        };
        if let Some((more, after)) = went_on {
            (left, rest) = (more, after);
            continue;
        }
        let Some((more, from)) = again else { return false };
        let Some(from) = after_one(from) else { return false };
        again = Some((more, from));
        (left, rest) = (more, from);
    }
}

fn after_one(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

/// A value in the form in which it is compared unless a rule asks for the case.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn backslashes_take_the_meaning_of_wildcards_away() {
        assert_eq!(parse(r"a*b?c"), [text("a"), Piece::Any, text("b"), Piece::One, text("c")]);
        assert_eq!(parse(r"a\*b\?c"), [text("a*b?c")]);
        assert_eq!(parse(r"C:\Windows\\*"), [text(r"C:\Windows\"), Piece::Any]);
        assert_eq!(parse(r"\cmd.exe"), [text(r"\cmd.exe")]);
        assert_eq!(parse(r"\\\\share"), [text(r"\\share")]);
        assert_eq!(parse(r"end\"), [text(r"end\")]);
        assert_eq!(parse(""), [text("")]);
    }

    #[test]
    fn wildcards_at_the_ends_are_a_place_and_no_search() {
        let of = |value: &str| shape(parse(value));
        assert_eq!(of("abc"), Shape::Literal(Place::Whole, "abc".into()));
        assert_eq!(of("abc*"), Shape::Literal(Place::Start, "abc".into()));
        assert_eq!(of("*abc"), Shape::Literal(Place::End, "abc".into()));
        assert_eq!(of("**abc*"), Shape::Literal(Place::Inside, "abc".into()));
        assert_eq!(of("*"), Shape::Anything);
        assert!(matches!(of("a*c"), Shape::Glob(_)));
        assert_eq!(shape(widen(parse("abc"), Place::Inside)), Shape::Literal(Place::Inside, "abc".into()));
        assert_eq!(shape(widen(parse("*abc"), Place::Start)), Shape::Literal(Place::Inside, "abc".into()));
    }

    #[test]
    fn a_glob_fits_what_it_describes() {
        let fit = |glob: &str, value: &str| fits(&parse(glob), value);
        assert!(fit("a*b*c", "a--b-b--c") && !fit("a*b*c", "a--b-b--"));
        assert!(fit("462?", "4624") && !fit("462?", "462") && !fit("462?", "46245"));
        assert!(fit(r"?:\users\\*", r"c:\users\x") && fit("è?", "èà"));
        assert!(fit("*a?", "aaab") && !fit("*a?", "b"));
        assert!(fit("*", "") && !fit("?*", ""));
    }
}
