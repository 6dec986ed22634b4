//! TLS as the agent speaks it: to a root that it knows, with the device's certificate once it has one.

use crate::ambient::TlsTime;
use crate::identity::saved::Identity;
use baluardo_model::Clock;
use ring::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::sync::Arc;

/// Why TLS could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// What was saved at enrolment cannot be used.
    #[error("the saved {what} cannot be used: {cause}; enrol this computer again")]
    Identity {
        /// Certificate, root or key.
        what: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// The token's root is no SHA-256.
    #[error("the enrolment token names no root certificate: copy the whole line from the console again")]
    Root,
    /// The TLS library refused.
    #[error("TLS could not be prepared: {0}")]
    Rustls(#[from] Error),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// For everything after enrolment: the saved root, the device's own certificate.
///
/// # Errors
/// See [`TlsError`].
pub fn mutual(identity: &Identity, clock: Arc<dyn Clock>) -> Result<ClientConfig, TlsError> {
    let chain = certificates(&identity.certificate_chain, "certificate")?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())
        .map_err(|e| TlsError::Identity { what: "key", cause: e.to_string() })?;
    let mut roots = RootCertStore::empty();
    for root in certificates(&identity.root, "root certificate")? {
        roots.add(root).map_err(|e| TlsError::Identity { what: "root certificate", cause: e.to_string() })?;
    }
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(TlsTime(clock)))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|e| TlsError::Identity { what: "certificate", cause: e.to_string() })?;
    // One server: a few session tickets are enough.
    config.resumption = rustls::client::Resumption::in_memory_sessions(2);
    Ok(config)
}

/// For enrolment: any root is believed if its SHA-256 (lower-case hexadecimal) is the token's.
///
/// # Errors
/// See [`TlsError`].
pub fn pinned(root_sha256: &str, clock: Arc<dyn Clock>) -> Result<ClientConfig, TlsError> {
    let wanted = unhex(root_sha256).filter(|bytes| bytes.len() == 32).ok_or(TlsError::Root)?;
    let provider = provider();
    Ok(ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(TlsTime(clock)))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedRoot { sha256: wanted, provider }))
        .with_no_client_auth())
}

/// Whether the PEM text `root` holds a certificate with this SHA-256.
///
/// # Errors
/// [`TlsError::Identity`] when it cannot be read.
pub fn is_pinned(root: &str, root_sha256: &str) -> Result<bool, TlsError> {
    let roots = certificates(root, "root certificate")?;
    let wanted = unhex(root_sha256);
    Ok(roots.len() == 1 && roots.iter().all(|root| Some(digest(&SHA256, root).as_ref()) == wanted.as_deref()))
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |cause: String| TlsError::Identity { what, cause };
    let all: Vec<_> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|e| failed(e.to_string()))?;
    if all.is_empty() {
        return Err(failed("there is none in the file".to_owned()));
    }
    Ok(all)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Finds the root by its hash among the certificates that the server shows, then verifies names, dates and signatures
/// against that root and no other.
#[derive(Debug)]
struct PinnedRoot {
    sha256: Vec<u8>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedRoot {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let root = intermediates
            .iter()
            .find(|certificate| digest(&SHA256, certificate).as_ref() == self.sha256)
            .ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|e| Error::General(e.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
