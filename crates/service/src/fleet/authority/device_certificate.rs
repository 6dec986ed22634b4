//! The certificate of one device, from the request that it sent.

use super::certify::{DAY, SKEW, device_urn, failed, issuer, params};
use super::intermediate::intermediate_in;
use crate::error::Error;
use crate::house::House;
use baluardo_model::{DeviceId, TenantId, Timestamp};
use baluardo_store::Tx;
use baluardo_store::fleet::authority::AuthorityKind;
use rcgen::{ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, PublicKeyData, SanType};
use std::time::Duration;

/// How long a device's certificate lives: a year.
const LIFE_DAYS: u32 = 365;

/// What a device gets.
#[derive(Clone, Debug)]
pub(crate) struct DeviceCertificate {
    /// PEM: leaf, then intermediate.
    pub(crate) chain_pem: String,
    /// PEM of the root.
    pub(crate) root_pem: String,
    /// When the leaf ends.
    pub(crate) expires_at: Timestamp,
}

/// Signs `key` for a device. Names and wishes of the request are not looked at: the house says what the leaf holds. The
/// leaf is valid from after `last`, from when the last one was, even if the clock went back meanwhile: which of two is newer
/// must stay plain.
pub(crate) async fn issue_device_certificate(
    house: &House,
    tx: &mut Tx,
    (tenant, device): (TenantId, DeviceId),
    key: &impl PublicKeyData,
    last: Option<Timestamp>,
) -> Result<DeviceCertificate, Error> {
    let (intermediate, root) = intermediate_in(house, tx, tenant).await?;
    let now = house.now();
    let expires_at = now.plus(DAY * LIFE_DAYS);
    let earliest = last.map_or(now.minus(SKEW), |last| last.plus(Duration::from_secs(1)));
    let since = earliest.max(now.minus(SKEW));
    let mut params = params(&device.to_string(), (since, expires_at), house.chance.as_ref())?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![SanType::URI(device_urn(tenant, device).try_into().map_err(failed)?)];
    let signer = issuer(house, (tenant, AuthorityKind::Intermediate), &intermediate)?;
    let leaf = params.signed_by(key, &signer).map_err(failed)?.pem();
    Ok(DeviceCertificate {
        chain_pem: format!("{leaf}{}", intermediate.certificate),
        root_pem: root.certificate,
        expires_at,
    })
}
