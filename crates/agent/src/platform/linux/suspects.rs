//! Who wrote, where the kernel does not say: the processes of the same user, what guarded files they hold open, and how much
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
    /// Different guarded files that it was seen to hold.
    files: Vec<PathBuf>,
    /// Those of them that it held open for writing.
    written: Vec<PathBuf>,
    /// Whether it was seen to write to files elsewhere: then how much it wrote says nothing about the guarded ones.
    elsewhere: bool,
    /// What it had written when it was first and last seen.
    first: Output,
    last: Output,
}

/// What a process has written so far, anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Output {
    bytes: u64,
    calls: u64,
}

/// The processes of this user, and what changed while they were looked at.
#[derive(Default)]
pub struct Suspects {
    evidence: HashMap<u32, Evidence>,
    changed_bytes: u64,
    changed_files: u64,
}

/// Most files remembered of one process.
const MOST_FILES: usize = 64;
/// Different files that a process must have been seen to hold before it is named for that.
const FILES_NEEDED: usize = 2;
/// From so many changed files and bytes on, the amount that a process wrote tells it from the others.
const FILES_MEASURED: u64 = 3;
const BYTES_MEASURED: u64 = 8 * 1024;
/// A process that started this many seconds before it was first seen wrote all it ever wrote for what is looked into.
const YOUNG: u64 = 60;

impl Suspects {
    /// A guarded file was changed and has so many bytes now.
    pub fn changed(&mut self, bytes: u64) {
        self.changed_bytes = self.changed_bytes.saturating_add(bytes);
        self.changed_files += 1;
    }

    /// Looks at all processes of this user once.
    pub fn sample(&mut self, folders: &[PathBuf], untouchable: &[u32]) {
        let uptime = uptime();
        for pid in numbers().filter(|pid| !untouchable.contains(pid)) {
            let Some(last) = output(pid) else { continue };
            let Some(process) = Process::read(pid).filter(|process| !process.kernel) else { continue };
            let young = uptime.saturating_sub(process.started / TICKS) < YOUNG;
            let fresh = || Evidence {
                process: process.clone(),
                writing: 0,
                files: Vec::new(),
                written: Vec::new(),
                elsewhere: false,
                first: if young { Output::default() } else { last },
                last,
            };
            let entry = self.evidence.entry(pid).or_insert_with(fresh);
            if entry.process.started != process.started {
                *entry = fresh();
            }
            entry.last = last;
            let held = held_files(pid, folders);
            entry.elsewhere |= held.elsewhere;
            for (path, writes) in held.guarded {
                entry.writing += u32::from(writes);
                let lists = [Some(&mut entry.files), writes.then_some(&mut entry.written)];
                for list in lists.into_iter().flatten().filter(|list| list.len() < MOST_FILES && !list.contains(&path))
                {
                    list.push(path.clone());
                }
            }
        }
        self.evidence.retain(|_, evidence| evidence.process.runs());
    }

    /// The process against which most speaks, if enough does: it was seen to hold one of the `harmed` files open for
    /// writing, or several guarded files; or it alone wrote as many times and as many bytes as were changed.
    #[must_use]
    pub fn culprit(&self, harmed: &[PathBuf]) -> Option<Process> {
        let caught = |e: &Evidence| e.written.iter().any(|path| harmed.contains(path));
        let seen = self
            .evidence
            .values()
            .filter(|e| caught(e) || (e.writing > 0 && e.files.len() >= FILES_NEEDED))
            .max_by_key(|e| (caught(e), e.writing, e.files.len()));
        seen.or_else(|| self.measured()).map(|e| e.process.clone())
    }

    /// The one process that wrote what was changed; none where several could have.
    fn measured(&self) -> Option<&Evidence> {
        if self.changed_files < FILES_MEASURED || self.changed_bytes < BYTES_MEASURED {
            return None;
        }
        let fits = |e: &&Evidence| {
            let (bytes, calls) =
                (e.last.bytes.saturating_sub(e.first.bytes), e.last.calls.saturating_sub(e.first.calls));
            // The true one may have ended: an innocent program with a database of its own must not stand in for it.
            !e.elsewhere
                && calls >= self.changed_files
                && bytes >= self.changed_bytes / 10 * 8
                && bytes <= self.changed_bytes.saturating_mul(2)
        };
        let mut fitting = self.evidence.values().filter(fits);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// How many changed files and bytes were counted.
    #[cfg(test)]
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.changed_files, self.changed_bytes)
    }

    /// Forgets everything: the folders are quiet.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether anything is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.evidence.is_empty()
    }
}

/// Clock ticks a second in /proc, the same on every Linux that people run.
const TICKS: u64 = 100;

/// Seconds since the system started.
fn uptime() -> u64 {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}

/// What a process holds open.
struct Held {
    /// Files under the guarded folders, and whether for writing.
    guarded: Vec<(PathBuf, bool)>,
    /// Whether it holds a file elsewhere open for writing, other than what its output goes to.
    elsewhere: bool,
}

fn held_files(pid: u32, folders: &[PathBuf]) -> Held {
    let mut held = Held { guarded: Vec::new(), elsewhere: false };
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
        let Ok(path) = fs::read_link(entry.path()) else { continue };
        let descriptor = entry.file_name();
        let descriptor = descriptor.to_string_lossy();
        if folders.iter().any(|folder| path.starts_with(folder)) {
            if !path.is_dir() {
                held.guarded.push((path, is_for_writing(pid, &descriptor)));
            }
        } else if !matches!(descriptor.as_ref(), "0" | "1" | "2") && path.is_file() {
            held.elsewhere |= is_for_writing(pid, &descriptor);
        }
    }
    held
}

fn is_for_writing(pid: u32, descriptor: &str) -> bool {
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|octal| u64::from_str_radix(octal.trim(), 8).ok()).is_some_and(|flags| flags & 3 != 0)
}

/// What a process has written so far; none for one of another user.
fn output(pid: u32) -> Option<Output> {
    let io = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("io")).ok()?;
    let field = |name: &str| io.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok();
    Some(Output { bytes: field("wchar:")?, calls: field("syscw:")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn who_holds_a_harmed_file_open_is_named_and_who_only_reads_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().canonicalize().unwrap();
        let file = folder.join("harmed");
        std::fs::write(&file, b"x").unwrap();
        let hold =
            |line: &str| Command::new("sh").args(["-c", line, "sh"]).arg(&file).stdin(Stdio::null()).spawn().unwrap();
        let mut reader = hold("exec 3<\"$1\"; echo; exec sleep 30");
        let mut writer = hold("exec 3>>\"$1\"; echo; exec sleep 30");
        let mut suspects = Suspects::default();
        let held = |pid| !held_files(pid, std::slice::from_ref(&folder)).guarded.is_empty();
        while !held(reader.id()) || !held(writer.id()) {
            std::thread::yield_now();
        }
        suspects.sample(std::slice::from_ref(&folder), &[]);
        assert_eq!(suspects.culprit(&[file]).map(|process| process.pid), Some(writer.id()));
        assert_eq!(suspects.culprit(&[]).map(|process| process.pid), None, "one file alone names nobody");
        for child in [&mut reader, &mut writer] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn evidence(pid: u32, bytes: u64, calls: u64) -> (u32, Evidence) {
        let process = Process { pid, parent: 1, group: pid, session: pid, started: 1, kernel: false, dead: false };
        let last = Output { bytes, calls };
        (
            pid,
            Evidence {
                process,
                writing: 0,
                files: vec![],
                written: vec![],
                elsewhere: false,
                first: Output::default(),
                last,
            },
        )
    }

    #[test]
    fn who_alone_wrote_as_much_as_was_changed_is_named() {
        let mut suspects = Suspects::default();
        for _ in 0..5 {
            suspects.changed(10_000);
        }
        suspects.evidence.extend([evidence(7, 51_000, 6), evidence(8, 4_000_000, 900), evidence(9, 300, 12)]);
        assert_eq!(suspects.culprit(&[]).map(|process| process.pid), Some(7));
        suspects.evidence.extend([evidence(10, 55_000, 9)]);
        assert_eq!(suspects.culprit(&[]), None, "where two could have done it, nobody is named");
    }

    #[test]
    fn a_program_that_writes_its_own_files_is_not_named_for_how_much_it_wrote() {
        let mut suspects = Suspects::default();
        for _ in 0..5 {
            suspects.changed(10_000);
        }
        let (pid, busy) = evidence(7, 51_000, 6);
        suspects.evidence.insert(pid, Evidence { elsewhere: true, ..busy });
        assert_eq!(suspects.culprit(&[]), None, "the attacker has ended, and this one only fits by chance");

        let dir = tempfile::tempdir().unwrap();
        let (guarded, other) = (dir.path().join("guarded"), dir.path().join("database"));
        std::fs::create_dir(&guarded).unwrap();
        let line = "exec 5>>\"$1\"; exec sleep 30";
        let mut writer = Command::new("sh").args(["-c", line, "sh"]).arg(&other).stdin(Stdio::null()).spawn().unwrap();
        while !held_files(writer.id(), std::slice::from_ref(&guarded)).elsewhere {
            std::thread::yield_now();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
}
