//! The command line: what can be asked, what comes back, and with which exit code.

use crate::identity::enrol::EnrolError;
use crate::identity::saved::Identity;
use crate::identity::state_dir::{StateDir, StateError};
use crate::link::call::CallError;
use crate::link::contact::Contact;
use crate::protect::rollback::in_words;
use crate::run::RunError;
use baluardo_model::fleet::Coverage;
use baluardo_model::rollback::{Rollback, in_english};
use baluardo_model::{Clock, Timestamp};
use clap::{Parser, Subcommand};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Where the agent keeps its state if nothing else is said.
const STATE: &str = "/var/lib/baluardo-agent";

/// What `--help` says of exit codes.
const EXIT_CODES: &str = "Exit codes:
  0  all went well
  1  it failed; the message says why and what to do
  2  the command line was wrong
  3  this computer is not enrolled
  4  this computer is already enrolled
  5  the server refused
  6  the server could not be reached, or is not the right one

Settings: STATE/config.json, all optional: {\"spool_bytes\": 67108864, \"server\": \"host:port\",
\"log_files\": [\"/var/log/auth.log\"]}; log_files are read in place of the journal";

/// Guards this computer and reports to the comune's console.
#[derive(Debug, Parser)]
#[command(name = "baluardo-agent", after_help = EXIT_CODES, disable_version_flag = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make this computer known to the server, once, with the token that the console shows.
    Enrol {
        /// Folder for the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// Address of the server (host:port), instead of the one in the token.
        #[arg(long)]
        server: Option<String>,
        /// The token: one line that begins with BAL1.
        token: String,
    },
    /// Protect this computer until stopped (SIGTERM or Ctrl-C).
    Run {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
    },
    /// Guard folders against ransomware, alone: without a server and without enrolment, until stopped (SIGTERM or Ctrl-C).
    #[command(after_help = GUARD_HELP)]
    Guard(GuardArgs),
    /// Say how the agent on this computer is.
    Status {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// One line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give this computer its network back before the time, with the code that the console shows on its page.
    Rejoin {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// The code, however it is spaced.
        #[arg(long)]
        code: String,
    },
    /// Put a guarded folder back to a moment, from the copies on this computer; what lies there now is kept and can come back.
    Rollback {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// The folder, with all that lies below it.
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        /// The moment, such as "2026-11-22 14:30" (time of Italy) or 2026-11-22T14:30:00+01:00.
        #[arg(long, value_name = "TIME")]
        to: String,
        /// Only say what it would do.
        #[arg(long)]
        dry_run: bool,
    },
    /// Let the agent be stopped and removed on this computer for a quarter of an hour, with the code that the console shows on its page.
    Unlock {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// The code, however it is spaced.
        #[arg(long)]
        code: String,
    },
    /// Say by the exit code whether the agent may be stopped now: 0 yes, 1 no. The package asks it before it is removed.
    MayStop {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
    },
    /// Note this very program as the one that belongs on this computer; a package runs it once its files are in place. Any other program
    /// that is found there is told as tampering.
    Installed {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
    },
    /// Gather what this computer knows (programs, connections, log-ins, logs) into one compressed package with its digests.
    Evidence {
        /// Folder of the agent's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// The package, such as evidence.tar.gz; a file that is there stays.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Why; it goes into the package.
        #[arg(long, default_value = "asked for on this computer")]
        reason: String,
        /// Add quarantined files, sealed: only this computer's key opens them.
        #[arg(long)]
        sealed: bool,
    },
    /// Say which version this is.
    Version,
}

/// What `guard --help` says of its output.
const GUARD_HELP: &str = "Output: `ready` on standard output, alone on its line, once every document is in the vault and the sensors see.
Journal: one line of JSON for each attack that was stopped, and one for each document that was put back.
  {\"event\":\"stopped\",\"pid\":1234,\"files_touched\":4,\"at\":\"2026-11-22T08:00:00Z\",\"how\":\"killed\",\"killed\":[1234,1235]}
  {\"event\":\"restored\",\"path\":\"/srv/documents/a.odt\"}
`pid` is the first process of the tree that attacked; `how` is killed, refused (it was refused every file and ended) or over
(it had ended before it could be stopped). A name that is not UTF-8 comes also as `path_base64`.
Bait files are placed in guarded folders while the guard runs and go when it ends. Root sees and stops more than an ordinary user.";

/// What `guard` takes.
#[derive(Debug, clap::Args)]
pub struct GuardArgs {
    /// Folder whose documents are guarded, with all that lies below it; may be given several times.
    #[arg(long, required = true, value_name = "DIR")]
    pub protect: Vec<PathBuf>,
    /// Folder for the copies, made when missing; nobody else should use it.
    #[arg(long, value_name = "DIR")]
    pub vault: PathBuf,
    /// File to which what happens is appended, one line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub journal: PathBuf,
    /// Most mebibytes of disk that the copies may use.
    #[arg(long, value_name = "MIB", default_value_t = 16_384, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub vault_mib: u64,
    /// Largest file that is kept, in mebibytes.
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub file_mib: u64,
}

/// The exit code of an enrolment that failed.
#[must_use]
pub fn enrol_exit(error: &EnrolError) -> u8 {
    match error {
        EnrolError::Already { .. } => 4,
        EnrolError::Call(CallError::Refused(_)) => 5,
        EnrolError::Call(CallError::Address(_)) => 2,
        EnrolError::Call(_) => 6,
        EnrolError::Token(_)
        | EnrolError::State(_)
        | EnrolError::Spool(_)
        | EnrolError::Key(_)
        | EnrolError::Tls(_)
        | EnrolError::Answer(_) => 1,
    }
}

/// The exit code of a run that failed.
#[must_use]
pub fn run_exit(error: &RunError) -> u8 {
    if matches!(error, RunError::NotEnrolled) { 3 } else { 1 }
}

/// What `rollback` says.
#[must_use]
pub fn rollback_text(rollback: &Rollback) -> String {
    let mut text = format!("{}\n", in_words(rollback));
    for stuck in &rollback.stuck {
        let _ = writeln!(text, "cannot be put back: {}: {}", stuck.path, in_english(&stuck.why));
    }
    for path in &rollback.open {
        let _ = writeln!(text, "open in a program: {path}");
    }
    text
}

/// What `status` says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// Whether this computer is enrolled.
    pub enrolled: bool,
    /// Whether an agent works in the state folder now.
    pub running: bool,
    /// Host and port of the server.
    pub server: Option<String>,
    /// The device's id.
    pub device: Option<String>,
    /// When the server last answered well, RFC 3339.
    pub last_contact: Option<String>,
    /// What is wrong with the link, empty when nothing is.
    pub trouble: String,
    /// Events that wait for the server.
    pub backlog: u64,
    /// What is guarded, as the last run said.
    pub coverage: Option<Coverage>,
    /// Why not more.
    pub coverage_note: String,
    /// The policy that is followed.
    pub policy_version: Option<u64>,
    /// When the certificate ends, RFC 3339.
    pub certificate_ends: Option<String>,
    /// What must be known of its end; empty while that is far.
    pub certificate_warning: String,
}

impl StatusReport {
    /// Looks at `state` without changing it.
    ///
    /// # Errors
    /// [`StateError`] when what enrolment left cannot be read.
    pub fn of(state: &StateDir, clock: &dyn Clock) -> Result<Self, StateError> {
        let identity = Identity::load(state)?;
        let contact = Contact::load(state);
        let warning = identity.as_ref().and_then(|identity| identity.certificate_warning(clock.now()));
        Ok(Self {
            enrolled: identity.is_some(),
            running: state.in_use(),
            server: identity.as_ref().map(|identity| identity.server.clone()),
            device: identity.as_ref().map(|identity| identity.device.to_string()),
            last_contact: contact.as_ref().and_then(|contact| contact.last_contact).map(Timestamp::rfc3339),
            trouble: contact.as_ref().map(|contact| contact.trouble.clone()).unwrap_or_default(),
            backlog: contact.as_ref().map_or(0, |contact| contact.backlog),
            coverage: contact.as_ref().map(|contact| contact.coverage),
            coverage_note: contact.as_ref().map(|contact| contact.coverage_note.clone()).unwrap_or_default(),
            policy_version: contact.as_ref().map(|contact| contact.policy_version),
            certificate_ends: identity.as_ref().map(|identity| identity.expires_at.rfc3339()),
            certificate_warning: warning.unwrap_or_default(),
        })
    }

    /// The same for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let yes = |yes| if yes { "yes" } else { "no" };
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "{name:<14}{value}");
            }
        };
        line("enrolled", yes(self.enrolled));
        if !self.enrolled {
            line("to enrol", "in the console choose Devices, Add a computer, and run here the command that is shown");
            return text;
        }
        line("running", yes(self.running));
        line("server", self.server.as_deref().unwrap_or_default());
        line("device", self.device.as_deref().unwrap_or_default());
        line("last contact", self.last_contact.as_deref().unwrap_or("never"));
        line("trouble", &self.trouble);
        line("backlog", &format!("{} events wait for the server", self.backlog));
        line("coverage", coverage_words(self.coverage));
        line("", &self.coverage_note);
        line("policy", &self.policy_version.map(|version| version.to_string()).unwrap_or_default());
        line("certificate", &format!("until {}", self.certificate_ends.as_deref().unwrap_or("unknown")));
        line("", &self.certificate_warning);
        text
    }
}

fn coverage_words(coverage: Option<Coverage>) -> &'static str {
    match coverage {
        Some(Coverage::Blocking) => "files are judged before they open",
        Some(Coverage::Detecting) => "files are judged just after they are written",
        Some(Coverage::None) => "nothing is watched",
        None => "not known: the agent has not run yet",
    }
}
