//! The journal of the guard: one line of JSON for each attack that ended and each document that is back.

use super::places::GuardError;
use crate::report::{End, Report, ReportError, Stop};
use crate::vault::locked;
use baluardo_wire::exchange::EventBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub(super) struct LineJournal {
    path: PathBuf,
    file: Mutex<File>,
}

impl LineJournal {
    /// Opens the journal to write at its end; what earlier runs wrote stays.
    ///
    /// # Errors
    /// [`GuardError::Journal`].
    pub(super) fn open(path: &Path) -> Result<Self, GuardError> {
        let fault = |cause| GuardError::Journal { path: path.to_owned(), cause };
        let file = File::options().create(true).append(true).mode(0o644).open(path).map_err(fault)?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    fn write(&self, line: &Value) {
        let written = locked(&self.file).write_all(format!("{line}\n").as_bytes());
        if let Err(e) = written {
            tracing::warn!("{}: {e}", self.path.display());
        }
    }
}

impl Report for LineJournal {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        match event {
            EventBody::Finding { finding } => {
                for reason in &finding.reasons {
                    tracing::info!(rule = reason.rule, "{}", reason.detail);
                }
                for process in &finding.processes {
                    tracing::info!(pid = process.pid, uid = process.uid, exe = process.exe, "{}", process.cmdline);
                }
            }
            EventBody::FindingStep { step, .. } => {
                tracing::info!(step = ?step.kind, files = step.files, "{}", step.detail);
            }
            _ => {}
        }
        Ok(())
    }

    fn stopped(&self, stop: &Stop) {
        let how = match stop.end {
            End::Killed => "killed",
            End::Refused => "refused",
            End::Over => "over",
        };
        self.write(&json!({
            "event": "stopped",
            "pid": stop.pid,
            "files_touched": stop.files_touched,
            "at": stop.at.rfc3339(),
            "how": how,
            "killed": stop.killed,
        }));
    }

    fn restored(&self, path: &Path) {
        let mut line = json!({ "event": "restored", "path": path.to_string_lossy() });
        if path.to_str().is_none()
            && let Some(line) = line.as_object_mut()
        {
            line.insert("path_base64".to_owned(), Value::String(BASE64.encode(path.as_os_str().as_bytes())));
        }
        self.write(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::Timestamp;
    use std::ffi::OsStr;

    #[test]
    fn each_line_is_json_and_a_name_that_is_not_utf8_keeps_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        std::fs::write(&path, "{\"event\":\"earlier\"}\n").unwrap();
        let journal = LineJournal::open(&path).unwrap();
        let at = Timestamp::from_micros(1_800_000_000_000_000);
        journal.stopped(&Stop { pid: Some(7), killed: vec![7, 8], end: End::Killed, files_touched: 4, at });
        journal.restored(Path::new(OsStr::from_bytes(b"/d/\xff.doc")));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["event"], "earlier");
        assert_eq!((&lines[1]["pid"], &lines[1]["files_touched"]), (&json!(7), &json!(4)));
        assert_eq!(lines[1]["at"], "2027-01-15T08:00:00Z");
        assert_eq!(lines[2]["path_base64"], BASE64.encode(b"/d/\xff.doc"));
    }
}
