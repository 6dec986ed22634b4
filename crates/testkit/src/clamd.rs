//! Debian's ClamAV daemon, with signatures of a test's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The daemon.
const PROGRAM: &str = "/usr/sbin/clamd";

/// Longer than it takes on a busy machine.
const READY: Duration = Duration::from_secs(120);

/// A running daemon; it ends when this is dropped.
#[derive(Debug)]
pub struct Clamd {
    child: Child,
    /// Where it listens.
    pub socket: PathBuf,
}

impl Clamd {
    /// Starts it in `folder` with signatures in the form of `.hdb`, one in each line; nothing where it is not installed.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(folder: &Path, signatures: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let (conf, socket, database) =
            (folder.join("clamd.conf"), folder.join("clamd.socket"), folder.join("signatures"));
        std::fs::create_dir_all(&database).unwrap();
        std::fs::write(database.join("test.hdb"), signatures).unwrap();
        let (listens, log) = (socket.display(), folder.join("clamd.log"));
        let text =
            format!("LocalSocket {listens}\nLogFile {}\nDatabaseDirectory {}\n", log.display(), database.display());
        std::fs::write(&conf, text).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("--foreground").arg("--config-file").arg(&conf);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !socket.exists() {
            let ended = child.try_wait().unwrap();
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none() && begun.elapsed() < READY, "clamd does not listen ({ended:?}): {}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { child, socket })
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
