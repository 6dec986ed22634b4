//! What can be said of mail domains and of whom to ask about them.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Whom to ask about domains.
#[derive(Args, Clone, Debug, Default)]
pub struct NamesArgs {
    /// Name server to ask, several times for several; those of /etc/resolv.conf when not given.
    #[arg(long, env = "BALUARDO_DNS", value_name = "ADDRESS:PORT", value_delimiter = ',')]
    pub dns: Vec<SocketAddr>,
    /// File with the DNSKEY records to check signatures of the DNS by, instead of the root's own.
    #[arg(long, env = "BALUARDO_TRUST_ANCHOR", value_name = "FILE")]
    pub trust_anchor: Option<PathBuf>,
    /// Blacklist to ask about a domain's mail servers, such as zen.example.org; several times for several. Without it none is
    /// asked: read the list's terms of use first.
    #[arg(long, env = "BALUARDO_BLACKLISTS", value_name = "ZONE", value_delimiter = ',')]
    pub blacklist: Vec<String>,
}

/// Options of `mail domain`.
#[derive(Args, Clone, Debug)]
pub struct MailDomainArgs {
    /// One line of JSON for each domain.
    #[arg(long)]
    pub json: bool,
    /// Language of the words: it or en.
    #[arg(long, default_value = "it")]
    pub lang: String,
    /// Selector under which the domain publishes a DKIM key, several times for several. The usual ones are tried in any case.
    #[arg(long, value_name = "NAME")]
    pub selector: Vec<String>,
    /// Whom to ask.
    #[command(flatten)]
    pub names: NamesArgs,
    /// Fetch the file of MTA-STS also from this machine and from networks of our own.
    #[arg(long)]
    pub private_sources: bool,
    /// Domains: what stands behind the @ of addresses.
    #[arg(required = true, value_name = "DOMAIN")]
    pub domains: Vec<String>,
}
