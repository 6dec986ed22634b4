//! Entries of systemd's journal, as `journalctl -o json` writes them.

use super::{audit, sshd, time_of};
use crate::sigma::event::{Event, Source};
use serde_json::Value;
use std::borrow::Cow;

/// What is taken from an entry, beside its message. What a sender says of itself is not told apart from what the journal
/// knows, because rules do not.
const KEPT: [&str; 9] =
    ["SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "PRIORITY", "UNIT", "_COMM", "_EXE", "_UID", "_SYSTEMD_UNIT", "_HOSTNAME"];

/// Programs that let people in.
const DOORS: [&str; 26] = [
    "su",
    "login",
    "passwd",
    "chpasswd",
    "chage",
    "chfn",
    "useradd",
    "userdel",
    "usermod",
    "adduser",
    "groupadd",
    "groupdel",
    "groupmod",
    "gpasswd",
    "newusers",
    "polkitd",
    "pkexec",
    "systemd-logind",
    "gdm-password",
    "lightdm",
    "sddm",
    "lxdm",
    "xrdp-sesman",
    "sssd",
    "doas",
    "newgrp",
];

/// Doors at the screen: whoever opens a session there sits before the device, or uses its desktop from afar.
const SCREENS: [&str; 6] = ["login", "gdm-password", "lightdm", "sddm", "lxdm", "xrdp-sesman"];

/// An event out of an entry.
pub(super) fn of_entry(entry: &Value) -> Event {
    let at = entry.get("_SOURCE_REALTIME_TIMESTAMP").or_else(|| entry.get("__REALTIME_TIMESTAMP")).and_then(time_of);
    let identifier = entry.get("SYSLOG_IDENTIFIER").or_else(|| entry.get("_COMM")).and_then(Value::as_str);
    // gdm opens its log under a name with a bracket too many.
    let name = identifier.unwrap_or_default().trim_end_matches(']');
    let transport = entry.get("_TRANSPORT").and_then(Value::as_str).unwrap_or_default();
    let message = text(entry.get("MESSAGE").unwrap_or(&Value::Null));
    let services = services(name, transport);
    let mut event = Event::new(
        Source { product: Some("linux".into()), categories: Vec::new(), services: services.into_iter().collect() },
        at,
    );
    event.put("MESSAGE", message.as_ref());
    for kept in KEPT {
        if let Some(value) = entry.get(kept) {
            event.put(kept, text(value).as_ref());
        }
    }
    let is = |service: &str| event.source.services.iter().any(|known| known == service);
    let (of_audit, of_sshd, of_sudo, of_auth) = (is("auditd"), is("sshd"), is("sudo"), is("auth"));
    if of_audit {
        if let Some(kind) = entry.get("_AUDIT_TYPE_NAME") {
            event.put("type", text(kind).as_ref());
        }
        audit::put(&mut event, &message);
    }
    if of_sshd {
        sshd::put(&mut event, &message);
    } else if of_sudo {
        sudo(&mut event, &message);
    }
    if of_auth && !of_sshd {
        pam(&mut event, &message);
        screen(&mut event, &message);
    }
    if let Some(at) = at {
        let wall = at.rome();
        event.put("LocalHour", wall.hour().to_string());
        event.put("LocalWeekday", wall.weekday().to_monday_one_offset().to_string());
    }
    event
}

/// A value's text. The journal writes what is not UTF-8 as a list of bytes.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
            Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
        }
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// The logs in which such an entry stands, the narrowest first.
fn services(name: &str, transport: &str) -> Vec<Cow<'static, str>> {
    let own: &[&'static str] = match name {
        _ if transport == "audit" => &["auditd"],
        "audit" | "auditd" | "audispd" => &["auditd", "syslog"],
        "sshd" | "sshd-session" | "sshd-auth" => &["sshd", "auth", "syslog"],
        "sudo" => &["sudo", "auth", "syslog"],
        "CRON" | "cron" | "crond" | "crontab" | "anacron" => &["cron", "syslog"],
        "clamd" | "clamav" | "freshclam" | "clamonacc" => &["clamav", "syslog"],
        "vsftpd" => &["vsftpd", "syslog"],
        "guacd" | "guacamole" => &["guacamole", "syslog"],
        door if DOORS.contains(&door) => &["auth", "syslog"],
        _ => &["syslog"],
    };
    own.iter().map(|service| Cow::Borrowed(*service)).collect()
}

/// `  anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id`, or why not.
fn sudo(event: &mut Event, message: &str) {
    let Some((who, rest)) = message.trim_start().split_once(" : ") else { return };
    event.put("User", who.trim());
    for (number, piece) in rest.split(" ; ").enumerate() {
        match piece.split_once('=') {
            Some(("COMMAND", _)) => {
                // A command may hold anything, also this separator.
                if let Some(at) = rest.find("COMMAND=") {
                    event.put("COMMAND", rest.get(at + "COMMAND=".len()..).unwrap_or_default());
                }
                break;
            }
            Some((name @ ("TTY" | "PWD" | "USER" | "GROUP" | "HOST"), value)) => event.put(name.to_owned(), value),
            _ if number == 0 && (piece.contains("incorrect password") || piece.contains("NOT in sudoers")) => {
                event.put("AuthService", "sudo");
                event.put("AuthOutcome", "failure");
                event.put("TargetUser", who.trim());
            }
            _ => {}
        }
    }
}

/// `pam_unix(su:auth): authentication failure; logname=x … rhost=… user=root`.
fn pam(event: &mut Event, message: &str) {
    let Some((head, rest)) = message.split_once(":auth): authentication failure;") else { return };
    let Some((_, service)) = head.split_once('(') else { return };
    event.put("AuthService", service);
    event.put("AuthOutcome", "failure");
    for pair in rest.split_whitespace() {
        match pair.split_once('=') {
            Some(("user", user)) if !user.is_empty() => event.put("TargetUser", user),
            Some(("rhost", host)) if !host.is_empty() => event.put("SourceIp", host),
            _ => {}
        }
    }
}

/// `pam_unix(gdm-password:session): session opened for user anna(uid=1000) by (uid=0)`.
fn screen(event: &mut Event, message: &str) {
    let Some((head, rest)) = message.split_once(":session): session opened for user ") else { return };
    let Some((_, service)) = head.split_once('(').filter(|(_, service)| SCREENS.contains(service)) else { return };
    let user = rest.split(['(', ' ']).next().unwrap_or_default();
    event.put("AuthService", service);
    event.put("AuthOutcome", "success");
    event.put("AuthMethod", "screen");
    event.put("TargetUser", user);
}

#[cfg(test)]
mod tests {
    use super::super::of_json;
    use super::*;
    use serde_json::json;

    fn entry(name: &str, message: &str) -> Event {
        let entry = json!({"MESSAGE": message, "SYSLOG_IDENTIFIER": name, "__REALTIME_TIMESTAMP": "1767323045123000"});
        of_json(&entry, &Source::default())
    }

    #[test]
    fn each_program_writes_into_its_own_log_and_the_wider_ones() {
        assert_eq!(entry("sshd", "").source.services, ["sshd", "auth", "syslog"]);
        assert_eq!(entry("sshd-session", "").source.services, ["sshd", "auth", "syslog"]);
        assert_eq!(entry("CRON", "").source.services, ["cron", "syslog"]);
        assert_eq!(entry("useradd", "").source.services, ["auth", "syslog"]);
        assert_eq!(entry("kernel", "").source.services, ["syslog"]);
        let audit = json!({"MESSAGE": "EXECVE a0=\"id\"", "_TRANSPORT": "audit"});
        let audit = of_json(&audit, &Source::default());
        assert_eq!(audit.source.services, ["auditd"]);
        assert_eq!(audit.get("a0"), Some("id"));
    }

    #[test]
    fn sudo_tells_who_ran_what_as_whom() {
        let event = entry("sudo", "    anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/sh -c a ; USER=x");
        let got = ["User", "TTY", "PWD", "USER", "COMMAND"].map(|name| event.get(name).unwrap_or_default());
        assert_eq!(got, ["anna", "pts/0", "/home/anna", "root", "/bin/sh -c a ; USER=x"]);
        let refused = entry("sudo", "anna : 3 incorrect password attempts ; TTY=pts/0 ; USER=root ; COMMAND=/bin/id");
        assert_eq!(refused.get("AuthOutcome"), Some("failure"));
    }

    #[test]
    fn pam_tells_of_failures_that_have_no_words_of_their_own() {
        let line = "pam_unix(su:auth): authentication failure; logname=anna uid=1000 rhost= user=root";
        let event = entry("su", line);
        assert_eq!([event.get("AuthService"), event.get("TargetUser")], [Some("su"), Some("root")]);
        assert!(!event.has("SourceIp"));
        let twice = entry("sshd", &line.replace("(su:", "(sshd:"));
        assert_eq!(twice.get("AuthOutcome"), None, "sshd tells of the same attempt itself");
    }

    #[test]
    fn a_session_at_the_screen_is_a_log_in_and_one_of_sudo_is_none() {
        let opened =
            |service: &str| format!("pam_unix({service}:session): session opened for user anna(uid=1000) by (uid=0)");
        let event = entry("gdm-password]", &opened("gdm-password"));
        assert_eq!([event.get("AuthOutcome"), event.get("TargetUser")], [Some("success"), Some("anna")]);
        assert_eq!(entry("sudo", &opened("sudo")).get("AuthOutcome"), None);
    }

    #[test]
    fn the_hour_is_that_of_the_wall_clock() {
        let event = entry("sshd", "");
        assert_eq!([event.get("LocalHour"), event.get("LocalWeekday")], [Some("4"), Some("5")]);
        assert_eq!(event.at.unwrap().rfc3339(), "2026-01-02T03:04:05.123Z");
    }

    #[test]
    fn a_message_that_is_not_utf8_is_still_read() {
        let entry = json!({"MESSAGE": [97, 255, 98], "SYSLOG_IDENTIFIER": "x"});
        assert_eq!(of_json(&entry, &Source::default()).get("MESSAGE"), Some("a\u{FFFD}b"));
    }
}
