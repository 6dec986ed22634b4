//! What can be said to `baluardo` on the command line.

mod admin;
mod domain;

pub use admin::{
    AdminArgs, AdminCommand, DmarcCommand, PackImportArgs, PacksCommand, TokenCommand, VulnerabilitiesCommand,
};
pub use domain::{MailDomainArgs, NamesArgs};

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// Baluardo defends Italian comuni: one server for a consortium and its members.
#[derive(Debug, Parser)]
#[command(name = "baluardo", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server: the console, the door for agents and the background jobs.
    Run(RunArgs),
    /// Watch a harmless attack being stopped, undone and shown, through the real parts.
    Demo(DemoArgs),
    /// Attack a folder of made-up documents the way ransomware does. Refuses any folder without its marker file.
    Simulate(SimulateArgs),
    /// Look after an installation from its own machine.
    Admin(AdminArgs),
    /// Scan files and folders for malware, without a server or an agent.
    ///
    /// Exits with 0 when all is clean, 1 when something was found, 2 when something could not be scanned.
    Scan(ScanArgs),
    /// Look after YARA rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Judge mail.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Hold events of logs against Sigma rules, without a server or an agent.
    #[command(subcommand)]
    Sigma(SigmaCommand),
}

/// Options of `scan`.
#[derive(Args, Clone, Debug)]
pub struct ScanArgs {
    /// More YARA rules: a file, or a folder with files that end in .yar or .yara. May be given several times.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Lists of bad files by SHA-256, SHA-1 or MD5: one in each line, or ClamAV's .hdb and .hsb. A MISP warninglist (JSON)
    /// lists files that are good. May be given several times.
    #[arg(long, value_name = "PATH")]
    pub indicators: Vec<PathBuf>,
    /// One line of JSON for each file.
    #[arg(long)]
    pub json: bool,
    /// Files looked at side by side; one for each core when not given.
    #[arg(long)]
    pub jobs: Option<NonZeroUsize>,
    /// Longest time for one file, in seconds.
    #[arg(long, default_value_t = 30.0)]
    pub seconds: f64,
    /// How much of a file is looked at, in mebibytes; digests are of the whole.
    #[arg(long, default_value = "64")]
    pub megabytes: NonZeroU64,
    /// Remember in this file which files were clean, and pass over them while they and the rules stay the same.
    #[arg(long, value_name = "FILE")]
    pub cache: Option<PathBuf>,
    /// Ask ClamAV's daemon at this socket, too, about what our own engines find clean.
    #[arg(long, value_name = "SOCKET")]
    pub clamd: Option<PathBuf>,
    /// Files and folders. Links below them are not followed.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What to do with rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesCommand {
    /// Compile rules and say which would be left out and why.
    ///
    /// Exits with 0 when all compile, 1 when some are left out, 2 when none can be used.
    Check(RulesCheckArgs),
}

/// Options of `rules check`.
#[derive(Args, Clone, Debug)]
pub struct RulesCheckArgs {
    /// Rule files, or folders with files that end in .yar or .yara.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What to do with Sigma rules.
#[derive(Clone, Debug, Subcommand)]
pub enum SigmaCommand {
    /// Compile Sigma rules and say which would be left out and why.
    ///
    /// Exits with 0 when all compile, 1 when some are left out, 2 when none can be used.
    Check(SigmaCheckArgs),
    /// Say which events fulfil which rules.
    ///
    /// Exits with 0 when no event fulfils a rule, 1 when some do, 2 when something could not be read.
    Match(SigmaMatchArgs),
}

/// Options of `sigma check`.
#[derive(Args, Clone, Debug)]
pub struct SigmaCheckArgs {
    /// Keep only rules that concern this product, such as linux or windows, and those that name none.
    #[arg(long, value_name = "NAME")]
    pub product: Option<String>,
    /// Rule files, or folders with files that end in .yml or .yaml.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Options of `sigma match`.
#[derive(Args, Clone, Debug)]
pub struct SigmaMatchArgs {
    /// Sigma rules: a file, or a folder with files that end in .yml or .yaml. May be given several times. Without it the
    /// rules that every agent carries are used.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Keep only rules that concern this product, such as linux or windows, and those that name none.
    #[arg(long, value_name = "NAME")]
    pub product: Option<String>,
    /// Where events come from that do not tell it themselves: `product=linux,category=process_creation,service=sshd`, or
    /// some of these. Without it such events meet all rules. Windows events and entries of the journal tell it.
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// One line of JSON for each match.
    #[arg(long)]
    pub json: bool,
    /// Files of events: Windows event logs (.evtx), JSON (.json: one event or a list) and lines of JSON (.jsonl), such as
    /// `journalctl -o json` writes; or folders with such files.
    #[arg(required = true, value_name = "EVENTS")]
    pub events: Vec<PathBuf>,
}

/// Options of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Folder that keeps everything: database, keys, the local agent.
    #[arg(long, env = "BALUARDO_STATE", default_value = "state")]
    pub state: PathBuf,
    /// Where the console listens; loopback unless told otherwise.
    #[arg(long, env = "BALUARDO_LISTEN", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// Where agents call; loopback unless told otherwise.
    #[arg(long, env = "BALUARDO_AGENT_LISTEN", default_value = "127.0.0.1:8444")]
    pub agent_listen: SocketAddr,
    /// Host name by which people and agents reach this server; it goes into the certificate and into links.
    #[arg(long, env = "BALUARDO_HOST", default_value = "localhost")]
    pub host: String,
    /// Database: `postgres://USER@HOST/NAME`; without it SQLite in the state folder.
    #[arg(long, env = "BALUARDO_DATABASE")]
    pub database: Option<String>,
    /// Mail server: `smtp://HOST:PORT`, `smtps://USER:PASSWORD@HOST` or `smtp+starttls://…`; without it mail stays in
    /// the local inbox of the console.
    #[arg(long, env = "BALUARDO_SMTP")]
    pub smtp: Option<String>,
    /// Sender of the platform's mail.
    #[arg(long, env = "BALUARDO_MAIL_FROM", default_value = "Baluardo <baluardo@localhost>")]
    pub mail_from: String,
    /// Guard mailboxes also on servers of inner networks and of this machine; whoever may add a mailbox can then reach them.
    #[arg(long, env = "BALUARDO_MAIL_HOSTS_INSIDE")]
    pub mail_hosts_inside: bool,
    /// File (PEM) of certificate authorities whom mail servers and providers of tokens may show beside those that this machine
    /// trusts: of a mail server of one's own. Several times for several.
    #[arg(long, env = "BALUARDO_MAIL_CA", value_name = "FILE", value_delimiter = ',')]
    pub mail_ca: Vec<PathBuf>,
    /// Name of the consortium, used at the first start.
    #[arg(long, env = "BALUARDO_CONSORTIUM", default_value = "Consorzio di prova")]
    pub consortium: String,
    /// Mail address of the first operator, used at the first start.
    #[arg(long, env = "BALUARDO_OPERATOR", default_value = "operatore@localhost.example")]
    pub operator: String,
    /// Let packs of rules be fetched from addresses on this machine and in networks of our own.
    #[arg(long, env = "BALUARDO_PRIVATE_SOURCES", value_parser = clap::value_parser!(bool), num_args = 0..=1,
        default_value = "false", default_missing_value = "true")]
    pub private_sources: bool,
    /// Whom to ask about the health of mail domains.
    #[command(flatten)]
    pub names: NamesArgs,
    /// Do not ask the DNS: the health of mail domains is not looked at.
    #[arg(long, env = "BALUARDO_NO_DNS", value_parser = clap::value_parser!(bool), num_args = 0..=1,
        default_value = "false", default_missing_value = "true")]
    pub no_dns: bool,
    /// Start an agent on this machine too, for a comune made to try things out.
    #[arg(long)]
    pub with_agent: bool,
}

/// Options of `demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// End with one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Folder to work in; a fresh one under the system's folder for temporary files when not given.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Leave the folder behind to look at.
    #[arg(long)]
    pub keep: bool,
}

/// Options of `simulate`.
#[derive(Args, Clone, Debug)]
pub struct SimulateArgs {
    /// The folder to attack. It must hold the marker file that `demo` puts there.
    #[arg(long)]
    pub folder: PathBuf,
    /// How to attack.
    #[arg(long, default_value = "in-place")]
    pub style: String,
}

/// What to do with mail.
#[derive(Clone, Debug, Subcommand)]
pub enum MailCommand {
    /// Judge messages in files, folders, mbox files or standard input (`-`). Needs no server and no network. Ends with 0
    /// when all would be delivered, 1 when something would be stopped, 2 when something could not be read.
    Check(MailCheckArgs),
    /// Look at the health of mail domains: MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT, DNSSEC, with a mark and what to publish. Needs
    /// no server. Ends with 0 when all is well, 1 when something is to be mended, 2 when something could not be found out.
    Domain(MailDomainArgs),
    /// Judge mail where it passes: a filter for Postfix and Sendmail, by the milter protocol. It runs until it is told to
    /// stop. When it does not answer, the mail server asks the sender to try again (`milter_default_action = tempfail`).
    Milter(Box<MilterArgs>),
}

/// Options of `mail milter`.
#[derive(Args, Clone, Debug)]
pub struct MilterArgs {
    /// Where the mail server calls: `inet:127.0.0.1:PORT`, or `unix:/PATH` for a socket in a folder that exists.
    #[arg(long, env = "BALUARDO_MILTER_LISTEN", default_value = "inet:127.0.0.1:8891")]
    pub listen: String,
    /// State folder of the house that this mail belongs to, as for `run`: then each comune's own rules hold, and held messages
    /// wait in its console. Without it the options below hold for all mail, and the mail server holds messages in its own
    /// queue.
    #[arg(long, env = "BALUARDO_STATE")]
    pub state: Option<PathBuf>,
    /// Database of the house, as for `run`.
    #[arg(long, env = "BALUARDO_DATABASE", requires = "state")]
    pub database: Option<String>,
    /// Mail server that takes released messages: `smtp://HOST:PORT`, in front of which this milter stands. Needs --state.
    #[arg(long, env = "BALUARDO_NEXT_HOP", value_name = "ADDRESS", requires = "state")]
    pub next_hop: Option<String>,
    /// Hold suspicious messages of recipients whose comune has no rule. This is what happens without any of these options.
    #[arg(long, group = "suspicion")]
    pub hold: bool,
    /// Deliver them with a mark.
    #[arg(long, group = "suspicion")]
    pub tag_only: bool,
    /// Refuse them, so that their senders hear of it.
    #[arg(long, group = "suspicion")]
    pub refuse: bool,
    /// Deliver with a mark what could not be judged, instead of asking its sender to try again later.
    #[arg(long)]
    pub deliver_unjudged: bool,
    /// The name under which what is found of SPF, DKIM, DMARC and ARC is written into `Authentication-Results`; the mail server's
    /// own name when not given. Such headers under this name that come from outside are removed. With --no-dns it is the name of
    /// a filter before this one whose header is believed; without it none is: whoever sends a message can write one.
    #[arg(long, value_name = "NAME")]
    pub authserv_id: Option<String>,
    /// Name server to ask about senders (SPF, DKIM, DMARC, ARC), several times for several; those of /etc/resolv.conf when not
    /// given.
    #[arg(long, env = "BALUARDO_DNS", value_name = "ADDRESS:PORT", value_delimiter = ',', conflicts_with = "no_dns")]
    pub dns: Vec<SocketAddr>,
    /// Do not ask the DNS: senders are judged by their messages alone.
    #[arg(long)]
    pub no_dns: bool,
    /// Longest time for all questions about one message, in seconds. What is not known by then is said to be so, and the message
    /// goes its way.
    #[arg(long, default_value = "8", value_name = "SECONDS")]
    pub dns_seconds: NonZeroU64,
    /// Check the signatures of the DNS itself (DNSSEC) here. Better leave it to a name server on this machine that does.
    #[arg(long)]
    pub dnssec: bool,
    /// File with the DNSKEY records to begin from instead of the root's own; it switches --dnssec on.
    #[arg(long, value_name = "FILE")]
    pub trust_anchor: Option<PathBuf>,
    /// Believe this domain, and those below it, when it says of a message that it passed on that its author was proven (ARC):
    /// of mailing lists and of who forwards mail to here. Several times for several.
    #[arg(long, value_name = "DOMAIN")]
    pub trust_arc: Vec<String>,
    /// Network from which our own mail comes, beside private ones, such as 192.0.2.0/24: it has nothing to prove. Also for a
    /// filter in front of this one, whose address would be taken for the sender's. Several times for several.
    #[arg(long, value_name = "NETWORK")]
    pub inside: Vec<String>,
    /// Put before the subject of marked messages, such as `[SOSPETTO]`. It breaks the signatures (DKIM) of those messages.
    #[arg(long, default_value = "")]
    pub prefix: String,
    /// Messages judged side by side; one for each core when not given.
    #[arg(long)]
    pub jobs: Option<NonZeroUsize>,
    /// Longest time for one judgement, in seconds, waiting for its turn included.
    #[arg(long, default_value = "30")]
    pub seconds: NonZeroU64,
    /// Largest message that is kept whole, in mebibytes. Of a larger one the head is judged, and only the mail server can hold it.
    #[arg(long, default_value = "50")]
    pub megabytes: NonZeroU32,
    /// Memory for all messages on their way, in mebibytes. Who comes when it is full is asked to try again later.
    #[arg(long, default_value = "512")]
    pub memory: NonZeroU32,
    /// Most connections at once; the mail server asks the senders of further ones to try again later.
    #[arg(long, default_value = "512")]
    pub connections: NonZeroU32,
}

/// Options of `mail check`.
#[derive(Args, Clone, Debug)]
pub struct MailCheckArgs {
    /// One line of JSON for each message, and no summary.
    #[arg(long)]
    pub json: bool,
    /// Language of the reasons: it or en.
    #[arg(long, default_value = "it")]
    pub lang: String,
    /// Files, folders or `-`.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
}
