//! What sshd says of log-ins. People choose the names that stand in these lines, so they are read from the end.

use crate::sigma::event::Event;

/// Adds who tried to log in, from where and with what outcome, where the line says so.
pub(super) fn put(event: &mut Event, line: &str) {
    let line = line.strip_prefix("error: ").unwrap_or(line);
    if let Some((method, who)) = after(line, "Failed ").and_then(|rest| rest.split_once(" for ")) {
        attempt(event, "failure", method, who);
    } else if let Some((method, who)) = after(line, "Accepted ").and_then(|rest| rest.split_once(" for ")) {
        attempt(event, "success", method, who);
    } else if let Some(who) = after(line, "maximum authentication attempts exceeded for ") {
        attempt(event, "failure", "many", who);
    } else if let Some(who) = after(line, "Invalid user ") {
        // The attempt itself follows in a line of its own; this one only says that there is no such user.
        name_and_place(event, who);
        event.put("UserKnown", "false");
    }
}

fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.strip_prefix(start)
}

fn attempt(event: &mut Event, outcome: &'static str, method: &str, who: &str) {
    let (who, known) = who.strip_prefix("invalid user ").map_or((who, true), |who| (who, false));
    if name_and_place(event, who) {
        event.put("AuthService", "sshd");
        event.put("AuthOutcome", outcome);
        event.put("AuthMethod", method);
        event.put("UserKnown", if known { "true" } else { "false" });
    }
}

/// `NAME from ADDRESS port NUMBER…`: the last such words of the line, because a name may hold others. False without them.
fn name_and_place(event: &mut Event, who: &str) -> bool {
    let Some((name, place)) = who.rsplit_once(" from ") else { return false };
    let Some(address) = place.split(' ').next().filter(|address| !address.is_empty()) else { return false };
    event.put("TargetUser", name);
    event.put("SourceIp", address);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> [Option<String>; 4] {
        let mut event = Event::default();
        put(&mut event, line);
        ["AuthOutcome", "AuthMethod", "TargetUser", "SourceIp"].map(|name| event.get(name).map(str::to_owned))
    }

    fn told(words: [&str; 4]) -> [Option<String>; 4] {
        words.map(|word| Some(word.to_owned()))
    }

    #[test]
    fn attempts_are_read_with_their_outcome() {
        let failed = read("Failed password for root from 203.0.113.9 port 4022 ssh2");
        assert_eq!(failed, told(["failure", "password", "root", "203.0.113.9"]));
        let accepted = read("Accepted publickey for anna from 2001:db8::1 port 22 ssh2: ED25519 SHA256:x");
        assert_eq!(accepted, told(["success", "publickey", "anna", "2001:db8::1"]));
        let unknown = read("Failed password for invalid user admin from 203.0.113.9 port 1 ssh2");
        assert_eq!(unknown, told(["failure", "password", "admin", "203.0.113.9"]));
        assert_eq!(read("Server listening on 0.0.0.0 port 22."), [None, None, None, None]);
    }

    #[test]
    fn a_name_cannot_pretend_to_be_an_address() {
        let forged = read("Failed password for invalid user x from 10.0.0.1 port 1 ssh2 from 203.0.113.9 port 2 ssh2");
        assert_eq!(forged.last().unwrap().as_deref(), Some("203.0.113.9"));
    }
}
