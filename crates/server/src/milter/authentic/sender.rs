//! Whether the machine that sends may send for a domain (SPF, RFC 7208).

use super::plain_address;
use crate::milter::route::Route;
use baluardo_mail::{Proof, is_sound_spf, is_spf};
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
        if is_in_error(dns, domain).await {
            return of(SpfResult::PermError);
        }
        let server = if route.server.is_empty() { "unknown" } else { &route.server };
        dns.verify_spf(SpfParameters::verify_mail_from(plain_address(address), helo, server, sender)).await
    };
    timeout_at(until, asked).await.unwrap_or_else(|_| of(SpfResult::TempError))
}

/// Whether what a domain publishes is an error: more than one record, or one that breaks the grammar (RFC 7208 sections 4.5 and
/// 4.6). The library takes the first and passes over what it does not understand.
async fn is_in_error(dns: &MessageAuthenticator, domain: &str) -> bool {
    let Ok(name) = Name::from_str_relaxed(format!("{}.", domain.trim_end_matches('.'))) else { return false };
    let Ok(answer) = dns.resolver().txt_lookup(name).await else { return false };
    let texts = answer.answers().iter().filter_map(|record| match &record.data {
        RData::TXT(text) => Some(text.txt_data.iter().flat_map(|piece| piece.iter().copied()).collect::<Vec<u8>>()),
        _ => None,
    });
    let records: Vec<_> = texts.filter(|text| is_spf(text)).collect();
    records.len() > 1 || !records.iter().all(|record| is_sound_spf(record))
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
