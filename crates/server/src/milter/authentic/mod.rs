//! Finds out what proves a message's sender, by the DNS: SPF, DKIM, DMARC and ARC.
//!
//! Whatever the DNS does, the mail goes on: the whole takes a bounded time, and what could not be found out by then is said to
//! be so (`temperror`). What the findings mean is said by the crate `mail`.

mod chain;
mod networks;
mod policy;
mod sender;
mod signatures;

use super::route::Route;
use crate::cli::MilterArgs;
use crate::names;
use baluardo_mail::{Authentic, Proof, Wish};
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, DmarcOutput, DmarcResult, MessageAuthenticator, SpfOutput};
use networks::Network;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

/// Messages that are looked at side by side; each may wait for the DNS.
const SIDE_BY_SIDE: usize = 64;
/// What reading a large message may take beyond the time for the DNS.
const GRACE: Duration = Duration::from_secs(10);

/// Who finds it out.
pub(super) struct Examiner {
    dns: MessageAuthenticator,
    patience: Duration,
    turns: Arc<Semaphore>,
    /// Domains whose word counts about messages that they passed on.
    trusted: Vec<String>,
    /// Networks from which our own mail comes.
    inside: Vec<Network>,
}

impl std::fmt::Debug for Examiner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Examiner").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// What is asked about a message.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// The message without headers of our own.
    pub(super) bytes: Arc<Vec<u8>>,
    /// Whether that is all of it.
    pub(super) whole: bool,
    /// The sender of the envelope, bare.
    pub(super) sender: String,
    /// By which way it came.
    pub(super) route: Route,
    /// The domains that it names as its author's.
    pub(super) authors: Vec<String>,
    /// The one of them that is protected here.
    pub(super) own: Option<String>,
}

impl Examiner {
    /// As the command line says; none where the DNS is not to be asked.
    ///
    /// # Errors
    /// When it is not known whom to ask, or an option is not understood.
    pub(super) fn new(args: &MilterArgs) -> anyhow::Result<Option<Self>> {
        if args.no_dns {
            return Ok(None);
        }
        let inside = networks::private().into_iter().map(Ok).chain(args.inside.iter().map(|text| Network::read(text)));
        Ok(Some(Self {
            dns: MessageAuthenticator(names::open(&args.dns, args.dnssec, args.trust_anchor.as_deref())?),
            patience: Duration::from_secs(args.dns_seconds.get()),
            turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            trusted: args.trust_arc.iter().map(|domain| domain.trim_matches('.').to_lowercase()).collect(),
            inside: inside.collect::<anyhow::Result<_>>()?,
        }))
    }

    /// Whether a message that came by this way has anything to prove: what people of ours send has not.
    pub(super) fn looks_at(&self, route: &Route) -> bool {
        let outside = |address: IpAddr| !self.inside.iter().any(|network| network.holds(address));
        !route.signed_in && route.address.is_some_and(outside)
    }

    /// Finds out what can be found out in time. A fault in what reads foreign bytes is an answer like any other.
    pub(super) async fn examine(self: &Arc<Self>, question: Question) -> Authentic {
        let unknown = question.unknown();
        let until = Instant::now() + self.patience;
        let Ok(Ok(turn)) = timeout_at(until, Arc::clone(&self.turns).acquire_owned()).await else { return unknown };
        let (examiner, runtime) = (Arc::clone(self), Handle::current());
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            runtime.block_on(examiner.find(&question, until))
        });
        match timeout_at(until + GRACE, work).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("what proves the sender of a message could not be looked at");
                unknown
            }
        }
    }

    async fn find(&self, question: &Question, until: Instant) -> Authentic {
        let mut found = question.start();
        let Some(address) = question.route.address else { return found };
        // Half of the time is for what the sender chose, so that the author's own domain is asked in any case.
        let half = until - self.patience / 2;
        let message = signatures::read(&question.bytes).unwrap_or_default();
        take_authors(&mut found, &message, &question.authors);
        // Of a part of a message no signature can hold.
        let each = if question.whole { signatures::one_by_one(&message, &found.author) } else { Vec::new() };
        let (spf, checked) = tokio::join!(
            sender::check(&self.dns, &question.route, address, &question.sender, half),
            signatures::check(&self.dns, &each, half),
        );
        found.spf = sender::proof(spf.result());
        found.spf_domain = spf.domain().trim_end_matches('.').to_lowercase();
        found.dkim = signatures::told(&each, &checked);
        self.find_domain(&mut found, &message, &spf, &signatures::strong(&checked), until).await;
        if found.dmarc == Proof::Fail {
            if signatures::is_open(&found.dkim, &found.author) || (!question.whole && !message.dkim_headers.is_empty())
            {
                found.dmarc = Proof::TempError;
            } else if found.wish > Wish::Nothing {
                found.wish = policy::sampled(&self.dns, &found.author, found.wish, &question.bytes, until).await;
            }
        }
        if found.own && found.dmarc != Proof::Pass && !found.author_unclear && !found.speaks_for(&found.author) {
            let author = format!("postmaster@{}", found.author);
            let spf = sender::check(&self.dns, &question.route, address, &author, until).await;
            found.author_spf = sender::proof(spf.result());
        }
        if question.whole && !message.ams_headers.is_empty() {
            (found.arc, found.vouched) = chain::check(&self.dns, &message, &self.trusted, &found.author, until).await;
        }
        found
    }

    /// Whether the author's domain stands behind the message, and what it wants done otherwise.
    async fn find_domain(
        &self,
        found: &mut Authentic,
        message: &AuthenticatedMessage<'_>,
        spf: &SpfOutput,
        signed: &[DkimOutput<'_>],
        until: Instant,
    ) {
        let asked = DmarcParameters {
            message,
            dkim_output: signed,
            dkim2_output: None,
            rfc5321_mail_from_domain: &found.spf_domain,
            spf_output: spf,
        };
        match timeout_at(until, self.dns.verify_dmarc(asked)).await {
            Ok(dmarc) => {
                found.dmarc = dmarc_proof(&dmarc);
                found.wish = match dmarc.policy() {
                    Policy::Reject => Wish::Reject,
                    Policy::Quarantine => Wish::Quarantine,
                    Policy::None | Policy::Unspecified => Wish::Nothing,
                };
            }
            Err(_) => found.dmarc = Proof::TempError,
        }
    }
}

impl Question {
    /// What is known before anything was asked.
    fn start(&self) -> Authentic {
        let author = self.own.as_ref().or(self.authors.first()).cloned().unwrap_or_default();
        Authentic {
            author,
            author_unclear: self.authors.len() > 1,
            own: self.own.is_some(),
            sender: self.sender.clone(),
            helo: self.route.helo.clone(),
            ..Authentic::default()
        }
    }

    /// What is said when nothing could be found out.
    fn unknown(&self) -> Authentic {
        let unknown = Proof::TempError;
        Authentic { spf: unknown, author_spf: unknown, dmarc: unknown, ..self.start() }
    }
}

/// Holds what the library read as author against what we read: where they disagree, so may the programs of people.
fn take_authors(found: &mut Authentic, message: &AuthenticatedMessage<'_>, authors: &[String]) {
    for domain in message.from.iter().filter_map(|from| from.rsplit_once('@')).map(|(_, domain)| domain) {
        let domain = domain.trim_end_matches('.');
        let comparable = domain.is_ascii() && authors.iter().all(|author| author.is_ascii());
        if comparable && !authors.iter().any(|author| author == domain) {
            found.author_unclear = true;
        }
    }
}

fn dmarc_proof(output: &DmarcOutput) -> Proof {
    match output.result() {
        DmarcResult::Pass => Proof::Pass,
        DmarcResult::Fail(_) => Proof::Fail,
        DmarcResult::TempError(_) => Proof::TempError,
        DmarcResult::PermError(_) => Proof::PermError,
        DmarcResult::None => Proof::None,
    }
}

/// An IPv4 address that was written as an IPv6 one, as itself.
fn plain_address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, |four: Ipv4Addr| IpAddr::V4(four)),
        IpAddr::V4(_) => address,
    }
}
