//! The shared table of everything that rules look for, so that a thing that many rules ask for is kept and looked for once.

use super::expr::Expr;
use super::fnv::Fnv;
use super::pattern::{self, Piece, Place, Shape, folded};
use super::regex;
use super::test::Test;
use std::collections::HashMap;

/// The field that stands for all: what a keyword is looked for in.
pub(super) const ANY_FIELD: u16 = 0;

/// Fields, literals and tests by number, while rules are compiled.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) fields: HashMap<Box<str>, u16, Fnv>,
    /// Each with its number, and how often rules ask for it.
    pub(super) literals: HashMap<(u16, Place, Box<str>), (u32, u32)>,
    pub(super) tests: Vec<(u16, Test)>,
    known_tests: HashMap<(u16, String), u32>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            fields: HashMap::from_iter([("".into(), ANY_FIELD)]),
            literals: HashMap::new(),
            tests: Vec::new(),
            known_tests: HashMap::new(),
        }
    }

    /// The number of a field.
    pub(super) fn field(&mut self, name: &str) -> Result<u16, String> {
        if let Some(number) = self.fields.get(name) {
            return Ok(*number);
        }
        let number = u16::try_from(self.fields.len()).map_err(|_| "too many different fields are asked for")?;
        self.fields.insert(name.into(), number);
        Ok(number)
    }

    /// A value of a rule with its wildcards.
    pub(super) fn text(&mut self, field: u16, pieces: Vec<Piece>, cased: bool) -> Expr {
        match pattern::shape(pieces) {
            Shape::Anything => self.test(field, "any", || Test::Anything),
            Shape::Literal(place, text) if cased => {
                let found = self.literal(field, place, &text);
                let key = format!("cased:{place:?}:{text}");
                Expr::all(vec![found, self.test(field, &key, || Test::Cased(place, text.into()))])
            }
            Shape::Literal(place, text) => self.literal(field, place, &text),
            Shape::Glob(pieces) => self.glob(field, pieces, cased),
        }
    }

    fn literal(&mut self, field: u16, place: Place, text: &str) -> Expr {
        let next = u32::try_from(self.literals.len()).unwrap_or(u32::MAX);
        let known = self.literals.entry((field, place, folded(text).into())).or_insert((next, 0));
        known.1 = known.1.saturating_add(1);
        Expr::Hit(known.0)
    }

    fn glob(&mut self, field: u16, pieces: Vec<Piece>, cased: bool) -> Expr {
        let anchor = pattern::anchor(&pieces).map(str::to_owned);
        let found = anchor.map(|text| self.literal(field, Place::Inside, &text));
        let fold = |piece| match piece {
            Piece::Text(text) if !cased => Piece::Text(folded(&text)),
            other => other,
        };
        let pieces: Vec<Piece> = pieces.into_iter().map(fold).collect();
        let test = self.test(field, &format!("glob:{cased}:{pieces:?}"), || Test::Glob(pieces.into(), cased));
        Expr::all(found.into_iter().chain([test]).collect())
    }

    /// A regular expression, tried only where a word of it was found.
    pub(super) fn regex(&mut self, field: u16, text: &str) -> Result<Expr, String> {
        let (regex, words) = regex::compile(text)?;
        let test = self.test(field, &format!("re:{text}"), || Test::Regex(Box::new(regex)));
        let words =
            words.map(|words| Expr::any(words.iter().map(|word| self.literal(field, Place::Inside, word)).collect()));
        Ok(Expr::all(words.into_iter().chain([test]).collect()))
    }

    /// A test that is made anew only if its like is not known by `key`.
    pub(super) fn test(&mut self, field: u16, key: &str, make: impl FnOnce() -> Test) -> Expr {
        let key = (field, key.to_owned());
        Expr::Ask(match self.known_tests.get(&key) {
            Some(number) => *number,
            None => self.add(key, make()),
        })
    }

    fn add(&mut self, key: (u16, String), test: Test) -> u32 {
        let number = u32::try_from(self.tests.len()).unwrap_or(u32::MAX);
        self.tests.push((key.0, test));
        self.known_tests.insert(key, number);
        number
    }
}
