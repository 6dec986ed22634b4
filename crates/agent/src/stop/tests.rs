//! The code that lets the agent go.

use super::*;
use crate::report::ReportError;
use crate::vault::locked;
use crate::vault::testing::{HandClock, Lcg};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
struct Told {
    full: AtomicBool,
    codes: Mutex<Vec<String>>,
}

impl Report for Told {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(ReportError("no room".to_owned()));
        }
        if let EventBody::StopCode { code } = event {
            locked(&self.codes).push(code);
        }
        Ok(())
    }
}

fn stage() -> (tempfile::TempDir, StateDir, Told, HandClock) {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(dir.path()).unwrap();
    state.write("identity.json", b"{}").unwrap();
    state.write("vault.key", &[7; 32]).unwrap();
    (dir, state, Told::default(), HandClock::at(1_000_000))
}

#[test]
fn the_code_lets_the_agent_go_once_and_for_a_while() {
    let (_dir, state, told, clock) = stage();
    assert!(matches!(unlock(&state, "AAAA", &clock), Err(StopError::NoCode)));
    prepare(&state, &told, &Lcg::new(1)).unwrap();
    prepare(&state, &told, &Lcg::new(2)).unwrap();
    let code = locked(&told.codes).clone();
    assert_eq!(code.len(), 1, "it is told once");
    assert!(!may_stop(&state, &clock));
    assert!(matches!(unlock(&state, "AAAA-BBBB-CCCC", &clock), Err(StopError::Wrong)));
    unlock(&state, &code[0].to_lowercase(), &clock).unwrap();
    assert!(may_stop(&state, &clock));
    assert!(unlock(&state, &code[0], &clock).is_err(), "it is used up");
    clock.advance(i64::try_from(OPEN.as_micros()).unwrap());
    assert!(!may_stop(&state, &clock));
    prepare(&state, &told, &Lcg::new(3)).unwrap();
    assert_eq!(locked(&told.codes).len(), 2, "the next one is another");
    assert_ne!(locked(&told.codes)[1], code[0]);
}

#[test]
fn a_few_wrong_codes_close_the_door_even_to_the_right_one() {
    let (_dir, state, told, clock) = stage();
    prepare(&state, &told, &Lcg::new(1)).unwrap();
    let code = locked(&told.codes)[0].clone();
    let record: Record = state.read_json(CODE).unwrap().unwrap();
    state.write_json(CODE, &Record { wrong: TRIES - 1, ..record }).unwrap();
    assert!(matches!(unlock(&state, "wrong", &clock), Err(StopError::Wrong)));
    assert!(matches!(unlock(&state, &code, &clock), Err(StopError::Closed(_))));
    clock.advance(i64::try_from(CLOSED.as_micros()).unwrap());
    assert!(unlock(&state, &code, &clock).is_ok());
}

#[test]
fn a_code_that_could_not_be_told_gives_way_to_another_and_a_stranger_may_go() {
    let (_dir, state, told, clock) = stage();
    told.full.store(true, Ordering::SeqCst);
    prepare(&state, &told, &Lcg::new(1)).unwrap();
    told.full.store(false, Ordering::SeqCst);
    prepare(&state, &told, &Lcg::new(2)).unwrap();
    let code = locked(&told.codes)[0].clone();
    unlock(&state, &code, &clock).unwrap();
    state.remove(PERMIT).unwrap();
    assert!(!may_stop(&state, &clock));
    state.remove("identity.json").unwrap();
    assert!(may_stop(&state, &clock), "a computer that is not enrolled keeps nobody");
    state.write("life.json", b"{}").unwrap();
    assert!(!may_stop(&state, &clock), "one that was, and whose identity is gone, does");
}

#[test]
fn a_permit_that_somebody_wrote_by_hand_opens_nothing() {
    let (_dir, state, _, clock) = stage();
    permit(&state, clock.now().plus(OPEN)).unwrap();
    assert!(may_stop(&state, &clock));
    state.write_json(PERMIT, &clock.now().plus(OPEN)).unwrap();
    assert!(!may_stop(&state, &clock));
    permit(&state, clock.now()).unwrap();
    let text = state.read(PERMIT).unwrap().unwrap();
    assert!(!may_stop(&state, &clock), "its time is over");
    let until = serde_json::to_string(&clock.now()).unwrap();
    let later = serde_json::to_string(&clock.now().plus(OPEN)).unwrap();
    assert!(text.contains(&until), "{text}");
    state.write(PERMIT, text.replace(&until, &later).as_bytes()).unwrap();
    assert!(!may_stop(&state, &clock), "its seal is for another time");
}
