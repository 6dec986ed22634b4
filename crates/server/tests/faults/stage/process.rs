//! The two programs as processes: started, killed without a warning, started again.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The agent's program beside the server's.
pub(crate) fn agent_program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_baluardo")).with_file_name("baluardo-agent");
    assert!(
        program.is_file(),
        "{} is missing: this test needs both programs; run it with --workspace, or first: cargo build -p baluardo-agent",
        program.display()
    );
    program
}

/// A program that runs now and then.
pub(crate) struct Process {
    program: PathBuf,
    args: Vec<String>,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    /// Not running yet; what it says goes to `log`.
    pub(crate) fn new(program: PathBuf, args: Vec<String>, log: PathBuf) -> Self {
        Self { program, args, log, child: None }
    }

    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.program.display());
        self.child = Some(
            Command::new(&self.program)
                .args(&self.args)
                .stdin(Stdio::null())
                .stdout(log_file(&self.log))
                .stderr(log_file(&self.log))
                .spawn()
                .unwrap(),
        );
    }

    /// Ends it with SIGKILL, as a power cut would; nothing when it does not run.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let ended_before = child.try_wait().unwrap();
            assert!(
                ended_before.is_none(),
                "{} ended by itself ({ended_before:?}):\n{}",
                self.program.display(),
                self.tail()
            );
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The last lines that it said.
    pub(crate) fn tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Whether it ever said this.
    pub(crate) fn said(&self, words: &str) -> bool {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).contains(words)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the end of {}:\n{}", self.log.display(), self.tail());
        }
    }
}

fn log_file(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}
