//! The agent as a process beside this one: found, enrolled, started, ended.

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long the agent may take to stop in order before it is killed.
const STOPPING: Duration = Duration::from_secs(10);

/// Exit code of the agent's `status` that says: not enrolled (see the agent's help).
const NOT_ENROLLED: i32 = 3;

/// The agent's program, which is built beside this one.
///
/// # Errors
/// When it is not there.
pub fn program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("baluardo-agent");
    if !program.is_file() {
        bail!("{} is missing: build the whole workspace (make run does)", program.display());
    }
    Ok(program)
}

/// Whether the agent of this state folder is enrolled.
///
/// # Errors
/// When the agent cannot be started.
pub async fn enrolled(program: &Path, state: &Path) -> anyhow::Result<bool> {
    let asked = Command::new(program).arg("status").arg("--state").arg(state).output().await?;
    Ok(asked.status.code() != Some(NOT_ENROLLED))
}

/// Enrols the agent with a token's line.
///
/// # Errors
/// What the agent says.
pub async fn enrol(program: &Path, state: &Path, line: &str) -> anyhow::Result<()> {
    let done = Command::new(program)
        .arg("enrol")
        .arg("--state")
        .arg(state)
        .arg(line)
        .output()
        .await
        .context("the agent could not be started")?;
    if !done.status.success() {
        bail!("the agent could not enrol: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}

/// Starts the agent.
///
/// # Errors
/// What the system says.
pub fn spawn(program: &Path, state: &Path) -> anyhow::Result<Child> {
    Command::new(program)
        .arg("run")
        .arg("--state")
        .arg(state)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} could not be started", program.display()))
}

/// Stops the agent in order, or kills it when it does not listen.
pub async fn end(mut child: Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // A child that ended meanwhile cannot be told any more.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    if tokio::time::timeout(STOPPING, child.wait()).await.is_err() {
        drop(child.kill().await);
    }
}
