//! At which hours people log in, so that a log-in at an unusual one is seen.

use super::event::Event;
use baluardo_model::intrusion::IntrusionPolicy;

/// Gives a log-in that succeeded the field `OddHour: true` where its hour is unusual by the policy. The hour is that of the
/// wall clock, which the event bears already.
pub fn note_hour(policy: &IntrusionPolicy, event: &mut Event) {
    if event.get("AuthOutcome") != Some("success") {
        return;
    }
    let number = |name: &str| event.get(name)?.parse::<u8>().ok();
    if let (Some(hour), Some(weekday)) = (number("LocalHour"), number("LocalWeekday"))
        && policy.is_odd(hour, weekday)
    {
        event.put("OddHour", "true");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(outcome: &'static str, hour: &'static str) -> bool {
        let mut event = Event::default();
        for (name, value) in [("AuthOutcome", outcome), ("LocalHour", hour), ("LocalWeekday", "3")] {
            event.put(name, value);
        }
        note_hour(&IntrusionPolicy::default(), &mut event);
        event.get("OddHour") == Some("true")
    }

    #[test]
    fn only_who_came_in_and_only_at_night_is_marked() {
        assert!(odd("success", "23") && odd("success", "4"));
        assert!(!odd("success", "12") && !odd("failure", "23") && !odd("success", "soon"));
    }
}
