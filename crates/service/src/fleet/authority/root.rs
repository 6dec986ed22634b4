//! The root: made once for each installation.

use super::certify::{DAY, failed, keep, params};
use crate::error::Error;
use crate::house::House;
use crate::secret::hex;
use baluardo_model::TenantId;
use baluardo_store::Tx;
use baluardo_store::fleet::authority::{Authority, AuthorityKind};
use rcgen::{BasicConstraints, IsCa, KeyPair, KeyUsagePurpose};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

/// How long the root lives: 20 years.
const LIFE_DAYS: u32 = 20 * 365;

/// The certificate that everything hangs from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootCertificate {
    /// PEM.
    pub pem: String,
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256 of the DER, lower-case hexadecimal: enrolment tokens carry it.
    pub sha256: String,
}

/// The root of this installation, made now if there is none yet.
///
/// # Errors
/// [`Error::Conflict`] `house.no_consortium` before the consortium was set up; otherwise what the database says.
#[crate::act]
pub async fn authority_root(house: &House) -> Result<RootCertificate, Error> {
    let mut tx = house.store.write().await?;
    let root = root_certificate_in(house, &mut tx).await?;
    tx.commit().await?;
    Ok(root)
}

/// The consortium under which the installation's own keys are kept.
pub(super) async fn consortium_of_house(tx: &mut Tx) -> Result<TenantId, Error> {
    let home = tx.platform().first_consortium().await?;
    home.map(|home| home.id).ok_or_else(|| {
        Error::conflict("house.no_consortium", "set the consortium up first: this installation has none yet")
    })
}

/// The root within a transaction, and the consortium that keeps it.
pub(super) async fn root_in(house: &House, tx: &mut Tx) -> Result<(TenantId, Authority), Error> {
    let home = consortium_of_house(tx).await?;
    if let Some(root) = tx.platform().authority(home, AuthorityKind::Root).await? {
        return Ok((home, root));
    }
    let now = house.now();
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = params("Baluardo root", (now.minus(DAY), now.plus(DAY * LIFE_DAYS)), house.chance.as_ref())?;
    // One intermediate may stand between the root and a leaf.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).map_err(failed)?.pem();
    let root = keep(house, tx, (home, AuthorityKind::Root), certificate, key.serialized_der()).await?;
    Ok((home, root))
}

/// The public face of the root within a transaction.
pub(crate) async fn root_certificate_in(house: &House, tx: &mut Tx) -> Result<RootCertificate, Error> {
    let (_, root) = root_in(house, tx).await?;
    let der = CertificateDer::from_pem_slice(root.certificate.as_bytes()).map_err(failed)?.to_vec();
    let sha256 = hex(&Sha256::digest(&der));
    Ok(RootCertificate { pem: root.certificate, der, sha256 })
}
