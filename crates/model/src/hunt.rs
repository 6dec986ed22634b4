//! Hunts: something is looked for on many devices, within limits, for a reason that is written down.

use crate::id::HuntId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most seconds that one device looks.
pub const MAX_SECONDS: u64 = 1_800;
/// The most files that one device looks at.
pub const MAX_FILES: u64 = 2_000_000;
/// The most bytes of files that one device reads.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// The largest file that is read whole: for a digest, and for a rule.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// The most hits that one device tells.
pub const MAX_HITS: usize = 500;
/// The most bytes of a rule.
pub const MAX_RULE_BYTES: usize = 16 * 1024;
/// The longest that a hunt waits for devices that are away, in days.
pub const MAX_DAYS: u64 = 30;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Quarry {
    /// A file with this content.
    FileHash {
        /// SHA-256, lower-case hexadecimal.
        sha256: String,
    },
    /// A file with such a name.
    FileName {
        /// The name, or the whole path where it holds a `/`; `*` and `?` stand for anything.
        pattern: String,
    },
    /// A file that a YARA rule matches.
    FileRule {
        /// The rule.
        rule: String,
    },
    /// A process that runs.
    Process {
        /// Text in its program or command line; with `*` or `?` the whole of one of them.
        pattern: String,
    },
    /// A connection, or a socket that listens.
    Connection {
        /// Either end's address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<std::net::IpAddr>,
        /// Either end's port.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
    },
    /// An account.
    Account {
        /// Its name; `*` and `?` stand for anything.
        pattern: String,
    },
    /// A package that is installed.
    Package {
        /// Its name; `*` and `?` stand for anything.
        name: String,
        /// Only from this version on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Only below this version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
}

impl Quarry {
    /// The stable words of all kinds.
    pub const KINDS: [&'static str; 7] =
        ["file_hash", "file_name", "file_rule", "process", "connection", "account", "package"];

    /// The stable word of its kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FileHash { .. } => "file_hash",
            Self::FileName { .. } => "file_name",
            Self::FileRule { .. } => "file_rule",
            Self::Process { .. } => "process",
            Self::Connection { .. } => "connection",
            Self::Account { .. } => "account",
            Self::Package { .. } => "package",
        }
    }

    /// What is looked for on one line, for lists and for the log.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::FileHash { sha256 } => sha256.clone(),
            Self::FileName { pattern } | Self::Process { pattern } | Self::Account { pattern } => pattern.clone(),
            Self::FileRule { rule } => rule.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Connection { address, port } => {
                let address = address.map_or_else(|| "*".to_owned(), |address| address.to_string());
                port.map_or_else(|| address.clone(), |port| format!("{address} port {port}"))
            }
            Self::Package { name, from, before } => {
                let from = from.as_ref().map(|version| format!(" >= {version}")).unwrap_or_default();
                let before = before.as_ref().map(|version| format!(" < {version}")).unwrap_or_default();
                format!("{name}{from}{before}")
            }
        }
    }
}

/// A hunt as a device gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hunt {
    /// Which.
    pub id: HuntId,
    /// What is looked for.
    pub quarry: Quarry,
    /// For files: the folders; empty for all local disks.
    pub folders: Vec<String>,
    /// After this instant it is not begun and not gone on with.
    pub until: Timestamp,
}

/// How a hunt stands on one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HuntState {
    /// The device has not taken it up.
    Waiting,
    /// It looks.
    Running,
    /// It looked everywhere, or as far as the limits let it.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It could not.
    Failed,
    /// Its time was over before.
    Expired,
}

impl HuntState {
    /// All.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Running, Self::Done, Self::Stopped, Self::Failed, Self::Expired];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// The state of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Whether nothing more comes.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HuntHit {
    /// The file, process, socket, account or package: foreign text.
    pub what: String,
    /// More about it: foreign text.
    pub detail: String,
}

/// Whether `pattern` describes the whole of `text`: `*` stands for any characters, `?` for one; letters' case does not matter.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let fold = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (pattern, text) = (fold(pattern), fold(text));
    let (mut at, mut seen) = (0, 0);
    // Where to go on when what follows the last `*` does not fit here.
    let mut back: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                back = Some((at, seen));
                at += 1;
            }
            Some(one) if *one == '?' || Some(one) == text.get(seen) => (at, seen) = (at + 1, seen + 1),
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (at, seen) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|one| *one == '*'))
}

/// Whether `pattern` describes the whole of `text`, or stands in it where it has neither `*` nor `?`.
#[must_use]
pub fn fits_or_stands_in(pattern: &str, text: &str) -> bool {
    if pattern.contains(['*', '?']) { fits(pattern, text) } else { fits(&format!("*{pattern}*"), text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_people_expect() {
        for (pattern, text, fit) in [
            ("fattura*.exe", "Fattura_2026.EXE", true),
            ("fattura*.exe", "la fattura.exe", false),
            ("*.js?", "a.jse", true),
            ("*.js?", "a.js", false),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxbx", false),
            ("è*", "È vero", true),
            ("", "", true),
            ("", "a", false),
            ("**", "", true),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
        assert!(fits_or_stands_in("miner", "/tmp/XMiner --pool") && !fits_or_stands_in("miner?", "/tmp/miner"));
    }

    #[test]
    fn a_long_pattern_takes_no_long_time() {
        let text = "a".repeat(5_000);
        assert!(!fits(&format!("{}b", "*a".repeat(50)), &text));
    }

    #[test]
    fn what_is_looked_for_is_told_on_one_line() {
        let package = Quarry::Package { name: "openssl".to_owned(), from: None, before: Some("3.0.11".to_owned()) };
        assert_eq!((package.code(), package.words().as_str()), ("package", "openssl < 3.0.11"));
        let rule = Quarry::FileRule { rule: "rule a {\n condition: true\n}".to_owned() };
        assert_eq!(rule.words(), "rule a { condition: true }");
        let address = Some("10.0.0.1".parse().unwrap());
        assert_eq!(Quarry::Connection { address, port: Some(4444) }.words(), "10.0.0.1 port 4444");
    }
}
