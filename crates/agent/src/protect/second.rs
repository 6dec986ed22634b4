//! A second opinion of ClamAV, where its daemon runs and the settings name its socket: asked without hurry about what our own
//! engines found clean, never while somebody waits for a file.

use super::core::Core;
use crate::platform::place::Look;
use crate::vault::locked;
use baluardo_detect::clamd::{Answer, ask};
use baluardo_detect::scan::Verdict;
use baluardo_model::protection::{Reason, Severity};
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// Longest wait for one step of the line.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who is asked.
#[derive(Debug, Default)]
pub(crate) struct Second {
    socket: Option<PathBuf>,
    /// Why it did not answer the last time; empty when it did.
    trouble: Mutex<String>,
}

impl Second {
    pub(crate) fn new(socket: Option<PathBuf>) -> Self {
        Self { socket, trouble: Mutex::default() }
    }

    /// What it knows of the file, as a verdict; nothing where nobody is asked, or nothing is known.
    pub(crate) fn opinion(
        &self,
        core: &Core,
        file: &mut File,
        look: &Look,
        sha256: impl FnOnce(&[u8]) -> String,
    ) -> Option<Verdict> {
        let socket = self.socket.as_ref()?;
        let most = core.rules().policy.max_file_bytes;
        if look.stamp.size > most {
            return None;
        }
        let mut asked = || -> io::Result<(Answer, Vec<u8>)> {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.take(most).read_to_end(&mut bytes)?;
            let mut line = UnixStream::connect(socket)?;
            line.set_read_timeout(Some(PATIENCE))?;
            line.set_write_timeout(Some(PATIENCE))?;
            Ok((ask(&mut line, &bytes)?, bytes))
        };
        let (answer, trouble) = match asked() {
            Ok((answer, bytes)) => (Some((answer, bytes)), String::new()),
            Err(error) => (None, format!("clamd does not answer at {}: {error}", socket.display())),
        };
        let mut before = locked(&self.trouble);
        if *before != trouble && !trouble.is_empty() {
            tracing::warn!("{trouble}");
        }
        *before = trouble;
        drop(before);
        let (Answer::Found(name), bytes) = answer? else { return None };
        let detail = "ClamAV knows this file".to_owned();
        Some(Verdict {
            sha256: sha256(&bytes),
            reasons: vec![Reason { engine: "clamav".to_owned(), rule: name, detail }],
            suspicions: Vec::new(),
            severity: Severity::High,
            techniques: Vec::new(),
            complete: true,
        })
    }

    /// What people should know; empty when all is well.
    pub(crate) fn note(&self) -> String {
        locked(&self.trouble).clone()
    }
}
