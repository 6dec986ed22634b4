//! Whether mail for the domain must be encrypted on its way (MTA-STS, RFC 8461).

use super::tags::{Tags, of_version};
use super::{Answer, Book, Check, Code, Publish, Question};

/// Bytes of a policy that are read (section 3.2 advises senders to do so).
const MOST_BYTES: usize = 64 << 10;
/// Patterns of mail servers.
const MOST_PATTERNS: usize = 64;
/// The longest life of a policy, in seconds (section 3.2), and the shortest that means anything.
const MOST_AGE: u32 = 31_557_600;
const LEAST_AGE: u32 = 86_400;

/// How a policy is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StsMode {
    /// Mail that cannot be encrypted does not leave.
    Enforce,
    /// It leaves, and is reported.
    Testing,
    /// The policy is withdrawn.
    None,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsPolicy {
    /// How it is meant.
    pub mode: StsMode,
    /// For how many seconds a sender remembers it.
    pub max_age: u32,
    /// The names of the mail servers, or patterns of them.
    pub mx: Vec<String>,
}

impl StsPolicy {
    /// Reads the file; the error names the line that is wrong or missing.
    ///
    /// # Errors
    /// The name of that line.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let text =
            str::from_utf8(bytes).ok().filter(|text| text.is_ascii() && text.len() <= MOST_BYTES).ok_or("file")?;
        let (mut version, mut mode, mut max_age, mut mx) = (None, None, None, Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or("file")?;
            let value = value.trim();
            match name.trim() {
                "version" if version.is_none() => version = Some(value),
                "mode" if mode.is_none() => mode = Some(value),
                "max_age" if max_age.is_none() => max_age = Some(value),
                "mx" if mx.len() >= MOST_PATTERNS || !is_pattern(value) => return Err("mx"),
                "mx" => mx.push(value.to_ascii_lowercase()),
                // A line that comes again, and one that nobody knows, mean nothing.
                _ => {}
            }
        }
        if version != Some("STSv1") {
            return Err("version");
        }
        let mode = match mode {
            Some("enforce") => StsMode::Enforce,
            Some("testing") => StsMode::Testing,
            Some("none") => StsMode::None,
            _ => return Err("mode"),
        };
        let age = max_age.filter(|age| age.bytes().all(|digit| digit.is_ascii_digit()));
        let max_age = age.and_then(|age| age.parse().ok()).filter(|age| *age <= MOST_AGE).ok_or("max_age")?;
        if mx.is_empty() && mode != StsMode::None {
            return Err("mx");
        }
        Ok(Self { mode, max_age, mx })
    }

    /// Whether mail may go to a server (section 4.1): `*` stands for one label.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let rest = host.split_once('.').map(|(_, rest)| rest);
        self.mx.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(parent) => rest == Some(parent),
            None => pattern == host,
        })
    }
}

fn is_pattern(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// Looks at record and policy.
pub(super) fn look(book: &mut Book, domain: &str, hosts: &[String]) -> Vec<Check> {
    let Some(texts) = book.texts(&format!("_mta-sts.{domain}")) else {
        return vec![Check::new(Code::StsUnknown, domain)];
    };
    let records = of_version(&texts, "STSv1");
    let [record] = records[..] else {
        return vec![if records.is_empty() {
            Check::new(Code::StsMissing, domain).with(first(domain, hosts))
        } else {
            Check::new(Code::StsMany, records.join(&b" | "[..]))
        }];
    };
    let id = Tags::read(record).and_then(|tags| tags.get("id").map(str::to_owned)).unwrap_or_default();
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let publish = Publish::txt(format!("_mta-sts.{domain}"), "v=STSv1; id=1");
        return vec![Check::new(Code::StsBroken, record).with([publish])];
    }
    let address = address(domain);
    match book.ask(Question::Policy(domain.to_owned())) {
        Answer::Policy(bytes) => match StsPolicy::read(&bytes) {
            Ok(policy) => judge(&policy, domain, hosts),
            Err(line) => vec![Check::new(Code::StsPolicyBroken, line).with([file(domain, hosts, "testing")])],
        },
        Answer::Nothing => vec![Check::new(Code::StsNoPolicy, address).with([file(domain, hosts, "testing")])],
        Answer::Refused(why) => {
            vec![Check::new(Code::StsNoPolicy, format!("{address} ({why})")).with([file(domain, hosts, "testing")])]
        }
        _ => vec![Check::new(Code::StsPolicyUnknown, address)],
    }
}

fn judge(policy: &StsPolicy, domain: &str, hosts: &[String]) -> Vec<Check> {
    let mut checks = Vec::new();
    if policy.mode == StsMode::None {
        return vec![Check::new(Code::StsOff, domain).with([file(domain, hosts, "testing")])];
    }
    let open: Vec<&str> = hosts.iter().map(String::as_str).filter(|host| !policy.covers(host)).collect();
    if !open.is_empty() {
        let mode = if policy.mode == StsMode::Enforce { "enforce" } else { "testing" };
        checks.push(Check::new(Code::StsUncovered, open.join(", ")).with([file(domain, hosts, mode)]));
    }
    if policy.max_age < LEAST_AGE {
        checks.push(Check::new(Code::StsShort, policy.max_age.to_string()));
    }
    if policy.mode == StsMode::Testing {
        let publish = if open.is_empty() { Some(file(domain, hosts, "enforce")) } else { None };
        checks.push(Check::new(Code::StsTesting, domain).with(publish));
    }
    if checks.is_empty() {
        checks.push(Check::new(Code::StsGood, policy.mx.join(", ")));
    }
    checks
}

fn address(domain: &str) -> String {
    format!("https://mta-sts.{domain}/.well-known/mta-sts.txt")
}

fn first(domain: &str, hosts: &[String]) -> Vec<Publish> {
    if hosts.is_empty() {
        return Vec::new();
    }
    vec![file(domain, hosts, "testing"), Publish::txt(format!("_mta-sts.{domain}"), "v=STSv1; id=1")]
}

/// The file for the servers that the domain has.
fn file(domain: &str, hosts: &[String], mode: &str) -> Publish {
    let servers: String = hosts.iter().map(|host| format!("mx: {host}\n")).collect();
    let value = format!("version: STSv1\nmode: {mode}\n{servers}max_age: 604800\n");
    Publish { name: address(domain), kind: "file".to_owned(), value }
}
