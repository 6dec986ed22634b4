//! What holds for every stream of events and every file, however odd.

use crate::forge;
use crate::told::features;
use baluardo_detect::content::{Features, Sample};
use baluardo_detect::guard::{Actor, Alarm, CanaryHarm, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::Timestamp;
use proptest::prelude::*;
use std::path::PathBuf;

/// Few paths, so that events meet each other.
fn paths() -> impl Strategy<Value = PathBuf> {
    let names = ["a.docx", "a.docx.lokd", "b.pdf", "b", "README_decrypt.txt", "c.jpg", ".x.tmp", "", "ü\u{202e}.txt"];
    (0..4_u8, prop::sample::select(names.to_vec()))
        .prop_map(|(folder, name)| PathBuf::from(format!("/d{folder}/{name}")))
}

fn states() -> impl Strategy<Value = Option<Features>> {
    let states: Vec<_> = (0..8)
        .map(|number| forge::office_file(number).1)
        .flat_map(|bytes| [forge::encrypt(1, &bytes), forge::encrypt_partly(1, &bytes, 4_096, false), bytes])
        .chain([Vec::new(), forge::gzip(b"x"), forge::random(1, 40)])
        .map(|bytes| Some(features(&bytes)))
        .chain([None])
        .collect();
    prop::sample::select(states)
}

fn ops() -> impl Strategy<Value = FileOp> {
    prop_oneof![
        (paths(), states(), states()).prop_map(|(path, before, after)| FileOp::Written { path, before, after }),
        (paths(), states()).prop_map(|(path, after)| FileOp::Created { path, after }),
        (paths(), paths(), states()).prop_map(|(from, to, replaced)| FileOp::Renamed { from, to, replaced }),
        (paths(), states()).prop_map(|(path, before)| FileOp::Deleted { path, before }),
        paths().prop_map(|path| FileOp::CanaryTouched { path, how: CanaryHarm::Changed }),
    ]
}

fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![Just(Actor::Unknown), (0..6_u32).prop_map(Actor::Known)]
}

fn events() -> impl Strategy<Value = Vec<FileEvent>> {
    let event = (any::<i64>(), actors(), ops()).prop_map(|(at, actor, op)| FileEvent {
        at: Timestamp::from_micros(at),
        actor,
        op,
    });
    prop::collection::vec(event, 0..120)
}

/// Events whose clock runs as clocks do.
fn orderly() -> impl Strategy<Value = Vec<FileEvent>> {
    let event = (0..5_000_000_i64, actors(), ops());
    prop::collection::vec(event, 0..120).prop_map(|steps| {
        let mut now = 1_800_000_000_000_000;
        let tell = |(step, actor, op)| {
            now += step;
            FileEvent { at: Timestamp::from_micros(now), actor, op }
        };
        steps.into_iter().map(tell).collect()
    })
}

fn watch<'a>(events: impl Iterator<Item = &'a FileEvent>) -> Vec<Alarm> {
    let mut guard = Guard::new(GuardSettings::default());
    events.filter_map(|event| guard.observe(event)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_stream_of_events_breaks_the_guard_or_its_bounds(events in events()) {
        let settings = GuardSettings { max_actors: 3, max_paths: 8, ..GuardSettings::default() };
        let mut guard = Guard::new(settings);
        for event in &events {
            if let Some(alarm) = guard.observe(event) {
                prop_assert!(alarm.score >= settings.threshold);
                prop_assert!(alarm.harmed.len() <= settings.max_paths);
                prop_assert!(!alarm.reasons.is_empty());
            }
            let (actors, paths) = guard.remembered();
            prop_assert!(actors <= 3 && paths <= 3 * 8, "{actors} actors, {paths} paths");
        }
    }

    #[test]
    fn actors_do_not_influence_each_other(events in orderly()) {
        let mixed = watch(events.iter());
        for actor in [Actor::Unknown, Actor::Known(0), Actor::Known(3)] {
            let alone = watch(events.iter().filter(|event| event.actor == actor));
            let among: Vec<_> = mixed.iter().filter(|alarm| alarm.actor == actor).cloned().collect();
            prop_assert_eq!(alone, among);
        }
    }

    #[test]
    fn a_canary_is_never_overlooked(events in orderly(), path in paths()) {
        let mut guard = Guard::new(GuardSettings::default());
        for event in &events {
            guard.observe(event);
        }
        let at = events.last().map_or(Timestamp::from_micros(0), |event| event.at);
        let op = FileOp::CanaryTouched { path, how: CanaryHarm::Deleted };
        let alarm = guard.observe(&FileEvent { at, actor: Actor::Known(77), op });
        prop_assert!(alarm.is_some());
    }

    #[test]
    fn any_bytes_have_features(head in prop::collection::vec(any::<u8>(), 0..3_000), len in any::<u64>(), magic in 0..20_usize) {
        let magics: [&[u8]; 8] = [
            b"%PDF-1.4\nxref\nstartxref\n3\n%%EOF", b"PK\x03\x04", b"PK\x05\x06", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n",
            b"\0\0\0\x08ftyp", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"7z\xBC\xAF\x27\x1C",
        ];
        let bytes = [magics.get(magic).copied().unwrap_or_default(), &head].concat();
        for sample in [Sample::of_bytes(&bytes), Sample::new(len, &bytes, &head, &bytes)] {
            let seen = Features::of(&sample);
            prop_assert!((0.0..=8.0).contains(&seen.entropy));
            prop_assert!(seen.random_blocks <= seen.blocks);
        }
    }

    #[test]
    fn the_plan_of_a_sample_lies_within_the_file_and_never_overlaps(len in any::<u64>()) {
        let [head, middle, tail] = Sample::plan(len);
        prop_assert!(head.start == 0 && head.end <= middle.start && middle.end <= tail.start && tail.end == len);
    }
}
