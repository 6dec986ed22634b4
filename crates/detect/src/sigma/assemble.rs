//! Compiled rules put together so that an event meets only those that it could fulfil.
//!
//! Every literal of every rule is in the index of its field. Each rule waits for a few literals of which one must stand in
//! an event before its condition can hold; the rest of the rule is looked at only then.

use super::correlation::{Correlation, Origin};
use super::expr::Expr;
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
    pub(super) fields: HashMap<Box<str>, u16>,
    /// By field; the first looks through all of them.
    pub(super) indexes: Vec<Option<Index>>,
    pub(super) tests: Vec<(u16, Test)>,
    pub(super) literals: usize,
    waiting: Waiting,
    pub(super) correlations: Vec<Correlation>,
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
    let literals = table.literals.len();
    let mut costs = vec![0_u64; literals];
    let mut everywhere = vec![false; literals];
    let mut by_field: Vec<Vec<(Place, Box<str>, u32)>> = vec![Vec::new(); table.fields.len()];
    for ((field, place, text), number) in table.literals {
        let at = number as usize;
        if let (Some(cost), Some(flag)) = (costs.get_mut(at), everywhere.get_mut(at)) {
            (*cost, *flag) = (cost_of(&text), field == ANY_FIELD);
        }
        if let Some(of_field) = by_field.get_mut(usize::from(field)) {
            of_field.push((place, text, number));
        }
    }
    let mut faults = Vec::new();
    let index = |literals: Vec<_>| {
        if literals.is_empty() { None } else { Index::new(literals).map_err(|fault| faults.push(fault)).ok() }
    };
    let indexes = by_field.into_iter().map(index).collect();
    let looks = Looks { everywhere: &everywhere, tests: &table.tests };
    let (mut routes, mut route_of, mut infos, mut exprs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); literals];
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
    let (waiting, fields, tests) = (Waiting::new(&waiting), table.fields, table.tests);
    (Rules { infos, exprs, route_of, routes, fields, indexes, tests, literals, waiting, correlations }, faults)
}

/// How often a text is to be expected, as a number that only compares: short ones stand nearly everywhere.
fn cost_of(text: &str) -> u64 {
    let length = text.len().max(1) as u64;
    1_000_000_000 / (length * length * length)
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
    everywhere: &'a [bool],
    tests: &'a [(u16, Test)],
}

impl Looks<'_> {
    fn everywhere(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Known(_) => false,
            Expr::Hit(literal) => self.everywhere.get(*literal as usize).copied().unwrap_or(false),
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
