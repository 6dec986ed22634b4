//! Rules and events in a folder, and the real program.

use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A rule on process starts of Windows.
pub(crate) const RULE: &str = "title: Somebody asks who he is
id: 11111111-2222-3333-4444-555555555555
title_it: Qualcuno chiede chi è
level: high
tags:
  - attack.t1033
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\\whoami.exe'
  condition: selection
";

/// What a run printed and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The lines of JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

/// Runs `baluardo sigma` with these arguments.
pub(crate) fn sigma<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    speaking("C", arguments)
}

/// The same in a session of that language.
pub(crate) fn speaking<S: AsRef<OsStr>>(lang: &str, arguments: impl IntoIterator<Item = S>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo"));
    command.arg("sigma").args(arguments).env("LC_ALL", lang).stdin(Stdio::null());
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().expect("it ended by itself"),
        out: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Writes a file below the folder and gives its path.
pub(crate) fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A process start as Sysmon tells it, as a line of JSON.
pub(crate) fn start(image: &str) -> String {
    let event = serde_json::json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-02T03:04:05.123Z"}},
        },
        "EventData": {"Image": image, "CommandLine": "x"},
    }});
    format!("{event}\n")
}
