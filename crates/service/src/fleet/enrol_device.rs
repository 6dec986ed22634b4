//! A device becomes known: one token, one certificate, one row, or none of the three.

use super::authority::{issue_device_certificate, order_key};
use super::foreign_text::{MAX_TEXT, bound, name};
use super::refusal::Refusal;
use super::start_policy;
use crate::audit::record;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use crate::secret;
use baluardo_model::fleet::{Device, DeviceState};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId, Timestamp};
use baluardo_store::Tx;
use baluardo_store::fleet::tokens::EnrolTokenRow;
use baluardo_wire::enrol::{EnrolRequest, Enrolled};
use rcgen::{CertificateSigningRequestParams, PublicKey, PublicKeyData as _};
use std::net::IpAddr;

/// The most bytes of a certificate request: one for P-256 has about 400.
const MAX_CSR: usize = 8 * 1_024;

/// The most bytes of a secret: ours have 43.
const MAX_SECRET: usize = 128;

/// Enrols the device that holds a good token; `peer` is the address it called from, for the log.
///
/// # Errors
/// A [`Refusal`]: `wire.version`, `enrol.too_long`, `enrol.csr_bad`, `enrol.token_unknown`, `enrol.token_used`,
/// `enrol.token_withdrawn`, `enrol.token_expired`, `busy`, `internal`. Each but the last two is counted, and a token that is unknown, used,
/// withdrawn or expired is told in the audit log.
#[crate::act]
pub async fn enrol_device(house: &House, request: &EnrolRequest, peer: IpAddr) -> Result<Enrolled, Refusal> {
    let mut tenant = None;
    let outcome = enrol(house, request, peer, &mut tenant).await;
    if let Err(refusal) = &outcome
        && refusal.is_theirs()
    {
        let now = house.now();
        house.fleet.tally.count(tenant, refusal, now);
        if refusal.code.starts_with("enrol.token_") && house.fleet.tally.may_log(tenant, refusal.code, now) {
            log_refusal(house, tenant, refusal, peer).await?;
        }
    }
    outcome
}

async fn enrol(
    house: &House,
    request: &EnrolRequest,
    peer: IpAddr,
    tenant: &mut Option<TenantId>,
) -> Result<Enrolled, Refusal> {
    if request.protocol != baluardo_wire::PROTOCOL {
        return Err(Refusal::version(request.protocol));
    }
    check_length("secret", &request.secret, MAX_SECRET)?;
    check_length("csr", &request.csr, MAX_CSR)?;
    let hash = secret::hash(&request.secret);
    // Looked up on a snapshot first, so that guessing never holds the writer's turn nor costs a signature check.
    let mut tx = house.store.read().await?;
    open_token(&mut tx, &hash, house.now(), tenant).await?;
    drop(tx);
    let key = read_csr(&request.csr)?;

    let mut tx = house.store.write().await?;
    let token = open_token(&mut tx, &hash, house.now(), tenant).await?;
    let enrolled = write(house, &mut tx, request, &key, &token, peer).await?;
    tx.commit().await?;
    house.fleet.memory.set_policy(enrolled.tenant, enrolled.policy.version);
    house.live.tell(enrolled.tenant, Topic::Device, enrolled.device);
    Ok(enrolled)
}

/// The token with this hash if it is good; `tenant` learns whose it is even when it is not.
async fn open_token(
    tx: &mut Tx,
    hash: &str,
    now: Timestamp,
    tenant: &mut Option<TenantId>,
) -> Result<EnrolTokenRow, Refusal> {
    let token = tx.platform().find_enrol_token(hash).await?.ok_or_else(Refusal::token_unknown)?;
    *tenant = Some(token.tenant);
    if token.used_at.is_some() {
        return Err(Refusal::token_used());
    }
    if token.is_withdrawn() {
        return Err(Refusal::token_withdrawn());
    }
    if now >= token.expires_at {
        return Err(Refusal::token_expired());
    }
    Ok(token)
}

fn check_length(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.len() > limit { Err(Refusal::enrol_too_long(field, limit)) } else { Ok(()) }
}

/// A request for a certificate whose length is bounded, read by [`read_csr`].
pub(super) fn checked_csr(pem: &str) -> Result<PublicKey, Refusal> {
    check_length("csr", pem, MAX_CSR)?;
    read_csr(pem)
}

/// The public key of a request whose signature fits it, so that nobody enrols with another's key. P-256 and Ed25519
/// are accepted; what else the request asks for is not looked at.
fn read_csr(pem: &str) -> Result<PublicKey, Refusal> {
    let csr = CertificateSigningRequestParams::from_pem(pem).map_err(Refusal::csr_bad)?;
    let key = csr.public_key;
    let is_p256 = key.algorithm() == &rcgen::PKCS_ECDSA_P256_SHA256 && key.der_bytes().len() == 65;
    let is_ed25519 = key.algorithm() == &rcgen::PKCS_ED25519 && key.der_bytes().len() == 32;
    if is_p256 || is_ed25519 { Ok(key) } else { Err(Refusal::csr_bad("the key must be ECDSA P-256 or Ed25519")) }
}

async fn write(
    house: &House,
    tx: &mut Tx,
    request: &EnrolRequest,
    key: &PublicKey,
    token: &EnrolTokenRow,
    peer: IpAddr,
) -> Result<Enrolled, Refusal> {
    let now = house.now();
    let scope = tenant_scope(tx, &Actor::Platform, Act::EnrolDevice, token.tenant).await?;
    let device = new_device(house, request, token.tenant, now);
    if !tx.tenant(scope).use_enrol_token(&token.id, device.id, now).await? {
        return Err(Refusal::token_used());
    }
    tx.tenant(scope).insert_device(&device).await?;
    let policy = start_policy(house, tx, scope).await?;
    let certificate = issue_device_certificate(house, tx, (token.tenant, device.id), key, None).await?;
    let orders = order_key(house, tx).await?;
    let actor = Actor::Device { id: device.id, tenant: token.tenant };
    let detail = format!("{} from {peer}, with the token {:?} of {}", device.hostname, token.label, token.created_by);
    record(house, tx, scope, &actor, "device.enrolled", format!("device {}", device.id), &detail).await?;
    Ok(Enrolled {
        tenant: token.tenant,
        device: device.id,
        certificate_chain: certificate.chain_pem,
        root: certificate.root_pem,
        order_key: orders.public,
        expires_at: certificate.expires_at,
        policy,
    })
}

fn new_device(house: &House, request: &EnrolRequest, tenant: TenantId, now: Timestamp) -> Device {
    let mut coverage_note = request.coverage_note.clone();
    bound(&mut coverage_note, MAX_TEXT);
    Device {
        id: DeviceId::new(now, house.chance.as_ref()),
        tenant,
        hostname: name(&request.hostname),
        os: name(&request.os),
        agent_version: name(&request.agent_version),
        state: DeviceState::Active,
        coverage: request.coverage,
        coverage_note,
        enrolled_at: now,
        last_seen: now,
        acked_seq: 0,
        policy_version: 0,
        isolated_until: None,
    }
}

/// Tells the log of the token's tenant, or of the consortium when the token is nobody's.
async fn log_refusal(house: &House, tenant: Option<TenantId>, refusal: &Refusal, peer: IpAddr) -> Result<(), Refusal> {
    let mut tx = house.store.write().await?;
    let home = tx.platform().first_consortium().await?.map(|home| home.id);
    let Some(whose) = tenant.or(home) else { return Ok(()) };
    let scope = tenant_scope(&mut tx, &Actor::Platform, Act::EnrolDevice, whose).await?;
    let detail = format!("{} from {peer}", refusal.code);
    record(house, &mut tx, scope, &Actor::Public, "device.enrol_refused", "device", &detail).await?;
    Ok(tx.commit().await?)
}
