//! TLS for the two doors: people at one, devices at the other.

use anyhow::Context as _;
use baluardo_service::fleet::ServerCertificate;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// Makes ring the one cryptography of this process; called once, before anything else of TLS.
pub fn install_provider() {
    // A second call finds it installed, which is what was wanted.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// The console's door: no client certificates.
///
/// # Errors
/// When the certificate and the key do not fit.
pub fn console(certificate: &ServerCertificate) -> anyhow::Result<ServerConfig> {
    let (chain, key) = parts(certificate)?;
    let mut config = ServerConfig::builder_with_protocol_versions(&[&TLS13, &TLS12])
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the console's certificate and key do not fit")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The agents' door: TLS 1.3 only; a client certificate is verified up to our root when one is shown, and the calls that
/// need one refuse without it (a device that enrols has none yet).
///
/// # Errors
/// When the certificate and the key do not fit or the root cannot be used.
pub fn agents(certificate: &ServerCertificate, root_der: &[u8]) -> anyhow::Result<ServerConfig> {
    let (chain, key) = parts(certificate)?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_slice(root_der)).context("our own root certificate cannot be used")?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .allow_unauthenticated()
        .build()
        .context("our own root certificate cannot verify devices")?;
    let mut config = ServerConfig::builder_with_protocol_versions(&[&TLS13])
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .context("the agent door's certificate and key do not fit")?;
    // An agent without news opens a line each minute. The few hundred sessions that rustls remembers by itself are gone by
    // then where thousands call, and each call would be a whole handshake; a ticket lies with the agent instead. Whether
    // the device is still trusted is asked at every call, also on a resumed line.
    config.ticketer = rustls::crypto::ring::Ticketer::new().context("tickets for devices cannot be made")?;
    config.send_tls13_tickets = 1;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn parts(certificate: &ServerCertificate) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .context("the server's certificate chain is not PEM")?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes()).context("the server's key is not PEM")?;
    Ok((chain, key))
}
