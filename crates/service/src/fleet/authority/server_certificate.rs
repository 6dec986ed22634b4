//! The server's own certificate, for the console and for the agents' door.

use super::certify::{DAY, SKEW, failed, issuer, params};
use super::root::root_in;
use crate::error::Error;
use crate::house::House;
use baluardo_store::fleet::authority::AuthorityKind;
use rcgen::{ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};
use std::net::IpAddr;

/// How long it lives. Browsers refuse more than 398 days; the server makes a new one each time it starts.
const LIFE_DAYS: u32 = 365;

/// A certificate with its key.
#[derive(Clone)]
pub struct ServerCertificate {
    /// PEM: leaf, then root.
    pub chain_pem: String,
    /// PEM: private key, PKCS#8.
    pub key_pem: String,
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerCertificate").field("chain_pem", &self.chain_pem).finish_non_exhaustive()
    }
}

/// A certificate for `names`: host names and addresses.
///
/// # Errors
/// [`Error::Invalid`] `server.name_bad` when a name is neither, or there is none; as
/// [`authority_root`](super::authority_root).
#[crate::act]
pub async fn issue_server_certificate(house: &House, names: &[String]) -> Result<ServerCertificate, Error> {
    let alternatives = names.iter().map(|name| alternative(name)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = names.first() else {
        return Err(Error::invalid("names", "server.name_bad", "a server certificate needs at least one name"));
    };
    let mut tx = house.store.write().await?;
    let (home, root) = root_in(house, &mut tx).await?;
    tx.commit().await?;
    let now = house.now();
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = params(first, (now.minus(SKEW), now.plus(DAY * LIFE_DAYS)), house.chance.as_ref())?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = alternatives;
    let signer = issuer(house, (home, AuthorityKind::Root), &root)?;
    let leaf = params.signed_by(&key, &signer).map_err(failed)?.pem();
    Ok(ServerCertificate { chain_pem: format!("{leaf}{}", root.certificate), key_pem: key.serialize_pem() })
}

fn alternative(name: &str) -> Result<SanType, Error> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let bad = || {
        let message = format!("{name:?} is neither a host name nor an address, without a port");
        Error::invalid("names", "server.name_bad", message)
    };
    let is_host = name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if !is_host {
        return Err(bad());
    }
    Ok(SanType::DnsName(name.try_into().map_err(|_| bad())?))
}
