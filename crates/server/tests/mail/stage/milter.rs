//! The milter as a process.

use super::{free_port, wait_for};
use std::fs::{File, OpenOptions};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A milter that runs, on a port that stays the same when it is killed and started again.
pub(crate) struct Milter {
    pub(crate) port: u16,
    pub(crate) log: PathBuf,
    args: Vec<String>,
    child: Option<Child>,
}

impl Milter {
    /// Starts it with more arguments; what it says goes to a file in `folder`.
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let mut milter = Self { port: free_port(), log: folder.join("milter.log"), args, child: None };
        milter.again();
        milter
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        assert!(self.child.is_none(), "the milter runs already");
        let child = Command::new(env!("CARGO_BIN_EXE_baluardo"))
            .args(["mail", "milter", "--listen", &format!("inet:127.0.0.1:{}", self.port)])
            .args(&self.args)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log_file(&self.log))
            .stderr(log_file(&self.log))
            .spawn()
            .unwrap();
        self.child = Some(child);
        wait_for("the milter listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
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

impl Drop for Milter {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the milter said:\n{}", self.said());
        }
    }
}

fn log_file(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}
