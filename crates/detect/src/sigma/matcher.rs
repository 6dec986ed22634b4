//! One event against all rules of its log source.

use super::assemble::Rules;
use super::event::{Event, Source};
use super::expr::Facts;
use super::table::ANY_FIELD;
use super::test::{Test, stands};
use std::collections::HashMap;

/// Sources whose routes are remembered; a device has a few dozen.
const MOST_SOURCES: usize = 256;

/// Room to work in, kept from one event to the next. Each thread has its own.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Goes up with each event, so that nothing needs to be wiped between two.
    turn: u32,
    hits: Vec<u32>,
    /// The turn in which a test was last made, and what it said.
    answers: Vec<(u32, bool)>,
    seen: Vec<u32>,
    candidates: Vec<u32>,
    /// Fields of the event that rules know: the field's number and which one of the event it is.
    known: Vec<(u16, usize)>,
    folded: Vec<String>,
    routes: HashMap<Source, Box<[bool]>>,
}

impl Room {
    fn begin(&mut self, rules: &Rules, event: &Event) {
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 || self.hits.len() != rules.literals || self.seen.len() != rules.exprs.len() {
            self.turn = 1;
            self.hits = vec![0; rules.literals];
            self.answers = vec![(0, false); rules.tests.len()];
            self.seen = vec![0; rules.exprs.len()];
            self.routes.clear();
        }
        self.candidates.clear();
        self.known.clear();
        if self.folded.len() < event.raw_fields().len() {
            self.folded.resize_with(event.raw_fields().len(), String::new);
        }
    }
}

/// The numbers of the rules whose condition the event fulfils, in order.
pub(super) fn matches(rules: &Rules, room: &mut Room, event: &Event) -> Vec<u32> {
    room.begin(rules, event);
    let routes = room.routes.remove(&event.source).unwrap_or_else(|| routes_of(rules, &event.source));
    gather(rules, room, event, &routes);
    let mut candidates = std::mem::take(&mut room.candidates);
    let mut found: Vec<u32> = Vec::new();
    for rule in &candidates {
        let expr = rules.exprs.get(*rule as usize);
        if expr.is_some_and(|expr| expr.holds(&mut View { rules, room, event })) {
            found.push(*rule);
        }
    }
    candidates.clear();
    room.candidates = candidates;
    if room.routes.len() >= MOST_SOURCES {
        room.routes.clear();
    }
    room.routes.insert(event.source.clone(), routes);
    found.sort_unstable();
    found
}

fn routes_of(rules: &Rules, source: &Source) -> Box<[bool]> {
    rules.routes.iter().map(|route| route.source.takes(source)).collect()
}

/// Finds every literal in the event, and with them the rules that are worth a look.
fn gather(rules: &Rules, room: &mut Room, event: &Event, routes: &[bool]) {
    let taken = || rules.routes.iter().zip(routes).filter(|(_, taken)| **taken).map(|(route, _)| route);
    let keywords = taken().any(|route| route.keywords);
    let Room { turn, hits, seen, candidates, known, folded, .. } = room;
    let mut consider = |rule: u32| {
        if let Some(seen) = seen.get_mut(rule as usize)
            && *seen != *turn
        {
            *seen = *turn;
            candidates.push(rule);
        }
    };
    taken().flat_map(|route| &route.always).for_each(|rule| consider(*rule));
    let mut found = |literal: u32| {
        let Some(hit) = hits.get_mut(literal as usize) else { return };
        if std::mem::replace(hit, *turn) == *turn {
            return;
        }
        for rule in rules.waiting_for(literal) {
            let route = rules.route_of.get(*rule as usize).copied().unwrap_or(u16::MAX);
            if routes.get(usize::from(route)).copied().unwrap_or(false) {
                consider(*rule);
            }
        }
    };
    let everywhere = rules.indexes.first().and_then(Option::as_ref).filter(|_| keywords);
    for (at, (field, folded)) in event.raw_fields().iter().zip(folded.iter_mut()).enumerate() {
        let number = rules.fields.get(field.name.as_ref()).copied().filter(|number| *number != ANY_FIELD);
        known.extend(number.map(|number| (number, at)));
        let Some(value) = field.value.as_deref().filter(|_| number.is_some() || keywords) else { continue };
        fold_into(folded, value);
        let index = number.and_then(|number| rules.indexes.get(usize::from(number))).and_then(Option::as_ref);
        for index in index.into_iter().chain(everywhere) {
            index.find(folded, &mut found);
        }
    }
}

/// The form in which values are compared, without a new allocation.
fn fold_into(folded: &mut String, value: &str) {
    folded.clear();
    if value.is_ascii() {
        folded.push_str(value);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(value.chars().flat_map(char::to_lowercase));
    }
}

/// The event as conditions see it.
struct View<'a> {
    rules: &'a Rules,
    room: &'a mut Room,
    event: &'a Event,
}

impl Facts for View<'_> {
    fn hit(&self, literal: u32) -> bool {
        self.room.hits.get(literal as usize) == Some(&self.room.turn)
    }

    fn ask(&mut self, test: u32) -> bool {
        let (at, turn) = (test as usize, self.room.turn);
        match self.room.answers.get(at) {
            Some((asked, answer)) if *asked == turn => return *answer,
            _ => {}
        }
        let answer = self.rules.tests.get(at).is_some_and(|(field, test)| self.answer(*field, test));
        if let Some(slot) = self.room.answers.get_mut(at) {
            *slot = (turn, answer);
        }
        answer
    }
}

impl View<'_> {
    fn answer(&self, field: u16, test: &Test) -> bool {
        match test {
            Test::Exists => self.room.known.iter().any(|(known, _)| *known == field),
            Test::Null => self.values(field).next().is_none(),
            Test::Field(other, place, cased) => self.values(field).any(|(value, folded)| {
                self.values(*other).any(|(second, second_folded)| {
                    if *cased { stands(*place, second, value) } else { stands(*place, second_folded, folded) }
                })
            }),
            test => self.values(field).any(|(value, folded)| test.holds(value, folded)),
        }
    }

    /// The values of a field, as they are and folded.
    fn values(&self, field: u16) -> impl Iterator<Item = (&str, &str)> {
        let all = (field == ANY_FIELD).then(|| 0..self.event.raw_fields().len()).into_iter().flatten();
        let known = self.room.known.iter().filter(move |(known, _)| *known == field).map(|(_, at)| *at);
        all.chain(known).filter_map(|at| {
            let value = self.event.raw_fields().get(at)?.value.as_deref()?;
            Some((value, self.room.folded.get(at)?.as_str()))
        })
    }
}
