//! What can be said to `baluardo admin`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Options of `admin`.
#[derive(Args, Clone, Debug)]
pub struct AdminArgs {
    /// Folder of the installation.
    #[arg(long, env = "BALUARDO_STATE", default_value = "state", global = true)]
    pub state: PathBuf,
    /// Database, as for `run`.
    #[arg(long, env = "BALUARDO_DATABASE", global = true)]
    pub database: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: AdminCommand,
}

/// What to look after.
#[derive(Clone, Debug, Subcommand)]
pub enum AdminCommand {
    /// Tokens for the JSON API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check that nobody changed a line of the audit log of any tenant.
    CheckAudit,
    /// Packs of rules and indicators for devices.
    #[command(subcommand)]
    Packs(PacksCommand),
    /// What receivers say of mail in the name of the comuni's domains.
    #[command(subcommand)]
    Dmarc(DmarcCommand),
    /// What is publicly known of vulnerabilities in programs.
    #[command(subcommand)]
    Vulnerabilities(VulnerabilitiesCommand),
}

/// What to do with packs.
#[derive(Clone, Debug, Subcommand)]
pub enum PacksCommand {
    /// Bring in YARA rules, lists of digests (also ClamAV's .hdb and .hsb) and MISP warninglists as one pack, and hand it to
    /// the devices; one of the same name is replaced. Prints what of it is in force.
    Import(PackImportArgs),
}

/// Options of `admin packs import`.
#[derive(Args, Clone, Debug)]
pub struct PackImportArgs {
    /// Tenant whose pack it is; the consortium when not given.
    #[arg(long)]
    pub tenant: Option<String>,
    /// What people call it.
    #[arg(long)]
    pub name: String,
    /// Have the server fetch the address again after so many hours, 1 to 720, and take the pack in when it changed.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u64).range(1..=720))]
    pub every: Option<u64>,
    /// Let the address lie on this machine or in a network of our own.
    #[arg(long)]
    pub private: bool,
    /// Files, and folders of which all files are taken that end in .yar, .yara, .hdb, .hsb, .txt, .csv or .json; or one address
    /// that begins with https:// (or with http:// on this machine) of such a file, or of a .zip of them.
    #[arg(required = true, value_name = "PATH|URL")]
    pub paths: Vec<PathBuf>,
}

/// What to do with DMARC reports.
#[derive(Clone, Debug, Subcommand)]
pub enum DmarcCommand {
    /// Bring in aggregate reports, each for the comune that answers for its domain: XML, .gz, .zip, or messages that carry them.
    Import {
        /// Files, and folders of which all files are taken.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

/// What to do with known vulnerabilities.
#[derive(Clone, Debug, Subcommand)]
pub enum VulnerabilitiesCommand {
    /// Take in Debian's security tracker (its data/json) or records in the form of OSV: a .json, a .jsonl, or a .zip of many.
    /// What was imported of the same kind before is replaced in one step; after an error it stays as it was.
    Import {
        /// A file, or an address that begins with https:// (or with http:// on this machine).
        #[arg(value_name = "FILE|URL")]
        from: String,
    },
}

/// What to do with tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it once.
    Create {
        /// Tenant that the token belongs to; the consortium when not given.
        #[arg(long)]
        tenant: Option<String>,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// Scopes, separated by commas: `findings.read,devices.read`.
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// Days until it ends.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}
