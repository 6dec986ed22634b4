//! Whether signatures hold (DKIM, RFC 6376, RFC 8301, RFC 8463).

use baluardo_mail::{Proof, Signed, organisation};
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::headers::Header;
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, Error, MessageAuthenticator};
use tokio::time::{Instant, timeout_at};

/// Signatures that are checked; each costs a question and some arithmetic.
const MOST_SIGNATURES: usize = 8;
/// Names of headers that one signature may cover, and headers of a message with signatures: finding them takes their product.
const MOST_NAMES: usize = 200;
const MOST_HEADERS: usize = 2_000;

/// Reads a message, and leaves out what costs more than it can be worth.
pub(super) fn read(bytes: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let mut message = AuthenticatedMessage::parse(bytes)?;
    let few = message.headers.len() <= MOST_HEADERS;
    message.dkim_headers.retain(|signed| few && signed.header.h.len() <= MOST_NAMES);
    message.dkim_headers.truncate(MOST_SIGNATURES);
    if !few || message.ams_headers.iter().any(|signed| signed.header.h.len() > MOST_NAMES) {
        message.ams_headers.clear();
        message.as_headers.clear();
        message.aar_headers.clear();
    }
    Some(message)
}

/// The message once for each signature, those of the author's own organisation first: a stranger's name server that is slow
/// to answer must not use up their time.
pub(super) fn one_by_one<'m>(message: &AuthenticatedMessage<'m>, author: &str) -> Vec<AuthenticatedMessage<'m>> {
    let mut bare = message.clone();
    let mut signed = std::mem::take(&mut bare.dkim_headers);
    bare.errors.clear();
    signed.sort_by_key(|signed| !is_of(&signed.header.d, author));
    let one = |signed| AuthenticatedMessage { dkim_headers: vec![signed], ..bare.clone() };
    signed.into_iter().map(one).collect()
}

fn is_of(domain: &str, author: &str) -> bool {
    organisation(&domain.to_lowercase()) == organisation(author)
}

/// What came out for each of them; none for those for which there was no time.
pub(super) type Checked<'m> = Vec<Option<DkimOutput<'m>>>;

/// Checks them.
pub(super) async fn check<'m>(
    dns: &MessageAuthenticator,
    messages: &'m [AuthenticatedMessage<'m>],
    until: Instant,
) -> Checked<'m> {
    let mut checked = Vec::with_capacity(messages.len());
    for message in messages {
        let outputs = timeout_at(until, dns.verify_dkim(message)).await.ok();
        checked.push(outputs.and_then(|outputs| outputs.into_iter().next()));
    }
    checked
}

/// Those that count: SHA-1 proves nothing any more (RFC 8301 section 3.1).
pub(super) fn strong<'m>(checked: &Checked<'m>) -> Vec<DkimOutput<'m>> {
    checked.iter().flatten().filter(|output| !is_weak(output)).cloned().collect()
}

fn is_weak(output: &DkimOutput<'_>) -> bool {
    output.signature().is_some_and(|signature| signature.a == Algorithm::RsaSha1)
}

/// What is told of each.
pub(super) fn told(messages: &[AuthenticatedMessage<'_>], checked: &Checked<'_>) -> Vec<Signed> {
    let pairs = messages.iter().filter_map(|message| message.dkim_headers.first()).zip(checked);
    let one = |(signed, output): (&Header<'_, Signature>, &Option<DkimOutput<'_>>)| Signed {
        domain: signed.header.d.to_lowercase(),
        selector: signed.header.s.clone(),
        proof: match output {
            None => Proof::TempError,
            Some(output) if is_weak(output) => Proof::PermError,
            Some(output) => proof(output.result()),
        },
    };
    pairs.map(one).collect()
}

/// Whether one of the author's own signatures could not be checked.
pub(super) fn is_open(told: &[Signed], author: &str) -> bool {
    told.iter().any(|signed| signed.proof == Proof::TempError && is_of(&signed.domain, author))
}

/// As the crate `mail` names it. A body that is not the one that was signed is a signature that fails (RFC 8601 section 2.7.1).
pub(super) fn proof(result: &DkimResult) -> Proof {
    match result {
        DkimResult::Pass => Proof::Pass,
        DkimResult::Fail(_) | DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => Proof::Fail,
        DkimResult::Neutral(_) => Proof::Neutral,
        DkimResult::PermError(_) => Proof::PermError,
        DkimResult::TempError(_) => Proof::TempError,
        DkimResult::None => Proof::None,
    }
}
