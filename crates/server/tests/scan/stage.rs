//! A folder to scan, and the real program.

use baluardo_detect::scan::eicar_test_file;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

    /// The verdict on the file whose path ends so.
    pub(crate) fn verdict(&self, end: &str) -> String {
        let line = self.line(end);
        line["verdict"].as_str().unwrap().to_owned()
    }

    /// The line of the file whose path ends so.
    pub(crate) fn line(&self, end: &str) -> Value {
        let lines = self.lines();
        let found: Vec<&Value> = lines.iter().filter(|line| line["path"].as_str().unwrap().ends_with(end)).collect();
        assert_eq!(found.len(), 1, "one line about {end} in {}", self.out);
        found[0].clone()
    }
}

/// Runs `baluardo` with these arguments.
pub(crate) fn baluardo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    speaking("C", arguments)
}

/// The same in a session of that language.
pub(crate) fn speaking<S: AsRef<OsStr>>(lang: &str, arguments: impl IntoIterator<Item = S>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baluardo"));
    command.args(arguments).env("LC_ALL", lang).stdin(Stdio::null());
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().expect("it ended by itself"),
        out: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `baluardo scan --json` on a path with more arguments.
pub(crate) fn scan(path: &Path, more: &[&str]) -> Ran {
    let fixed = ["scan", "--json"].into_iter().chain(more.iter().copied()).map(OsStr::new);
    baluardo(fixed.chain([path.as_os_str()]))
}

/// Writes a file below the folder and gives its path.
pub(crate) fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Writes EICAR's test file.
pub(crate) fn put_eicar(folder: &Path, name: &str) -> PathBuf {
    put(folder, name, eicar_test_file())
}
