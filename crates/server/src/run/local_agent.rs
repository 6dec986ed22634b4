//! The agent of this machine, for trying things out: enrolled under the consortium's own name, guarding one folder of
//! made-up documents inside the state folder.

use super::Running;
use crate::agent_process;
use crate::demo::office;
use anyhow::Context as _;
use baluardo_model::identity::Actor;
use baluardo_service::fleet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How many made-up documents the folder gets.
const DOCUMENTS: usize = 24;

/// How long to wait before an agent that ended by itself is started again.
const RESTART: Duration = Duration::from_secs(5);

/// The name of the folder to try things in, inside the state folder.
pub(super) const FOLDER: &str = "try-here";

/// A running agent.
#[derive(Debug)]
pub(super) struct LocalAgent {
    /// The folder that it guards.
    pub(super) folder: PathBuf,
    stop: oneshot::Sender<()>,
    watcher: JoinHandle<()>,
}

impl LocalAgent {
    /// Enrols the agent at the first start, then runs it and keeps it running.
    pub(super) async fn start(running: &Running, state: &Path) -> anyhow::Result<Self> {
        let program = agent_process::program()?;
        let state = state.canonicalize()?;
        let folder = state.join(FOLDER);
        if !folder.exists() {
            office::fill(&folder, DOCUMENTS).context("the folder to try things in cannot be filled")?;
        }
        let agent_state = state.join("agent");
        if !agent_process::enrolled(&program, &agent_state).await? {
            let tenant = running.consortium.id;
            let ticket = fleet::create_enrol_token(&running.house, &Actor::Platform, tenant, "questo computer").await?;
            agent_process::enrol(&program, &agent_state, &ticket.line).await?;
        }
        let child = agent_process::spawn(&program, &agent_state)?;
        let (stop, stopped) = oneshot::channel();
        let watcher = tokio::spawn(keep_running(child, program, agent_state, stopped));
        Ok(Self { folder, stop, watcher })
    }

    /// Stops the agent in order.
    pub(super) async fn stop(self) {
        // The watcher is gone only if it panicked; then there is nobody to tell.
        let _ = self.stop.send(());
        drop(self.watcher.await);
    }
}

async fn keep_running(mut child: Child, program: PathBuf, agent_state: PathBuf, mut stopped: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ = &mut stopped => return agent_process::end(child).await,
            ended = child.wait() => {
                tracing::warn!(?ended, "the agent of this machine ended; it is started again");
            }
        }
        tokio::select! {
            _ = &mut stopped => return,
            () = tokio::time::sleep(RESTART) => {}
        }
        match agent_process::spawn(&program, &agent_state) {
            Ok(again) => child = again,
            Err(error) => return tracing::error!(%error, "the agent of this machine could not be started again"),
        }
    }
}
