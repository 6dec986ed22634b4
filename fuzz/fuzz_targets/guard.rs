//! Any stream of events keeps the guard within its bounds.
#![no_main]

use baluardo_detect::content::{Features, Sample};
use baluardo_detect::guard::{Actor, CanaryHarm, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::Timestamp;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;

#[derive(Arbitrary, Debug)]
struct Event {
    at: i64,
    actor: Option<u8>,
    op: Op,
}

#[derive(Arbitrary, Debug)]
enum Op {
    Written(Name, Option<Vec<u8>>, Option<Vec<u8>>),
    Created(Name, Option<Vec<u8>>),
    Renamed(Name, Name, Option<Vec<u8>>),
    Deleted(Name, Option<Vec<u8>>),
    Canary(Name),
}

/// A folder among four, and any name in it; few names, so that events meet.
#[derive(Arbitrary, Debug)]
struct Name(u8, u8, String);

impl Name {
    fn path(&self) -> PathBuf {
        let names = ["a.docx", "a.docx.lokd", "b.pdf", "b", "HOW_TO_DECRYPT.txt", self.2.as_str()];
        PathBuf::from(format!("/d{}", self.0 % 4)).join(names[usize::from(self.1) % names.len()])
    }
}

fn features(bytes: &Option<Vec<u8>>) -> Option<Features> {
    bytes.as_deref().map(|bytes| Features::of(&Sample::of_bytes(bytes)))
}

fuzz_target!(|events: Vec<Event>| {
    let settings = GuardSettings { max_actors: 4, max_paths: 16, ..GuardSettings::default() };
    let mut guard = Guard::new(settings);
    for event in &events {
        let op = match &event.op {
            Op::Written(path, before, after) => {
                FileOp::Written { path: path.path(), before: features(before), after: features(after) }
            }
            Op::Created(path, after) => FileOp::Created { path: path.path(), after: features(after) },
            Op::Renamed(from, to, replaced) => {
                FileOp::Renamed { from: from.path(), to: to.path(), replaced: features(replaced) }
            }
            Op::Deleted(path, before) => FileOp::Deleted { path: path.path(), before: features(before) },
            Op::Canary(path) => FileOp::CanaryTouched { path: path.path(), how: CanaryHarm::Changed },
        };
        let canary = matches!(op, FileOp::CanaryTouched { .. });
        let actor = event.actor.map_or(Actor::Unknown, |id| Actor::Known(u32::from(id)));
        let alarm = guard.observe(&FileEvent { at: Timestamp::from_micros(event.at), actor, op });
        assert!(!canary || alarm.is_some());
        assert!(
            alarm.is_none_or(|alarm| alarm.score >= settings.threshold && alarm.harmed.len() <= settings.max_paths)
        );
        let (actors, paths) = guard.remembered();
        assert!(actors <= 4 && paths <= 4 * 16);
    }
});
