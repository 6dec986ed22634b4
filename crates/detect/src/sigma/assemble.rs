//! Compiled rules put together so that an event meets only those that it could fulfil.
//!
//! Each rule waits for a few literals of which one must stand in an event before its condition can hold. These are in the
//! index of their field; all else that a rule asks is looked at only when one of them was found.

use super::correlation::{Correlation, Origin};
use super::expr::Expr;
use super::fnv::Fnv;
use super::index::Index;
use super::pattern::Place;
use super::route::LogSource;
use super::rule::{Rule, RuleInfo};
use super::table::{ANY_FIELD, Table};
use super::test::Test;
use std::collections::HashMap;

/// Rules in force. They are only read, so many threads may share them.
#[derive(Debug)]
pub struct Rules {
    pub(super) infos: Vec<RuleInfo>,
    pub(super) exprs: Vec<Expr>,
    /// The log source of each rule, as a number in `routes`.
    pub(super) route_of: Vec<u16>,
    pub(super) routes: Vec<Route>,
    pub(super) fields: HashMap<Box<str>, u16, Fnv>,
    /// By field; the first looks through all of them.
    pub(super) indexes: Vec<Option<Index>>,
    pub(super) tests: Vec<(u16, Test)>,
    pub(super) literals: Box<[Literal]>,
    waiting: Waiting,
    pub(super) correlations: Vec<Correlation>,
}

/// A text that rules look for.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) field: u16,
    pub(super) place: Place,
    pub(super) text: Box<str>,
    /// Whether it is in the index of its field.
    pub(super) indexed: bool,
}

/// One log source and what its rules need.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) source: LogSource,
    /// Rules that no literal can announce: they are asked about each event.
    pub(super) always: Vec<u32>,
    /// Whether one of its rules looks through all fields.
    pub(super) keywords: bool,
}

/// Which rules wait for each literal: those from one number of `starts` up to the next.
#[derive(Debug, Default)]
struct Waiting {
    starts: Box<[u32]>,
    rules: Box<[u32]>,
}

impl Rules {
    /// Every rule, correlations after those on single events.
    pub fn infos(&self) -> impl Iterator<Item = &RuleInfo> {
        self.infos.iter().chain(self.correlations.iter().map(|correlation| &correlation.info))
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.infos.len() + self.correlations.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rules that wait for a literal.
    pub(super) fn waiting_for(&self, literal: u32) -> &[u32] {
        let at = literal as usize;
        let bounds = self.waiting.starts.get(at).zip(self.waiting.starts.get(at + 1));
        bounds.and_then(|(from, to)| self.waiting.rules.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}

/// Puts rules together. Also says, as sentences, what could not be.
pub(super) fn assemble(table: Table, rules: Vec<Rule>, correlations: Vec<Correlation>) -> (Rules, Vec<String>) {
    let (mut literals, costs) = literals(table.literals);
    let looks = Looks { literals: &literals, tests: &table.tests };
    let (mut routes, mut route_of, mut infos, mut exprs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); literals.len()];
    for (number, rule) in (0_u32..).zip(rules) {
        let at = route(&mut routes, rule.source);
        if let Some(route) = routes.get_mut(at) {
            route.keywords |= looks.everywhere(&rule.expr);
            match rule.expr.needs(&|literal| costs.get(literal as usize).copied().unwrap_or(u64::MAX)) {
                Some(needed) => needed.iter().for_each(|literal| {
                    waiting.get_mut(*literal as usize).into_iter().for_each(|rules| rules.push(number));
                }),
                None => route.always.push(number),
            }
        }
        route_of.push(u16::try_from(at).unwrap_or(u16::MAX));
        infos.push(rule.info);
        exprs.push(rule.expr);
    }
    let (indexes, faults) = indexes(&mut literals, &waiting, table.fields.len());
    let (waiting, fields, tests) = (Waiting::new(&waiting), table.fields, table.tests);
    let literals = literals.into_boxed_slice();
    (Rules { infos, exprs, route_of, routes, fields, indexes, tests, literals, waiting, correlations }, faults)
}

/// Literals by number, and what it costs to wait for each.
fn literals(known: HashMap<(u16, Place, Box<str>), (u32, u32)>) -> (Vec<Literal>, Vec<u64>) {
    let mut sorted: Vec<_> = known.into_iter().collect();
    sorted.sort_unstable_by_key(|(_, (number, _))| *number);
    let costs = sorted.iter().map(|((_, _, text), (_, uses))| cost_of(text, *uses)).collect();
    let literal = |((field, place, text), _)| Literal { field, place, text, indexed: false };
    (sorted.into_iter().map(literal).collect(), costs)
}

/// How often a text is to be expected, as a number that only compares: short ones stand nearly everywhere, and what many
/// rules ask for, such as the name of a shell, is common.
fn cost_of(text: &str, uses: u32) -> u64 {
    let length = text.len().max(1) as u64;
    1_000_000_000 / (length * length * length) * u64::from(uses) + 1
}

/// Puts the literals for which rules wait into the index of their field.
fn indexes(literals: &mut [Literal], waiting: &[Vec<u32>], fields: usize) -> (Vec<Option<Index>>, Vec<String>) {
    let mut by_field: Vec<Vec<(Place, Box<str>, u32)>> = vec![Vec::new(); fields];
    for (number, (literal, rules)) in (0_u32..).zip(literals.iter_mut().zip(waiting)) {
        let awaited = by_field.get_mut(usize::from(literal.field)).filter(|_| !rules.is_empty());
        if let Some(of_field) = awaited {
            literal.indexed = true;
            of_field.push((literal.place, literal.text.clone(), number));
        }
    }
    let mut faults = Vec::new();
    let index = |literals: Vec<_>| {
        if literals.is_empty() { None } else { Index::new(literals).map_err(|fault| faults.push(fault)).ok() }
    };
    let indexes = by_field.into_iter().map(index).collect();
    (indexes, faults)
}

/// The number of a log source.
fn route(routes: &mut Vec<Route>, source: LogSource) -> usize {
    let known = routes.iter().position(|route| route.source == source);
    known.unwrap_or_else(|| {
        routes.push(Route { source, always: Vec::new(), keywords: false });
        routes.len() - 1
    })
}

impl Waiting {
    fn new(by_literal: &[Vec<u32>]) -> Self {
        let (mut starts, mut all) = (vec![0], Vec::new());
        for rules in by_literal {
            all.extend_from_slice(rules);
            starts.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
        }
        Self { starts: starts.into(), rules: all.into() }
    }
}

/// Which literals and tests are about all fields.
struct Looks<'a> {
    literals: &'a [Literal],
    tests: &'a [(u16, Test)],
}

impl Looks<'_> {
    fn everywhere(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Known(_) => false,
            Expr::Hit(literal) => {
                self.literals.get(*literal as usize).is_some_and(|literal| literal.field == ANY_FIELD)
            }
            Expr::Ask(test) => self.tests.get(*test as usize).is_some_and(|(field, _)| *field == ANY_FIELD),
            Expr::Not(inner) => self.everywhere(inner),
            Expr::All(parts) | Expr::Any(parts) => parts.iter().any(|part| self.everywhere(part)),
        }
    }
}

/// Which rules do not tell of their own matches, because correlations that join them do not ask for it.
pub(super) fn silent(rules: &Rules) -> Box<[bool]> {
    let mut silent = vec![false; rules.infos.len()];
    for generate in [false, true] {
        for correlation in rules.correlations.iter().filter(|correlation| correlation.generate == generate) {
            for member in &correlation.members {
                if let Origin::Rule(number) = member.of
                    && let Some(slot) = silent.get_mut(number as usize)
                {
                    *slot = !generate;
                }
            }
        }
    }
    silent.into()
}
