//! The way to the DNS, and what it says of a mail domain: asks all that a look at its health wants to know, side by side and within
//! a bounded time. What does not come in time is unknown.

mod line;
mod resolver;
mod signing;

pub(crate) use resolver::open;

use crate::cli::NamesArgs;
use crate::fetch::{Answered, Reach, fetch_from};
use baluardo_mail::health::{Answer, Book, Health, Question, Subject, examine};
use line::Line;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{RData, RecordType};
use std::io::Read as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

/// The longest look at one domain.
const WHOLE: Duration = Duration::from_secs(25);
/// Of which the file of MTA-STS may take this much (a minute says RFC 8461 section 3.3; nobody waits so long here).
const POLICY: Duration = Duration::from_secs(10);
/// The most bytes of that file (section 3.2).
const MOST_POLICY: u64 = 64 << 10;
/// Questions asked side by side.
const SIDE_BY_SIDE: usize = 16;
/// How often a look may find that it misses something: records may lead to records some twenty deep.
const MOST_LOOKS: usize = 40;

/// Who asks.
pub(crate) struct Asker {
    line: Line,
    /// Checks signatures.
    checking: TokioResolver,
    blacklists: Vec<String>,
    reach: Reach,
    turns: Semaphore,
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Asker {
    /// As the command line says.
    ///
    /// # Errors
    /// When it is not known whom to ask.
    pub(crate) fn new(args: &NamesArgs, reach: Reach) -> anyhow::Result<Arc<Self>> {
        let tidy = |zone: &String| zone.trim_matches('.').to_lowercase();
        Ok(Arc::new(Self {
            line: Line { servers: resolver::servers(&args.dns)? },
            checking: open(&args.dns, true, args.trust_anchor.as_deref())?,
            blacklists: args.blacklist.iter().map(tidy).collect(),
            reach,
            turns: Semaphore::new(SIDE_BY_SIDE),
        }))
    }

    /// Looks at a domain, and asks the blacklists that this one was given, too.
    pub(crate) async fn look(self: &Arc<Self>, subject: &Subject) -> Health {
        let subject = Subject { blacklists: self.blacklists.clone(), ..subject.clone() };
        let until = Instant::now() + WHOLE;
        // What was learned about signatures an hour ago is no answer to somebody who asks now.
        self.checking.clear_cache();
        let mut book = Book::default();
        for _ in 0..MOST_LOOKS {
            let health = examine(&subject, &mut book);
            let missing = book.missing();
            if missing.is_empty() {
                return health;
            }
            let mut asked = JoinSet::new();
            for question in missing {
                let asker = Arc::clone(self);
                asked.spawn(async move {
                    let answer = timeout_at(until, asker.answer(&question)).await;
                    (question, answer.unwrap_or_else(|_| Answer::Unknown("no answer in time".to_owned())))
                });
            }
            while let Some(done) = asked.join_next().await {
                // A task that broke leaves its question open, and the next look asks it again.
                if let Ok((question, answer)) = done {
                    book.learn(question, answer);
                }
            }
        }
        examine(&subject, &mut book)
    }

    async fn answer(&self, question: &Question) -> Answer {
        let Ok(_turn) = self.turns.acquire().await else { return Answer::Unknown(String::new()) };
        match question {
            Question::Mx(name) => self.mx(name).await,
            Question::Txt(name) => self.texts(name).await,
            Question::Addresses(name) => self.addresses(name).await,
            Question::Listed(name) => match self.records(name, RecordType::A).await {
                Ok(records) => of(records.iter().filter_map(address).collect(), Answer::Addresses),
                Err(why) => Answer::Unknown(why),
            },
            Question::Signed(name) => signing::look(&self.line, &self.checking, name).await,
            Question::Policy(domain) => self.policy(domain).await,
        }
    }

    /// The records of a kind; none where the name, or they, are not there.
    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, String> {
        match self.line.ask(name, kind, false).await? {
            Some(reply) if reply.code == ResponseCode::NoError => Ok(reply.records),
            Some(reply) if reply.code == ResponseCode::NXDomain => Ok(Vec::new()),
            Some(reply) => Err(reply.code.to_string()),
            None => Ok(Vec::new()),
        }
    }

    async fn mx(&self, name: &str) -> Answer {
        let server = |data: &RData| match data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase())),
            _ => None,
        };
        match self.records(name, RecordType::MX).await {
            Ok(records) => of(records.iter().filter_map(server).collect(), Answer::Mx),
            Err(why) => Answer::Unknown(why),
        }
    }

    async fn texts(&self, name: &str) -> Answer {
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        };
        match self.records(name, RecordType::TXT).await {
            Ok(records) => of(records.iter().filter_map(text).collect(), Answer::Txt),
            Err(why) => Answer::Unknown(why),
        }
    }

    async fn addresses(&self, name: &str) -> Answer {
        let (four, six) = tokio::join!(self.records(name, RecordType::A), self.records(name, RecordType::AAAA));
        let found: Vec<IpAddr> = [&four, &six].into_iter().flatten().flatten().filter_map(address).collect();
        match (four, six) {
            _ if !found.is_empty() => Answer::Addresses(found),
            (Ok(_), Ok(_)) => Answer::Nothing,
            (Err(why), _) | (_, Err(why)) => Answer::Unknown(why),
        }
    }

    /// The file of MTA-STS, from the addresses that this DNS gives for its server.
    async fn policy(&self, domain: &str) -> Answer {
        let found = match self.addresses(&format!("mta-sts.{domain}")).await {
            Answer::Addresses(found) => found,
            other => return other,
        };
        let address = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
        let fetched = timeout(POLICY, fetch_from(&address, &found, MOST_POLICY, self.reach)).await;
        let mut bytes = Vec::new();
        match fetched {
            Ok(Ok(mut file)) => match file.read_to_end(&mut bytes) {
                Ok(_) => Answer::Policy(bytes),
                Err(error) => Answer::Unknown(error.to_string()),
            },
            Ok(Err(error)) if is_their_fault(&error) => Answer::Refused(format!("{error:#}")),
            Ok(Err(error)) => Answer::Unknown(format!("{error:#}")),
            Err(_) => Answer::Unknown("no answer in time".to_owned()),
        }
    }
}

/// Whether the server answered, and with nothing that anybody could use: another code than 200, or a certificate that is not its
/// own. Whatever else goes wrong may lie on our side.
fn is_their_fault(error: &anyhow::Error) -> bool {
    let certificate = |cause: &(dyn std::error::Error + 'static)| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inner.is_some_and(|inner| inner.is::<rustls::Error>())
    };
    error.is::<Answered>() || error.chain().any(certificate)
}

fn of<T>(found: Vec<T>, answer: fn(Vec<T>) -> Answer) -> Answer {
    if found.is_empty() { Answer::Nothing } else { answer(found) }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(a) => Some(IpAddr::V4(a.0)),
        RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
        _ => None,
    }
}
