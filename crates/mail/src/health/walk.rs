//! Walks through a record of SPF and all that it leads to, as a receiver does whose sender matches nothing: that is the dearest
//! case, and the one in which the limits of RFC 7208 section 4.6.4 bite.

use super::{Answer, Book, Question};
use crate::authentic::{is_sound_spf, is_spf};

/// Questions after which nothing more is followed; the standard allows ten.
const MOST_LOOKUPS: u32 = 64;
/// How deep records may lead to records.
const MOST_DEPTH: usize = 20;
/// Mail servers of one `mx` (section 4.6.4).
const MOST_SERVERS: usize = 10;
/// Networks larger than these belong to no office and to no provider of mail: a million addresses, ...
const WIDE_V4: u8 = 12;
/// ... and what a register gives to a large carrier.
const WIDE_V6: u8 = 24;

/// How a record ends for senders that it does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    Pass,
    Neutral,
    Soft,
    Hard,
    /// It does not say.
    #[default]
    Missing,
    /// What says it could not be found out.
    Unknown,
}

/// What was met on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    /// Terms that cost a question.
    pub(super) lookups: u32,
    /// Questions without an answer.
    pub(super) voids: u32,
    /// What each term of the first record costs, itself included.
    pub(super) costs: Vec<(String, u32)>,
    /// Targets whose record cannot be used.
    pub(super) broken: Vec<String>,
    /// Targets that lead back to themselves.
    pub(super) loops: Vec<String>,
    /// Where `ptr` stands.
    pub(super) ptr: Vec<String>,
    /// Networks that are too large.
    pub(super) wide: Vec<String>,
    /// Single addresses that the first record names.
    pub(super) single: Vec<String>,
    /// Whether something on the way could not be found out.
    pub(super) unknown: bool,
    pub(super) ending: Ending,
}

impl Walk {
    /// Walks through the record of `domain`, which is sound.
    pub(super) fn through(book: &mut Book, domain: &str, record: &str) -> Self {
        let mut walk = Self::default();
        walk.ending = walk.step(book, record, &mut vec![domain.to_owned()]);
        walk
    }

    fn step(&mut self, book: &mut Book, record: &str, chain: &mut Vec<String>) -> Ending {
        let mut redirect = None;
        for term in record.split(' ').skip(1).filter(|term| !term.is_empty()) {
            let lower = term.to_ascii_lowercase();
            let (sign, bare) = signed(&lower);
            let before = self.lookups;
            if bare == "all" {
                return sign;
            } else if let Some(target) = bare.strip_prefix("redirect=") {
                redirect = Some((term, target.to_owned()));
            } else if !is_modifier(bare) {
                self.mechanism(book, bare, sign == Ending::Pass, chain);
            }
            self.note_cost(chain, term, before);
        }
        let Some((term, target)) = redirect else { return Ending::Missing };
        let before = self.lookups;
        self.lookups += 1;
        let ending = self.follow(book, &target, chain);
        self.note_cost(chain, term, before);
        ending
    }

    fn note_cost(&mut self, chain: &[String], term: &str, before: u32) {
        if chain.len() == 1 && self.lookups > before {
            self.costs.push((term.to_owned(), self.lookups - before));
        }
    }

    fn mechanism(&mut self, book: &mut Book, bare: &str, allows: bool, chain: &mut Vec<String>) {
        let at = bare.find([':', '/']).unwrap_or(bare.len());
        let (name, rest) = bare.split_at(at);
        let spec = rest.strip_prefix(':').unwrap_or_default();
        let here = chain.last().cloned().unwrap_or_default();
        match name {
            "ip4" | "ip6" => return self.network(name, spec, allows, chain.len() == 1),
            "include" => {
                self.lookups += 1;
                self.follow(book, spec, chain);
                return;
            }
            "ptr" => self.ptr.push(here.clone()),
            _ => {}
        }
        self.lookups += 1;
        if let Some(wide) = too_wide(rest).filter(|_| allows) {
            self.wide.push(format!("{name}{wide}"));
        }
        let host = spec.split('/').next().unwrap_or_default();
        let host = if host.is_empty() { here } else { host.trim_end_matches('.').to_owned() };
        // What a macro becomes depends on the sender.
        if self.lookups <= MOST_LOOKUPS && !spec.contains('%') {
            match name {
                "a" | "exists" => self.void(&book.ask(Question::Addresses(host))),
                "mx" => {
                    let answer = book.ask(Question::Mx(host.clone()));
                    self.void(&answer);
                    if matches!(&answer, Answer::Mx(servers) if servers.len() > MOST_SERVERS) {
                        self.broken.push(format!("mx:{host}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn void(&mut self, answer: &Answer) {
        match answer {
            Answer::Nothing => self.voids += 1,
            Answer::Unknown(_) => self.unknown = true,
            _ => {}
        }
    }

    fn network(&mut self, name: &str, spec: &str, allows: bool, own: bool) {
        let (address, bits) = spec.split_once('/').map_or((spec, None), |(address, bits)| (address, Some(bits)));
        let whole = if name == "ip4" { 32 } else { 128 };
        let bits = bits.and_then(|bits| bits.parse::<u8>().ok()).unwrap_or(whole);
        if allows && bits < if name == "ip4" { WIDE_V4 } else { WIDE_V6 } {
            self.wide.push(format!("{name}:{spec}"));
        }
        if allows && own && bits == whole {
            self.single.push(address.to_owned());
        }
    }

    /// Goes on with the record of `target`, and gives how that ends.
    fn follow(&mut self, book: &mut Book, target: &str, chain: &mut Vec<String>) -> Ending {
        let target = target.trim_end_matches('.');
        if target.contains('%') || self.lookups > MOST_LOOKUPS || chain.len() >= MOST_DEPTH {
            return Ending::Unknown;
        }
        if chain.iter().any(|known| known == target) {
            self.loops.push(target.to_owned());
            return Ending::Unknown;
        }
        let answer = book.ask(Question::Txt(target.to_owned()));
        self.void(&answer);
        let texts = match answer {
            Answer::Txt(texts) => texts,
            Answer::Unknown(_) => return Ending::Unknown,
            _ => Vec::new(),
        };
        let mut records = texts.iter().filter(|text| is_spf(text));
        let (Some(record), None) = (records.next().filter(|record| is_sound_spf(record)), records.next()) else {
            self.broken.push(target.to_owned());
            return Ending::Unknown;
        };
        chain.push(target.to_owned());
        let ending = self.step(book, &String::from_utf8_lossy(record), chain);
        chain.pop();
        ending
    }
}

/// The sign before a mechanism, as what it makes of a sender that matches.
fn signed(term: &str) -> (Ending, &str) {
    match term.split_at_checked(1) {
        Some(("-", bare)) => (Ending::Hard, bare),
        Some(("~", bare)) => (Ending::Soft, bare),
        Some(("?", bare)) => (Ending::Neutral, bare),
        Some(("+", bare)) => (Ending::Pass, bare),
        _ => (Ending::Pass, term),
    }
}

/// `name=value`, where the sign stands before any `:` and `/`.
fn is_modifier(bare: &str) -> bool {
    bare.find(['=', ':', '/']).is_some_and(|at| bare.get(at..).is_some_and(|rest| rest.starts_with('=')))
}

/// The lengths behind `a` and `mx`, where they take in too much.
fn too_wide(rest: &str) -> Option<&str> {
    // A slash may also part the letters of a macro.
    let from = rest.rfind('}').map_or(0, |at| at + 1);
    let lengths = rest.get(from..)?;
    let (four, six) = lengths.split_once("//").map_or((lengths, None), |(four, six)| (four, Some(six)));
    let number = |text: &str| text.parse::<u8>().ok();
    let four = four.split_once('/').and_then(|(_, bits)| number(bits)).is_some_and(|bits| bits < WIDE_V4);
    let six = six.and_then(number).is_some_and(|bits| bits < WIDE_V6);
    (four || six).then_some(rest)
}
