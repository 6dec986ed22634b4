//! Whether the answers about a domain are signed and the signatures hold (DNSSEC): by the word of the name server that checks, by
//! what it holds back, and else by checking here, from the root's key down.

use super::line::Line;
use baluardo_mail::health::{Answer, Chain};
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::dnssec::Proof;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RecordType};

/// Records that a mail domain has, one of which shows how its zone stands.
const KINDS: [RecordType; 4] = [RecordType::SOA, RecordType::MX, RecordType::TXT, RecordType::A];

/// Finds it out.
pub(super) async fn look(line: &Line, checking: &TokioResolver, domain: &str) -> Answer {
    match line.ask(domain, RecordType::SOA, false).await {
        Ok(Some(reply)) if reply.checked => return Answer::Signed(Chain::Secure),
        Ok(Some(reply)) if reply.code == ResponseCode::ServFail => {
            // An answer that comes only when nobody checks it is one whose signatures do not hold.
            return match line.ask(domain, RecordType::SOA, true).await {
                Ok(Some(reply)) if reply.code == ResponseCode::NoError => Answer::Signed(Chain::Broken),
                _ => Answer::Unknown("SERVFAIL".to_owned()),
            };
        }
        Ok(Some(_)) => {}
        Ok(None) => return Answer::Nothing,
        Err(why) => return Answer::Unknown(why),
    }
    // Many a name server strips the signatures from what it hands on: then nothing can be told from here.
    if proof(checking, ".", RecordType::SOA).await != Some(Proof::Secure) {
        return Answer::Unknown("the name server does not hand on signatures".to_owned());
    }
    for kind in KINDS {
        match proof(checking, &format!("{domain}."), kind).await {
            Some(Proof::Secure) => return Answer::Signed(Chain::Secure),
            Some(Proof::Insecure) => return Answer::Signed(Chain::Insecure),
            Some(Proof::Bogus) => return confirmed(line, checking, domain, kind).await,
            Some(Proof::Indeterminate) | None => {}
        }
    }
    Answer::Unknown(String::new())
}

/// Whether what does not hold is broken, and not only lost on the way here: the library makes no difference between a signature that
/// is wrong and one that did not come in time.
async fn confirmed(line: &Line, checking: &TokioResolver, domain: &str, kind: RecordType) -> Answer {
    for needed in [RecordType::DS, RecordType::DNSKEY] {
        match line.ask(domain, needed, true).await {
            Ok(Some(reply)) if matches!(reply.code, ResponseCode::NoError | ResponseCode::NXDomain) => {}
            _ => return Answer::Unknown("the keys of the domain cannot be had".to_owned()),
        }
    }
    checking.clear_cache();
    let path = proof(checking, ".", RecordType::SOA).await;
    match (path, proof(checking, &format!("{domain}."), kind).await) {
        (Some(Proof::Secure), Some(Proof::Bogus)) => Answer::Signed(Chain::Broken),
        _ => Answer::Unknown("the signatures do not hold each time".to_owned()),
    }
}

/// How the answer to one question stands; none where there is none.
async fn proof(checking: &TokioResolver, name: &str, kind: RecordType) -> Option<Proof> {
    let name = Name::from_str_relaxed(name).ok()?;
    match checking.lookup(name, kind).await {
        Ok(found) => {
            let records = found.answers().iter().filter(|record| record.record_type() == kind);
            records.map(|record| record.proof).min()
        }
        Err(NetError::Dns(DnsError::DnssecBogus)) => Some(Proof::Bogus),
        Err(NetError::Dns(DnsError::Nsec { proof, .. })) => Some(proof),
        Err(_) => None,
    }
}
