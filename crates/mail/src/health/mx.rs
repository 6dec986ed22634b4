//! Where mail for a domain goes.

use super::{Answer, Book, Check, Code, Question};
use std::net::IpAddr;

/// Servers that are looked at.
const MOST_SERVERS: usize = 20;

/// What is known of the mail servers.
#[derive(Clone, Debug, Default)]
pub(super) struct Servers {
    pub(super) checks: Vec<Check>,
    /// Their names, the preferred first.
    pub(super) hosts: Vec<String>,
    /// Whether the domain takes no mail and says so.
    pub(super) null: bool,
}

impl Servers {
    fn only(check: Check) -> Self {
        Self { checks: vec![check], ..Self::default() }
    }
}

/// Looks at the servers of `domain`.
pub(super) fn look(book: &mut Book, domain: &str) -> Servers {
    let mut named = match book.ask(Question::Mx(domain.to_owned())) {
        Answer::Mx(named) if !named.is_empty() => named,
        Answer::Mx(_) | Answer::Nothing => return without(book, domain),
        _ => return Servers::only(Check::new(Code::MxUnknown, domain)),
    };
    named.sort();
    named.truncate(MOST_SERVERS);
    let hosts: Vec<String> = named.into_iter().map(|(_, host)| host.to_lowercase()).collect();
    let null = hosts.iter().filter(|host| host.is_empty()).count();
    if null == hosts.len() {
        return Servers { null: true, ..Servers::only(Check::new(Code::MxNull, domain)) };
    }
    let hosts: Vec<String> = hosts.into_iter().filter(|host| !host.is_empty()).collect();
    let mut servers = Servers { checks: reached(book, &hosts), hosts, null: false };
    if null > 0 {
        servers.checks.push(Check::new(Code::MxNullMixed, servers.hosts.join(", ")));
    }
    servers
}

/// Whether each of the servers can be found.
fn reached(book: &mut Book, hosts: &[String]) -> Vec<Check> {
    let (mut lost, mut unknown, mut checks) = (Vec::new(), false, Vec::new());
    for host in hosts {
        if host.parse::<IpAddr>().is_ok() {
            checks.push(Check::new(Code::MxNumber, host));
            continue;
        }
        match book.ask(Question::Addresses(host.clone())) {
            Answer::Addresses(_) => {}
            Answer::Nothing => lost.push(host.as_str()),
            _ => unknown = true,
        }
    }
    if unknown {
        checks.push(Check::new(Code::MxUnknown, hosts.join(", ")));
    } else if !lost.is_empty() {
        let code = if lost.len() == hosts.len() { Code::MxUnresolved } else { Code::MxPartly };
        checks.push(Check::new(code, lost.join(", ")));
    } else if checks.is_empty() {
        checks.push(Check::new(Code::MxGood, hosts.join(", ")));
    }
    checks
}

/// A domain that names no server: then its own address stands in, if it has one.
fn without(book: &mut Book, domain: &str) -> Servers {
    let code = match book.ask(Question::Addresses(domain.to_owned())) {
        Answer::Addresses(_) => Code::MxImplicit,
        Answer::Nothing => return Servers::only(Check::new(Code::MxMissing, domain)),
        _ => return Servers::only(Check::new(Code::MxUnknown, domain)),
    };
    Servers { hosts: vec![domain.to_owned()], ..Servers::only(Check::new(code, domain)) }
}
