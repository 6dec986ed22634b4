//! The server under test: the real `baluardo run`, in a process of its own, with its own limits.

use crate::process::Process;
use crate::stage::{HOST, Stage};
use anyhow::{Context as _, bail};
use baluardo_server::agent_process;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long a server may take until its door for agents answers.
const READY: Duration = Duration::from_secs(30);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) process: Process,
    pub(crate) log: PathBuf,
}

/// A port of this machine that nobody holds just now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Host and port by which agents call.
pub(crate) fn address(port: u16) -> String {
    format!("{HOST}:{port}")
}

impl Server {
    /// Starts it on a stage and waits until it answers.
    pub(crate) async fn start(stage: &Stage, port: u16) -> anyhow::Result<Self> {
        let log = stage.join("server.log");
        let program = std::env::current_exe()?.with_file_name("baluardo");
        let mut command = Command::new(&program);
        command.arg("run").arg("--state").arg(stage.state()).args(["--listen", "127.0.0.1:0", "--host", HOST]);
        command.arg("--agent-listen").arg(format!("127.0.0.1:{port}")).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(std::fs::File::create(&log)?);
        let child = command.spawn().with_context(|| format!("{} could not be started", program.display()))?;
        let process = Process::of(child.id());
        let server = Self { child, process, log };
        wait_for_port(port).await.with_context(|| server.said())?;
        Ok(server)
    }

    /// Stops it in order.
    pub(crate) async fn stop(self) {
        agent_process::end(self.child).await;
    }

    /// What it wrote, for whoever looks for the reason of a failure.
    pub(crate) fn said(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let from = log.len().saturating_sub(2_000);
        format!("the server said: {}", log.get(from..).unwrap_or_default())
    }
}

/// Waits until somebody listens on a port of this machine.
pub(crate) async fn wait_for_port(port: u16) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY;
    while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.is_err() {
        if Instant::now() > deadline {
            bail!("nobody listens on port {port} after {} seconds", READY.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
