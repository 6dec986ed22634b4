//! Whom to ask, and how patiently.

use anyhow::Context as _;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::config::{
    LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::proto::dnssec::TrustAnchors;
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long one question may take, and how often it is asked.
const ONE_QUESTION: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// Answers that are remembered.
const MOST_ANSWERS: u64 = 8_192;
/// How long at most: who mends a record is believed soon.
const MOST_AGE: Duration = Duration::from_secs(60 * 60);
const MOST_AGE_OF_NOTHING: Duration = Duration::from_secs(5 * 60);

/// The way to the DNS: by these name servers, or without any by those of the machine. `validate` checks its signatures here, and so
/// does a trust anchor to begin from.
///
/// # Errors
/// When the machine does not say whom to ask, or a trust anchor cannot be read.
pub(crate) fn open(dns: &[SocketAddr], validate: bool, trust_anchor: Option<&Path>) -> anyhow::Result<TokioResolver> {
    let (config, mut options) = config(dns)?;
    options.timeout = ONE_QUESTION;
    options.attempts = ATTEMPTS;
    options.cache_size = MOST_ANSWERS;
    options.positive_max_ttl = Some(MOST_AGE);
    options.negative_max_ttl = Some(MOST_AGE_OF_NOTHING);
    options.use_hosts_file = ResolveHosts::Never;
    // What `exists:` asks for is an A record, whatever address the sender has (RFC 7208 section 5.7).
    options.ip_strategy = LookupIpStrategy::Ipv4Only;
    options.validate = validate;
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options);
    if let Some(path) = trust_anchor {
        let anchors = TrustAnchors::from_file(path).with_context(|| {
            format!("{}: no DNSKEY records can be read from it; --trust-anchor takes a file of them", path.display())
        })?;
        builder = builder.with_trust_anchor(Arc::new(anchors));
    }
    builder.build().context("the DNS cannot be asked")
}

/// The name servers themselves.
///
/// # Errors
/// As [`open`].
pub(super) fn servers(dns: &[SocketAddr]) -> anyhow::Result<Vec<SocketAddr>> {
    if !dns.is_empty() {
        return Ok(dns.to_vec());
    }
    let (config, _) = config(dns)?;
    let place = |server: &NameServerConfig| {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        SocketAddr::new(server.ip, port)
    };
    Ok(config.name_servers().iter().map(place).collect())
}

fn config(dns: &[SocketAddr]) -> anyhow::Result<(ResolverConfig, ResolverOpts)> {
    if dns.is_empty() {
        return read_system_conf().context(
            "the machine's name servers cannot be read from /etc/resolv.conf: name one with --dns ADDRESS:PORT, or use --no-dns",
        );
    }
    Ok((ResolverConfig::from_name_servers(dns.iter().map(server).collect()), ResolverOpts::default()))
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}
