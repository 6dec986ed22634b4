//! `run`: protection first, then the link. Protection starts whether the server can be reached or not.

use crate::config::Config;
use crate::duty::Duty;
use crate::identity::saved::Identity;
use crate::identity::state_dir::{StateDir, StateError};
use crate::integrity::{Checked, Places, at_start};
use crate::link::drive::{Link, LinkError, LinkParts, LinkWaits};
use crate::link::journal::Journal;
use crate::report::Report;
use crate::spool::disk::{RealDisk, SpoolDisk};
use crate::spool::{Spool, SpoolError, SpoolSettings};
use baluardo_model::{Chance, Clock};
use baluardo_wire::exchange::EventBody;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Not enrolled.
    #[error(
        "this computer is not enrolled yet: in the console choose Devices, Add a computer, and run here the command that \
         is shown (baluardo-agent enrol TOKEN)"
    )]
    NotEnrolled,
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The spool failed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The journal of orders failed.
    #[error("{path}: {cause}; check the disk, and that the agent runs as the user who owns the state folder")]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Protection could not start.
    #[error("protection could not start: {0}")]
    Protection(String),
    /// The link could not start.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The operating system gave no runtime.
    #[error("the agent could not start: {0}")]
    Runtime(io::Error),
}

/// What protection is started with: where to report, what was looked at before with the policy to follow, and who this is.
pub type StartProtection<'a> =
    dyn FnOnce(Arc<dyn Report>, Checked, &Identity) -> Result<Arc<dyn Duty>, String> + Send + 'a;

/// Runs the agent on `state` until `stop` ends.
///
/// # Errors
/// See [`RunError`]: only what keeps it from starting. A server that is away is no error.
pub fn run(
    state: &StateDir,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    start: Box<StartProtection<'_>>,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let Some(mut identity) = Identity::load(state)? else { return Err(RunError::NotEnrolled) };
    let _lock = state.lock()?;
    let checked = at_start(state, &identity, &Places::here(), &*clock, &*chance)?;
    let config = Config::load(state)?;
    if let Some(server) = config.server {
        identity.server = server;
    }
    let disk: Arc<dyn SpoolDisk> = Arc::new(RealDisk);
    let mut settings = SpoolSettings::in_folder(state.file("spool"));
    settings.max_bytes = config.spool_bytes;
    let spool = Arc::new(Spool::open(settings, Arc::clone(&disk), Arc::clone(&clock), &*chance)?);
    let journal_path = state.file("orders");
    let journal =
        Journal::open(journal_path.clone(), disk).map_err(|cause| RunError::Journal { path: journal_path, cause })?;
    let report: Arc<dyn Report> = Arc::<Spool>::clone(&spool);
    for wrong in &checked.wrong {
        let finding = Box::new(wrong.finding(clock.now(), &*chance));
        if let Err(error) = report.report(EventBody::Finding { finding }) {
            tracing::warn!("{error}");
        }
    }
    let duty = start(report, checked, &identity).map_err(RunError::Protection)?;
    let state = state.clone();
    let parts = LinkParts { identity, state, spool, journal, duty, clock, chance, waits: LinkWaits::default() };
    drive(parts, stop)
}

/// One thread for everything of the link: memory counts more than speed here.
fn drive(parts: LinkParts, stop: impl Future<Output = ()>) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build()
        .map_err(RunError::Runtime)?;
    let link = Link::new(parts)?;
    runtime.block_on(async {
        tokio::select! {
            () = link.drive() => {}
            () = stop => tracing::info!("stopping; what waits for the server stays on the disk"),
        }
    });
    // An order that is being carried out is not waited for: it is safe to break off, and comes again.
    runtime.shutdown_background();
    Ok(())
}
