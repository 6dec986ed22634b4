//! The way to a mail server: its name, its address, TLS. Whoever adds a mailbox names a server, so what it may be is bounded: no
//! address of an inner network unless the operator allows that.

use super::token::Tokens;
use anyhow::Context as _;
use baluardo_model::intrusion::is_local;
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_service::mailbox::Trouble;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The longest wait for a name, a connection or a handshake.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes in both directions.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Wire for T {}

/// A connection.
pub(super) type Stream = Box<dyn Wire>;

/// How servers are reached.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    tls: Arc<ClientConfig>,
    /// What opens mailboxes that take no password.
    pub(super) tokens: Arc<Tokens>,
    /// Whether addresses of inner networks, and this machine's own, may be reached.
    inside: bool,
}

impl Reach {
    /// With the certificate authorities of this machine, and those of the files (PEM) in `own`.
    pub(crate) fn new(inside: bool, own: &[PathBuf]) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        for root in rustls_native_certs::load_native_certs().certs {
            // One that cannot be used is no reason to do without the others.
            let _ = roots.add(root);
        }
        for file in own {
            add_own(&mut roots, file)?;
        }
        if roots.is_empty() {
            // Every certificate will be refused, and each mailbox says so; the rest of the server needs none.
            tracing::warn!("this machine knows no certificate authorities: install the package ca-certificates");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.context("TLS cannot be set up")?.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { tls: Arc::new(config), tokens: Arc::default(), inside })
    }

    /// Connects. `only_here` refuses every address but this machine's own.
    pub(super) async fn connect(&self, host: &str, port: u16, only_here: bool) -> Result<TcpStream, Trouble> {
        let mut last = Trouble::new(MailboxTrouble::Unreachable, "no answer in time");
        for address in self.addresses(host, port, only_here).await? {
            match timeout(PATIENCE, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(why)) => last = Trouble::new(MailboxTrouble::Unreachable, why),
                Err(_) => {}
            }
        }
        Err(last)
    }

    /// The addresses of a name that may be reached. What is connected to is an address from here, so that a name which changes
    /// its mind leads nowhere else.
    async fn addresses(&self, host: &str, port: u16, only_here: bool) -> Result<Vec<SocketAddr>, Trouble> {
        let unknown = |why: String| Trouble::new(MailboxTrouble::NameNotFound, why);
        let found = timeout(PATIENCE, lookup_host((host, port))).await;
        let found = found.map_err(|_| unknown("no answer in time".to_owned()))?;
        let mut all: Vec<SocketAddr> = found.map_err(|why| unknown(why.to_string()))?.take(16).collect();
        if all.is_empty() {
            return Err(unknown(format!("{host} has no address")));
        }
        all.retain(|address| {
            let here = address.ip().to_canonical().is_loopback();
            (self.inside || !is_local(address.ip())) && (here || !only_here)
        });
        if all.is_empty() {
            return Err(Trouble::new(MailboxTrouble::PrivateAddress, format!("{host} lies in an inner network")));
        }
        Ok(all)
    }

    /// Puts TLS over a connection.
    pub(super) async fn secure(&self, host: &str, open: impl Wire + 'static) -> Result<Stream, Trouble> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Trouble::new(MailboxTrouble::Certificate, "no name that a certificate could have"))?;
        let connecting = TlsConnector::from(Arc::clone(&self.tls)).connect(name, open);
        match timeout(PATIENCE, connecting).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(why)) => Err(Trouble::new(of_handshake(&why), why)),
            Err(_) => Err(Trouble::new(MailboxTrouble::Unreachable, "no answer in time")),
        }
    }
}

/// Trusts the authorities in a file, every one of them: half of what was meant helps nobody.
fn add_own(roots: &mut RootCertStore, file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read(file).with_context(|| format!("--mail-ca {name} cannot be read"))?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.with_context(|| format!("--mail-ca {name} is no good PEM"))?;
        roots.add(certificate).with_context(|| format!("--mail-ca {name}: a certificate in it cannot be used"))?;
    }
    anyhow::ensure!(roots.len() > before, "--mail-ca {name} holds no certificate: give the authority's, as PEM");
    Ok(())
}

/// What a handshake that failed means.
fn of_handshake(why: &std::io::Error) -> MailboxTrouble {
    let inner = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => of_certificate(why),
        Some(_) => MailboxTrouble::NotImap,
        None => MailboxTrouble::Lost,
    }
}

/// What is wrong with a certificate, by what helps against it.
const fn of_certificate(why: &CertificateError) -> MailboxTrouble {
    use CertificateError as E;
    match why {
        E::NotValidForName | E::NotValidForNameContext { .. } => MailboxTrouble::Certificate,
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => {
            MailboxTrouble::CertificateExpired
        }
        _ => MailboxTrouble::CertificateUnknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn inner_addresses_are_for_those_whom_the_operator_allows_them() {
        let outside = Reach::new(false, &[]).unwrap();
        for host in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "::ffff:10.0.0.1", "fd00::1"] {
            let refused = outside.addresses(host, 993, false).await.unwrap_err();
            assert_eq!(refused.trouble, MailboxTrouble::PrivateAddress, "{host}");
        }
        assert!(outside.addresses("198.51.100.7", 993, false).await.is_ok());
        let inside = Reach::new(true, &[]).unwrap();
        assert!(inside.addresses("10.0.0.1", 993, false).await.is_ok());
        // Without TLS nothing leaves this machine, whoever allows what.
        assert!(inside.addresses("10.0.0.1", 143, true).await.is_err());
        assert!(inside.addresses("127.0.0.1", 143, true).await.is_ok());
    }

    #[test]
    fn a_file_without_an_authority_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        let told = || format!("{:#}", Reach::new(false, std::slice::from_ref(&file)).unwrap_err());
        assert!(told().contains("authority.pem cannot be read"), "{}", told());
        std::fs::write(&file, "not a certificate").unwrap();
        assert!(told().contains("authority.pem holds no certificate"), "{}", told());
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(told().contains("a certificate in it cannot be used"), "{}", told());
    }
}
