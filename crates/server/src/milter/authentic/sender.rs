//! Whether the machine that sends may send for a domain (SPF, RFC 7208).

use super::plain_address;
use crate::milter::route::Route;
use baluardo_mail::Proof;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{MessageAuthenticator, SpfOutput, SpfResult};
use std::net::IpAddr;
use tokio::time::{Instant, timeout_at};

/// Checks the domain of `sender`, or the name that the machine gave itself where that is empty.
pub(super) async fn check(
    dns: &MessageAuthenticator,
    route: &Route,
    address: IpAddr,
    sender: &str,
    until: Instant,
) -> SpfOutput {
    let helo = route.helo.trim_end_matches('.');
    let domain = sender.rsplit_once('@').map_or(helo, |(_, domain)| domain);
    let of = |result| SpfOutput::new(domain.to_owned()).with_result(result);
    // A name of one label, or an address in brackets, is no domain that could publish anything (RFC 7208 section 4.3).
    if !domain.contains('.') || domain.starts_with('[') {
        return of(SpfResult::None);
    }
    let asked = async {
        if has_several_records(dns, domain).await {
            return of(SpfResult::PermError);
        }
        let server = if route.server.is_empty() { "unknown" } else { &route.server };
        dns.verify_spf(SpfParameters::verify_mail_from(plain_address(address), helo, server, sender)).await
    };
    timeout_at(until, asked).await.unwrap_or_else(|_| of(SpfResult::TempError))
}

/// Whether a domain publishes more than one record, which is an error (RFC 7208 section 4.5); the library takes the first.
async fn has_several_records(dns: &MessageAuthenticator, domain: &str) -> bool {
    let Ok(name) = Name::from_str_relaxed(format!("{}.", domain.trim_end_matches('.'))) else { return false };
    let Ok(answer) = dns.resolver().txt_lookup(name).await else { return false };
    let records = answer.answers().iter().filter(|record| match &record.data {
        RData::TXT(text) => {
            is_policy(&text.txt_data.iter().flat_map(|piece| piece.iter().copied()).collect::<Vec<_>>())
        }
        _ => false,
    });
    records.count() > 1
}

/// Whether a text is a record of SPF (RFC 7208 section 4.5).
fn is_policy(text: &[u8]) -> bool {
    text.split_at_checked(6).is_some_and(|(version, rest)| {
        version.eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
    })
}

/// As the crate `mail` names it.
pub(super) fn proof(result: SpfResult) -> Proof {
    match result {
        SpfResult::Pass => Proof::Pass,
        SpfResult::Fail => Proof::Fail,
        SpfResult::SoftFail => Proof::SoftFail,
        SpfResult::Neutral => Proof::Neutral,
        SpfResult::TempError => Proof::TempError,
        SpfResult::PermError => Proof::PermError,
        SpfResult::None => Proof::None,
    }
}
