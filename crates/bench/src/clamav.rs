//! The peer at rest: Debian's ClamAV with its on-access scanner, guarding a folder like ours.
//!
//! It gets one signature, the EICAR test file's, because its own come by a download. With them it holds much more
//! memory, so its figure here is the least that it can be.

use crate::process::Process;
use anyhow::{Context as _, bail};
use baluardo_server::agent_process;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long the daemon may take to listen.
const READY: Duration = Duration::from_secs(30);

/// MD5 and length of the EICAR test file, as a signature of ClamAV.
const SIGNATURE: &str = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n";

/// A running daemon with its on-access scanner.
#[derive(Debug)]
pub(crate) struct ClamAv {
    daemon: Child,
    watcher: Child,
    pub(crate) process: Process,
}

fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin"].iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

impl ClamAv {
    /// Starts it over `guarded`, with everything of its own in `folder`; nothing when it is not installed.
    pub(crate) async fn start(folder: &Path, guarded: &Path) -> anyhow::Result<Option<Self>> {
        let (Some(clamd), Some(clamonacc)) = (program("clamd"), program("clamonacc")) else { return Ok(None) };
        std::fs::create_dir_all(folder.join("db"))?;
        std::fs::write(folder.join("db/test.hdb"), SIGNATURE)?;
        let (conf, socket) = (folder.join("clamd.conf"), folder.join("socket"));
        std::fs::write(&conf, configuration(folder, guarded))?;
        let mut daemon = spawn(&clamd, &conf)?;
        let deadline = Instant::now() + READY;
        while !socket.exists() {
            if let Some(status) = daemon.try_wait()? {
                let said = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                bail!("clamd ended ({status}): {said}");
            }
            if Instant::now() > deadline {
                bail!("clamd does not listen after {} seconds", READY.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let watcher = spawn(&clamonacc, &conf)?;
        let pids = [daemon.id(), watcher.id()].into_iter().flatten();
        Ok(Some(Self { process: Process::of(pids), daemon, watcher }))
    }

    /// Stops both, the one that holds files back first.
    pub(crate) async fn stop(self) {
        agent_process::end(self.watcher).await;
        agent_process::end(self.daemon).await;
    }
}

fn spawn(program: &Path, conf: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.arg("--foreground").arg("--config-file").arg(conf);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().with_context(|| format!("{} could not be started", program.display()))
}

fn configuration(folder: &Path, guarded: &Path) -> String {
    let (folder, guarded) = (folder.display(), guarded.display());
    format!(
        "LocalSocket {folder}/socket
LogFile {folder}/log
DatabaseDirectory {folder}/db
OnAccessIncludePath {guarded}
OnAccessPrevention yes
OnAccessExcludeRootUID yes
"
    )
}
