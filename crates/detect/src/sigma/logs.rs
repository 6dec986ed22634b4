//! Events out of what logs hold: Windows events, the journal of Linux, lines of syslog, starts of programs, any other JSON.

mod audit;
mod change;
mod journal;
mod sshd;
mod start;
mod syslog;
mod windows;

pub use change::changed;
pub use start::Start;
pub use syslog::{Line, of_line};

use super::event::{Event, Source};
use baluardo_model::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

/// Deepest nesting of JSON that is looked into.
const DEEPEST: usize = 16;

/// Where a JSON event tells its time, the first that is there.
const TIMES: [&str; 6] = ["@timestamp", "timestamp", "Timestamp", "time", "UtcTime", "eventTime"];

/// An event out of JSON. Windows events and entries of the journal are known by their form; any other keeps its names, those
/// inside others joined by dots, and comes from `otherwise`.
#[must_use]
pub fn of_json(value: &Value, otherwise: &Source) -> Event {
    if let Some(system) = value.get("Event").and_then(|event| event.get("System")) {
        return windows::of_record(value, system);
    }
    if value.get("Channel").is_some() && value.get("EventID").is_some() {
        return windows::of_flat(value);
    }
    if value.get("MESSAGE").is_some() {
        return journal::of_entry(value);
    }
    let at = TIMES.iter().find_map(|name| value.get(*name)).and_then(time_of);
    let mut event = Event::new(otherwise.clone(), at);
    flatten(&mut event, "", value, 0);
    event
}

/// A time: RFC 3339, Sysmon's form of it, or microseconds since 1970 as the journal has them.
fn time_of(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    let parsed = |text: &str| Timestamp::deserialize(Value::from(text)).ok();
    if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Timestamp::from_micros);
    }
    parsed(text).or_else(|| parsed(&format!("{}Z", text.replacen(' ', "T", 1))))
}

/// Every value below `value`, by the names on the way to it.
fn flatten(event: &mut Event, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) if depth < DEEPEST => {
            for (key, inner) in entries {
                let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(event, &below, inner, depth + 1);
            }
        }
        Value::Array(items) if depth < DEEPEST => {
            items.iter().for_each(|item| flatten(event, name, item, depth + 1));
        }
        other => put(event, name, other),
    }
}

/// Puts one scalar; deeper things are put as their JSON.
fn put(event: &mut Event, name: &str, value: &Value) {
    match value {
        Value::Null => event.put_null(name.to_owned()),
        Value::String(text) => event.put(name.to_owned(), text.as_str()),
        other => event.put(name.to_owned(), other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn other_json_keeps_its_names() {
        let source = Source { product: Some("aws".into()), ..Source::default() };
        let event = of_json(
            &json!({"eventTime": "2026-01-02T03:04:05Z", "user": {"name": "x", "ids": [1, 2]}, "ok": true, "no": null}),
            &source,
        );
        assert_eq!(event.source, source);
        assert_eq!(event.at.unwrap().rfc3339(), "2026-01-02T03:04:05Z");
        assert_eq!(
            [event.get("user.name"), event.get("user.ids"), event.get("ok")],
            [Some("x"), Some("1"), Some("true")]
        );
        assert!(event.has("no"));
    }

    #[test]
    fn times_are_read_in_each_form() {
        let of = |text: &str| time_of(&Value::from(text)).map(Timestamp::micros);
        let known = Some(1_767_323_045_123_000);
        assert_eq!(of("2026-01-02T03:04:05.123Z"), known);
        assert_eq!(of("2026-01-02 03:04:05.123"), known);
        assert_eq!(of("1767323045123000"), known);
        assert_eq!(of("yesterday"), None);
    }

    #[test]
    fn deep_json_has_an_end() {
        let mut value = json!("x");
        for _ in 0..100 {
            value = json!({ "a": value });
        }
        assert_eq!(of_json(&value, &Source::default()).fields().count(), 1);
    }
}
