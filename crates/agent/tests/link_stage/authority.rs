//! A certificate authority as the server has one: a root, a tenant's intermediate, certificates below.

use baluardo_agent::identity::saved::Identity;
use baluardo_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// The authority and the key that signs orders.
pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    tenant: CertifiedIssuer<'static, KeyPair>,
    pub(crate) order_key: Ed25519KeyPair,
}

fn issuing(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    dated(params)
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2035, 1, 1);
    params
}

fn fresh_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

impl Authority {
    pub(crate) fn new() -> Self {
        let root = CertifiedIssuer::self_signed(issuing("test root"), fresh_key()).unwrap();
        let tenant = CertifiedIssuer::signed_by(issuing("test tenant"), fresh_key(), &root).unwrap();
        Self { root, tenant, order_key: Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap() }
    }

    pub(crate) fn root_sha256(&self) -> String {
        digest(&SHA256, self.root.der()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn root_pem(&self) -> String {
        self.root.pem()
    }

    pub(crate) fn order_public(&self) -> String {
        BASE64.encode(self.order_key.public_key().as_ref())
    }

    /// The certificate for a request, with the intermediate.
    pub(crate) fn certify(&self, csr: &str) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(csr).unwrap();
        request.params = dated(request.params);
        request.params.is_ca = IsCa::NoCa;
        request.params.distinguished_name.push(rcgen::DnType::CommonName, "device");
        format!("{}{}", request.signed_by(&self.tenant).unwrap().pem(), self.tenant.pem())
    }

    /// What a device has after enrolment.
    pub(crate) fn identity(&self, server: &str, device: &str) -> Identity {
        let key = fresh_key();
        let csr = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
        Identity {
            server: server.to_owned(),
            tenant: "00000000-0000-7000-8000-0000000000ff".parse().unwrap(),
            device: device.parse().unwrap(),
            key: key.serialize_pem(),
            certificate_chain: self.certify(&csr),
            root: self.root_pem(),
            order_key: self.order_public(),
            certified_at: None,
            expires_at: Timestamp::from_micros(i64::MAX),
        }
    }

    /// TLS of a server with `name` in its certificate, showing its chain down to the root. With `devices_only` it takes
    /// only who has a certificate of ours.
    pub(crate) fn server_tls(&self, name: &str, devices_only: bool) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = fresh_key();
        let params = dated(CertificateParams::new(vec![name.to_owned()]).unwrap());
        let certificate = params.signed_by(&key, &self.root).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone(), self.root.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = if devices_only {
            let mut roots = RootCertStore::empty();
            roots.add(self.root.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }
}
