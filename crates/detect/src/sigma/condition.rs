//! The condition of a rule: which of its parts must hold, in Sigma's small language.

/// Deepest nesting of brackets and `not`.
const DEEPEST: usize = 64;

/// A condition over the names of a rule's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// The part of this name.
    Part(String),
    /// Some or all of the parts whose names fit.
    Of(Quantity, Names),
    /// The other way round.
    Not(Box<Self>),
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
}

/// How many of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// At least one.
    One,
    /// Every one.
    All,
}

/// Which parts are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// All whose name does not begin with an underscore.
    Them,
    /// Those whose name fits this pattern, in which `*` is any text.
    Like(String),
}

impl Names {
    /// Whether a part of this name is meant.
    pub(super) fn mean(&self, name: &str) -> bool {
        match self {
            Self::Them => !name.starts_with('_'),
            Self::Like(pattern) => super::pattern::fits(&super::pattern::parse(pattern), name),
        }
    }
}

/// Reads a condition.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn parse(text: &str) -> Result<Condition, String> {
    if text.contains('|') {
        return Err(String::from("its condition counts behind a `|`: write a correlation rule, as Sigma 2 has them"));
    }
    let words = words(text);
    let mut reader = Reader { words: &words, depth: 0 };
    let condition = reader.any()?;
    match reader.words.first() {
        None => Ok(condition),
        Some(word) => Err(format!("its condition cannot be read at `{word}`")),
    }
}

/// Names, words and single brackets.
fn words(text: &str) -> Vec<&str> {
    let bracket = |c: char| matches!(c, '(' | ')');
    text.split_whitespace().flat_map(|chunk| chunk.split_inclusive(bracket)).flat_map(split_bracket).collect()
}

/// Parts a word from the bracket at its end.
fn split_bracket(chunk: &str) -> impl Iterator<Item = &str> {
    let cut = if chunk.ends_with(['(', ')']) { chunk.len() - 1 } else { chunk.len() };
    let (word, bracket) = chunk.split_at(cut);
    [word, bracket].into_iter().filter(|piece| !piece.is_empty())
}

struct Reader<'a> {
    words: &'a [&'a str],
    depth: usize,
}

impl Reader<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found = self.words.first().is_some_and(|next| next.eq_ignore_ascii_case(word));
        if found {
            self.words = self.words.get(1..).unwrap_or_default();
        }
        found
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.next_is("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.single()?];
        while self.next_is("and") {
            parts.push(self.single()?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn single(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("its condition is nested more than {DEEPEST} deep"));
        }
        let condition = self.inner();
        self.depth -= 1;
        condition
    }

    fn inner(&mut self) -> Result<Condition, String> {
        if self.next_is("not") {
            return Ok(Condition::Not(Box::new(self.single()?)));
        }
        if self.next_is("(") {
            let inside = self.any()?;
            return if self.next_is(")") { Ok(inside) } else { Err(String::from("a `)` is missing in its condition")) };
        }
        let Some((&word, rest)) = self.words.split_first() else {
            return Err(String::from("its condition ends too early"));
        };
        let quantity = match word.to_ascii_lowercase().as_str() {
            "1" | "any" => Some(Quantity::One),
            "all" => Some(Quantity::All),
            _ => None,
        };
        if let (Some(quantity), Some((&of, [names, after @ ..]))) = (quantity, rest.split_first())
            && of.eq_ignore_ascii_case("of")
        {
            self.words = after;
            let them = names.eq_ignore_ascii_case("them");
            return Ok(Condition::Of(quantity, if them { Names::Them } else { Names::Like((*names).to_owned()) }));
        }
        if matches!(word, ")") || ["and", "or", "of"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
            return Err(format!("its condition cannot be read at `{word}`"));
        }
        self.words = rest;
        Ok(Condition::Part(word.to_owned()))
    }
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str) -> Condition {
        Condition::Part(name.to_owned())
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        let got = parse("a or b and not c").unwrap();
        let not_c = Condition::Not(Box::new(part("c")));
        assert_eq!(got, Condition::Any(vec![part("a"), Condition::All(vec![part("b"), not_c])]));
    }

    #[test]
    fn brackets_nest_without_spaces() {
        let got = parse("not ((a or(b and c)) and d)").unwrap();
        let inner = Condition::Any(vec![part("a"), Condition::All(vec![part("b"), part("c")])]);
        assert_eq!(got, Condition::Not(Box::new(Condition::All(vec![inner, part("d")]))));
    }

    #[test]
    fn quantities_name_parts_by_pattern_or_all() {
        assert_eq!(parse("1 of them").unwrap(), Condition::Of(Quantity::One, Names::Them));
        let like = Names::Like("sel_*".into());
        assert_eq!(parse("ALL OF sel_*").unwrap(), Condition::Of(Quantity::All, like.clone()));
        assert!(like.mean("sel_x") && !like.mean("other"));
        assert!(Names::Them.mean("sel") && !Names::Them.mean("_hidden"));
        assert_eq!(parse("all").unwrap(), part("all"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let fault = |text: &str| parse(text).unwrap_err();
        assert!(fault("a and").contains("ends too early"));
        assert!(fault("(a or b").contains("`)` is missing"));
        assert!(fault("a b").contains("at `b`"));
        assert!(fault("a or or b").contains("at `or`"));
        assert!(fault("sel | count() > 5").contains("correlation"));
        assert!(fault(&"not ".repeat(500)).contains("nested"));
        assert!(fault(&"(".repeat(500)).contains("nested"));
    }
}
