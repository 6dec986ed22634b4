//! What every certificate of the house has in common: names, times, serial numbers, keeping a signing key.

use crate::error::Error;
use crate::fleet::refusal::Refusal;
use crate::house::House;
use baluardo_model::{Chance, DeviceId, TenantId, Timestamp};
use baluardo_store::Tx;
use baluardo_store::fleet::authority::{Authority, AuthorityKind};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, SerialNumber};
use std::time::Duration;
use x509_parser::extensions::GeneralName;
use x509_parser::time::ASN1Time;

/// One day.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// How far before now a leaf is valid already, for clocks that are behind ours.
pub(super) const SKEW: Duration = Duration::from_secs(300);

/// What a device's name begins with in its certificate.
const URN: &str = "urn:baluardo:tenant:";

/// The name of a tenant's intermediate. It holds the id, so that a leaf shows which intermediate signed it.
pub(super) fn intermediate_name(tenant: TenantId) -> String {
    format!("Baluardo tenant {tenant}")
}

/// The name of a device in its certificate's subject alternative name.
pub(super) fn device_urn(tenant: TenantId, device: DeviceId) -> String {
    format!("{URN}{tenant}:device:{device}")
}

/// A certificate's parameters with its name, its times and a random serial number (RFC 5280, 4.1.2.2: positive, at
/// most 20 octets).
pub(super) fn params(
    common_name: &str,
    (from, until): (Timestamp, Timestamp),
    chance: &dyn Chance,
) -> Result<CertificateParams, Error> {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    let mut serial = [0_u8; 16];
    chance.fill(&mut serial);
    let [first, ..] = &mut serial;
    *first = (*first & 0x7f) | 0x40;
    let time = |at: Timestamp| {
        ASN1Time::from_timestamp(at.micros().div_euclid(1_000_000)).map(|time| time.to_datetime()).map_err(failed)
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = time(from)?;
    params.not_after = time(until)?;
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// An error of the certificate library: the house is at fault, since the asker's part was checked before.
pub(super) fn failed(why: impl std::fmt::Display) -> Error {
    Error::internal(format!("the certificate authority failed: {why}"))
}

/// What a sealed key is sealed for.
fn purpose(tenant: TenantId, kind: AuthorityKind) -> String {
    format!("authority {tenant} {}", kind.code())
}

/// Keeps a key and its public face; hands back what is kept now, which is another's if that was first.
pub(super) async fn keep(
    house: &House,
    tx: &mut Tx,
    (tenant, kind): (TenantId, AuthorityKind),
    certificate: String,
    key: &[u8],
) -> Result<Authority, Error> {
    let sealed_key = house.seal.seal(&purpose(tenant, kind), key, house.chance.as_ref())?;
    let new = Authority { certificate, sealed_key, created_at: house.now() };
    tx.platform().keep_authority(tenant, kind, &new).await?;
    tx.platform().authority(tenant, kind).await?.ok_or_else(|| failed("a key vanished"))
}

/// Opens a kept key.
pub(super) fn open_key(
    house: &House,
    (tenant, kind): (TenantId, AuthorityKind),
    kept: &Authority,
) -> Result<Vec<u8>, Error> {
    house.seal.open(&purpose(tenant, kind), &kept.sealed_key)
}

/// A kept authority, ready to sign.
pub(super) fn issuer(
    house: &House,
    whose: (TenantId, AuthorityKind),
    kept: &Authority,
) -> Result<Issuer<'static, KeyPair>, Error> {
    let key = KeyPair::try_from(open_key(house, whose, kept)?).map_err(failed)?;
    Issuer::from_ca_cert_pem(&kept.certificate, key).map_err(failed)
}

/// What a device's certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceLeaf {
    pub(crate) tenant: TenantId,
    pub(crate) device: DeviceId,
    /// From when it is valid, in whole seconds.
    pub(crate) since: Timestamp,
    /// Until when.
    pub(crate) until: Timestamp,
}

/// Reads a leaf: tenant and device are what its one URI says.
///
/// TLS has verified the chain already; here a leaf must also hang from its own tenant's intermediate, so that a stolen
/// intermediate cannot speak for another tenant.
pub(crate) fn read_device_certificate(leaf_der: &[u8]) -> Result<DeviceLeaf, Refusal> {
    let bad = Refusal::certificate_bad;
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf_der).map_err(|_| bad("it cannot be read"))?;
    let names = leaf
        .subject_alternative_name()
        .map_err(|_| bad("its alternative names cannot be read"))?
        .ok_or_else(|| bad("it has no alternative name"))?;
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
        return Err(bad("it must have exactly one alternative name, a URI"));
    };
    let (tenant, device) = uri
        .strip_prefix(URN)
        .and_then(|rest| rest.split_once(":device:"))
        .and_then(|(tenant, device)| Some((tenant.parse::<TenantId>().ok()?, device.parse::<DeviceId>().ok()?)))
        .ok_or_else(|| bad("its name is not a device's"))?;
    let mut signers = leaf.issuer().iter_common_name().filter_map(|name| name.as_str().ok());
    if signers.next() != Some(intermediate_name(tenant).as_str()) {
        return Err(bad("it was signed for another tenant"));
    }
    let time = |at: ASN1Time| Timestamp::from_micros(at.timestamp().saturating_mul(1_000_000));
    let validity = leaf.validity();
    Ok(DeviceLeaf { tenant, device, since: time(validity.not_before), until: time(validity.not_after) })
}
