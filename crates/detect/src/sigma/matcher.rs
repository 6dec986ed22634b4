//! One event against all rules of its log source.

use super::assemble::Rules;
use super::event::{Event, Source};
use super::expr::Facts;
use super::fnv::Fnv;
use super::table::ANY_FIELD;
use super::test::{Test, stands};
use std::collections::HashMap;
use std::sync::Arc;

/// Sources that are remembered; a device has a few dozen.
const MOST_SOURCES: usize = 256;

/// Room to work in, kept from one event to the next. Each thread has its own.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Goes up with each event, so that nothing needs to be wiped between two.
    turn: u32,
    /// The turn in which a literal was last found or asked for, and whether it was there.
    literals: Vec<(u32, bool)>,
    /// The same of tests.
    answers: Vec<(u32, bool)>,
    /// The turn in which a rule was last thought of.
    seen: Vec<u32>,
    candidates: Vec<u32>,
    /// Fields of the event that rules know: the field's number and which one of the event it is.
    known: Vec<(u16, usize)>,
    folded: Vec<String>,
    taken: HashMap<Source, Arc<Taken>, Fnv>,
}

/// What events of one source meet.
#[derive(Debug)]
struct Taken {
    routes: Box<[bool]>,
    always: Box<[u32]>,
    keywords: bool,
}

impl Taken {
    fn new(rules: &Rules, source: &Source) -> Self {
        let routes: Box<[bool]> = rules.routes.iter().map(|route| route.source.takes(source)).collect();
        let taken = || rules.routes.iter().zip(&routes).filter(|(_, taken)| **taken).map(|(route, _)| route);
        let always = taken().flat_map(|route| route.always.iter().copied()).collect();
        let keywords = taken().any(|route| route.keywords);
        Self { routes, always, keywords }
    }
}

impl Room {
    fn begin(&mut self, rules: &Rules, event: &Event) -> Arc<Taken> {
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 || self.seen.is_empty() {
            self.turn = 1;
            self.literals = vec![(0, false); rules.literals.len()];
            self.answers = vec![(0, false); rules.tests.len()];
            self.seen = vec![0; rules.exprs.len()];
        }
        self.candidates.clear();
        self.known.clear();
        if self.folded.len() < event.raw_fields().len() {
            self.folded.resize_with(event.raw_fields().len(), String::new);
        }
        if let Some(taken) = self.taken.get(&event.source) {
            return Arc::clone(taken);
        }
        if self.taken.len() >= MOST_SOURCES {
            self.taken.clear();
        }
        let taken = Arc::new(Taken::new(rules, &event.source));
        self.taken.insert(event.source.clone(), Arc::clone(&taken));
        taken
    }
}

/// The numbers of the rules whose condition the event fulfils, in order. A room serves the same rules for its whole life.
pub(super) fn matches(rules: &Rules, room: &mut Room, event: &Event) -> Vec<u32> {
    let taken = room.begin(rules, event);
    gather(rules, room, event, &taken);
    let candidates = std::mem::take(&mut room.candidates);
    let mut found = Vec::new();
    let mut view = View { rules, room, event };
    for rule in &candidates {
        if rules.exprs.get(*rule as usize).is_some_and(|expr| expr.holds(&mut view)) {
            found.push(*rule);
        }
    }
    room.candidates = candidates;
    found.sort_unstable();
    found
}

/// Finds the literals that rules wait for, and with them the rules that are worth a look.
fn gather(rules: &Rules, room: &mut Room, event: &Event, taken: &Taken) {
    let Room { turn, literals, seen, candidates, known, folded, .. } = room;
    let mut consider = |rule: u32| {
        if let Some(seen) = seen.get_mut(rule as usize)
            && *seen != *turn
        {
            *seen = *turn;
            candidates.push(rule);
        }
    };
    taken.always.iter().for_each(|rule| consider(*rule));
    let mut found = |literal: u32| {
        let Some(known) = literals.get_mut(literal as usize) else { return };
        if std::mem::replace(known, (*turn, true)) == (*turn, true) {
            return;
        }
        for rule in rules.waiting_for(literal) {
            let route = rules.route_of.get(*rule as usize).copied().unwrap_or(u16::MAX);
            if taken.routes.get(usize::from(route)).copied().unwrap_or(false) {
                consider(*rule);
            }
        }
    };
    let everywhere = rules.indexes.first().and_then(Option::as_ref).filter(|_| taken.keywords);
    for (at, (field, folded)) in event.raw_fields().iter().zip(folded.iter_mut()).enumerate() {
        let number = rules.fields.get(field.name.as_ref()).copied().filter(|number| *number != ANY_FIELD);
        known.extend(number.map(|number| (number, at)));
        let Some(value) = field.value.as_deref().filter(|_| number.is_some() || taken.keywords) else { continue };
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
    fn hit(&mut self, literal: u32) -> bool {
        let (at, turn) = (literal as usize, self.room.turn);
        let known = self.room.literals.get(at).copied().filter(|(asked, _)| *asked == turn);
        if let Some((_, answer)) = known {
            return answer;
        }
        let Some(wanted) = self.rules.literals.get(at) else { return false };
        // What is in the index and was not found is not there.
        let answer =
            !wanted.indexed && self.values(wanted.field).any(|(_, folded)| stands(wanted.place, &wanted.text, folded));
        if let Some(slot) = self.room.literals.get_mut(at) {
            *slot = (turn, answer);
        }
        answer
    }

    fn ask(&mut self, test: u32) -> bool {
        let (at, turn) = (test as usize, self.room.turn);
        let known = self.room.answers.get(at).copied().filter(|(asked, _)| *asked == turn);
        if let Some((_, answer)) = known {
            return answer;
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
