//! The server as a process.

use super::{free_port, wait_for};
use std::fs::OpenOptions;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that runs on a state folder.
pub(crate) struct Server {
    state: PathBuf,
    log: PathBuf,
    args: Vec<String>,
    child: Option<Child>,
}

impl Server {
    /// Starts it with more arguments; it may reach servers on this machine, and asks no DNS.
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Self {
        let args: Vec<String> = ["--no-dns"].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
        Self::with(folder, &args)
    }

    /// Starts it with these arguments beside those that every server needs.
    pub(crate) fn with(folder: &Path, args: &[String]) -> Self {
        let (state, log) = (folder.join("state"), folder.join("server.log"));
        let mut server = Self { state, log, args: args.to_vec(), child: None };
        server.again();
        server
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        let log = || OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let (console, agents) = (free_port(), free_port());
        let child = Command::new(env!("CARGO_BIN_EXE_baluardo"))
            .args(["run", "--mail-hosts-inside", "--listen", &format!("127.0.0.1:{console}")])
            .args(["--agent-listen", &format!("127.0.0.1:{agents}"), "--state"])
            .arg(&self.state)
            .args(&self.args)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log())
            .stderr(log())
            .spawn()
            .unwrap();
        self.child = Some(child);
        wait_for("the server listens", || TcpStream::connect(("127.0.0.1", console)).ok());
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.said());
        }
    }
}
