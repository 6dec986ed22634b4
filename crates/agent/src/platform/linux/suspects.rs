//! Who wrote, where the kernel does not say: the processes of the same user that hold guarded files open, and how much
//! they write, looked at while it happens.

use super::process::{Process, numbers};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What speaks against one process.
#[derive(Clone, Debug)]
struct Evidence {
    process: Process,
    /// How often it held a guarded file open for writing.
    writing: u32,
    /// How often it held a guarded file open at all.
    reading: u32,
    /// Different guarded files that it was seen to hold.
    files: Vec<PathBuf>,
    /// Those of them that it held open for writing.
    written: Vec<PathBuf>,
    /// Write calls when it was first and last seen.
    first_calls: u64,
    last_calls: u64,
}

/// The processes that were seen at guarded files.
#[derive(Default)]
pub struct Suspects {
    evidence: HashMap<u32, Evidence>,
}

/// Most files remembered of one process.
const MOST_FILES: usize = 64;
/// Different files that a process must have been seen to hold before it is named.
const FILES_NEEDED: usize = 2;

impl Suspects {
    /// Looks at all processes of this user once.
    pub fn sample(&mut self, folders: &[PathBuf], untouchable: &[u32]) {
        for pid in numbers().filter(|pid| !untouchable.contains(pid)) {
            let known = self.evidence.contains_key(&pid);
            let held = held_files(pid, folders);
            if held.is_empty() && !known {
                continue;
            }
            let Some(process) = Process::read(pid) else { continue };
            let calls = write_calls(pid);
            let fresh = || Evidence {
                process: process.clone(),
                writing: 0,
                reading: 0,
                files: Vec::new(),
                written: Vec::new(),
                first_calls: calls,
                last_calls: calls,
            };
            let entry = self.evidence.entry(pid).or_insert_with(fresh);
            if entry.process.started != process.started {
                *entry = fresh();
            }
            entry.last_calls = calls;
            for (path, writes) in held {
                if writes {
                    entry.writing += 1;
                } else {
                    entry.reading += 1;
                }
                let lists = [Some(&mut entry.files), writes.then_some(&mut entry.written)];
                for list in lists.into_iter().flatten().filter(|list| list.len() < MOST_FILES && !list.contains(&path))
                {
                    list.push(path.clone());
                }
            }
        }
        self.evidence.retain(|_, evidence| evidence.process.runs());
    }

    /// The process against which most speaks, if enough does: it wrote, and it was seen to hold one of the `harmed` files
    /// open for writing, or several guarded files.
    #[must_use]
    pub fn culprit(&self, harmed: &[PathBuf]) -> Option<Process> {
        let convicted = |e: &Evidence| e.written.iter().any(|path| harmed.contains(path));
        self.evidence
            .values()
            .filter(|e| e.writing > 0 && e.last_calls > 0)
            .filter(|e| convicted(e) || (e.files.len() >= FILES_NEEDED && e.last_calls > e.first_calls))
            .max_by_key(|e| (convicted(e), e.writing, e.reading, e.last_calls - e.first_calls))
            .map(|e| e.process.clone())
    }

    /// Forgets everything: the folders are quiet.
    pub fn clear(&mut self) {
        self.evidence.clear();
    }

    /// Whether anything is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.evidence.is_empty()
    }
}

/// The files under `folders` that a process holds open, and whether for writing.
fn held_files(pid: u32, folders: &[PathBuf]) -> Vec<(PathBuf, bool)> {
    let mut held = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
        let Ok(path) = fs::read_link(entry.path()) else { continue };
        if folders.iter().any(|folder| path.starts_with(folder)) && !path.is_dir() {
            held.push((path, is_for_writing(pid, &entry.file_name().to_string_lossy())));
        }
    }
    held
}

fn is_for_writing(pid: u32, descriptor: &str) -> bool {
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|octal| u64::from_str_radix(octal.trim(), 8).ok()).is_some_and(|flags| flags & 3 != 0)
}

/// Number of write calls of a process so far.
fn write_calls(pid: u32) -> u64 {
    let io = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("io")).unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("syscw:")).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
