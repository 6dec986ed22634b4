//! One file, asked about by every engine, and opened where it is a container: findings that name the path within.

use crate::indicators::{Digests, Indicators};
use crate::nature::{self, Language, Opinion};
use crate::scan::{Hit, Scanner, Subject};
use crate::unpack::{Limits, Refusal, Room, walk};
use baluardo_model::protection::Severity;
use std::time::Duration;

/// From this score on a file is malicious.
pub const MALICIOUS: u8 = 75;

/// From this score on a file is suspicious.
pub const SUSPICIOUS: u8 = 40;

/// Findings told of one file; more say nothing new.
const TOLD: usize = 100;

/// All engines together. Sharing one among threads is what it is for.
#[derive(Debug)]
pub struct Inspector {
    scanner: Scanner,
    indicators: Indicators,
    limits: Limits,
    language: Language,
}

/// A file as it is brought.
#[derive(Debug)]
pub struct Brought<'a> {
    /// Its bytes, or as many of them as the caller wants looked at.
    pub bytes: &'a [u8],
    /// Its whole length.
    pub length: u64,
    /// Digests of the whole file, begun with [`Inspector::digests`]; nothing when it was not read to its end.
    pub digests: Option<Digests>,
    /// Its name, place and owner.
    pub subject: Subject,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `eicar`, `sha256`, `sha1`, `md5`, `yara`, `container` (what an archive or document shows by its structure), `nature`
    /// (what a trained model says) or `limits` (what was not looked at, and why).
    pub engine: String,
    /// The rule, the indicator's name, or a stable word.
    pub name: String,
    /// How sure it is that this file is bad, from 0 to 100.
    pub score: u8,
    /// The path within the file, its parts joined by `!`; nothing for the file itself.
    pub inside: Option<String>,
    /// Sentences.
    pub reasons: Vec<String>,
}

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing bad was found, and nothing was left out for time or safety.
    Clean,
    /// Somebody should look.
    Suspicious,
    /// Known bad.
    Malicious,
    /// Nothing bad was found, but not all could be looked at.
    Error,
}

/// What all engines say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The findings, in the order in which they were made.
    pub findings: Vec<Found>,
    /// Something was refused or ran out of time, so that "clean" would be too much said.
    pub unfinished: bool,
}

impl Inspection {
    /// The judgement of all findings.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        match self.findings.iter().map(|found| found.score).max().unwrap_or(0) {
            MALICIOUS.. => Judgement::Malicious,
            SUSPICIOUS.. => Judgement::Suspicious,
            _ if self.unfinished => Judgement::Error,
            _ => Judgement::Clean,
        }
    }

    fn add(&mut self, found: Found) {
        let known = |old: &Found| old.engine == found.engine && old.name == found.name && old.inside == found.inside;
        let full = self.findings.len() >= TOLD;
        match self.findings.iter_mut().find(|old| known(old)) {
            Some(old) => {
                old.score = old.score.max(found.score);
                let new: Vec<_> = found.reasons.into_iter().filter(|reason| !old.reasons.contains(reason)).collect();
                old.reasons.extend(new);
            }
            None if full => {}
            None => self.findings.push(found),
        }
    }

    fn limit(&mut self, name: &str, inside: Option<String>, reason: String) {
        let (engine, name) = ("limits".to_owned(), name.to_owned());
        self.add(Found { engine, name, score: 0, inside, reasons: vec![reason] });
    }
}

impl Inspector {
    /// Puts the engines together.
    #[must_use]
    pub const fn new(scanner: Scanner, indicators: Indicators, limits: Limits) -> Self {
        Self { scanner, indicators, limits, language: Language::English }
    }

    /// The same, telling the reasons of models in another language.
    #[must_use]
    pub fn speaking(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Begins the digests that the indicators need.
    #[must_use]
    pub fn digests(&self) -> Digests {
        self.indicators.digests()
    }

    /// Asks everything about a file, for no longer than `budget`; `elapsed` is the time since it began. The budget is
    /// looked at between parts and inside the YARA engine, which ends within a fraction of a second of it.
    #[must_use]
    pub fn inspect(&self, file: Brought<'_>, budget: Duration, elapsed: &dyn Fn() -> Duration) -> Inspection {
        let mut told = Inspection::default();
        let looked_at = file.bytes.len() as u64;
        if looked_at < file.length {
            let reason = format!("only the first {looked_at} of {} bytes were looked at", file.length);
            told.limit("too_large", None, reason);
        }
        let outer = file.digests;
        let whole = outer.is_some();
        if let Some(met) = outer.and_then(|digests| self.indicators.meet(digests)) {
            told.add(indicator(met, None));
        }
        if !whole {
            told.unfinished = true;
            told.limit("not_digested", None, "the time for this file ran out before it was read to its end".to_owned());
        }
        let left = || budget.saturating_sub(elapsed());
        let expired = || left().is_zero();
        let mut room = Room::new(self.limits, &expired);
        walk(file.bytes, &mut room, &mut |inside, bytes| {
            let subject = inside.map(|path| file.subject.part(path, bytes));
            let (hits, complete) = self.scanner.hits(bytes, subject.as_ref().unwrap_or(&file.subject), &left);
            for hit in hits {
                told.add(found(hit, inside));
            }
            if let Some(opinion) = nature::judge(bytes, inside.unwrap_or(file.subject.name())) {
                told.add(suspected(&opinion, inside, self.language));
            }
            if let Some(path) = inside {
                let mut digests = self.indicators.digests();
                digests.update(bytes);
                if let Some(met) = self.indicators.meet(digests) {
                    told.add(indicator(met, Some(path)));
                }
            }
            if !complete {
                told.unfinished = true;
                let reason =
                    format!("the {} seconds for one file ran out before every rule was asked", budget.as_secs_f32());
                told.limit("time_budget", None, reason);
            }
        });
        let (refusals, signs) = room.leave();
        for sign in signs {
            let Refusal { word, inside, reason, .. } = sign;
            told.add(found(Hit::new("container", word, reason, Severity::Medium), inside.as_deref()));
        }
        for refusal in refusals {
            told.unfinished |= refusal.unfinished;
            told.limit(refusal.word, refusal.inside, refusal.reason);
        }
        told
    }
}

fn indicator(met: crate::indicators::Met, inside: Option<&str>) -> Found {
    let word = met.algorithm.word();
    let name = if met.name.is_empty() { "listed".to_owned() } else { met.name };
    let reasons = vec![format!("its {} is on a list of known bad files", word.to_uppercase())];
    Found { engine: word.to_owned(), name, score: 100, inside: inside.map(str::to_owned), reasons }
}

/// What a model says: suspicious however sure it is, because nobody has confirmed it.
fn suspected(opinion: &Opinion, inside: Option<&str>, language: Language) -> Found {
    Found {
        engine: "nature".to_owned(),
        name: opinion.kind.code().to_owned(),
        score: opinion.points(),
        inside: inside.map(str::to_owned),
        reasons: opinion.reasons(language),
    }
}

fn found(hit: Hit, inside: Option<&str>) -> Found {
    let Hit { reason, score, .. } = hit;
    Found {
        engine: reason.engine,
        name: reason.rule,
        score,
        inside: inside.map(str::to_owned),
        reasons: vec![reason.detail],
    }
}
