//! Processes as /proc shows them.

use baluardo_model::protection::ProcessSeen;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A process, with what tells it from a later one of the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session.
    pub session: u32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
    /// Whether it is a thread of the kernel.
    pub kernel: bool,
    /// Whether it is dead and only waits for its parent.
    pub dead: bool,
}

/// Longest command line that is told.
const CMDLINE_SHOWN: usize = 300;
/// `PF_KTHREAD` of the kernel's task flags.
const KERNEL_THREAD: u64 = 0x0020_0000;

impl Process {
    /// The process `pid`, if it is there.
    #[must_use]
    pub fn read(pid: u32) -> Option<Self> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses is chosen by the process and may hold anything; the fields follow its last parenthesis.
        let end = stat.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let small = |at: usize| u32::try_from(number(at)?).ok();
        Some(Self {
            pid,
            dead: matches!(*fields.first()?, "Z" | "X"),
            parent: small(1)?,
            group: small(2)?,
            session: small(3)?,
            kernel: number(6)? & KERNEL_THREAD != 0,
            started: number(19)?,
        })
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.started == self.started && !now.dead)
    }

    /// All processes.
    #[must_use]
    pub fn all() -> HashMap<u32, Self> {
        numbers().filter_map(|pid| Some((pid, Self::read(pid)?))).collect()
    }

    /// What people are told about it.
    #[must_use]
    pub fn seen(&self) -> ProcessSeen {
        use std::os::unix::fs::MetadataExt as _;
        let folder = format!("/proc/{}", self.pid);
        let exe = fs::read_link(format!("{folder}/exe")).map(|path| path.to_string_lossy().into_owned());
        let mut cmdline = fs::read(format!("{folder}/cmdline")).unwrap_or_default();
        cmdline.truncate(CMDLINE_SHOWN);
        let words = cmdline.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
        ProcessSeen {
            pid: self.pid,
            parent: self.parent,
            exe: exe.unwrap_or_default(),
            cmdline: words.trim_end().to_owned(),
            uid: fs::metadata(&folder).map_or(u32::MAX, |meta| meta.uid()),
        }
    }
}

/// The numbers of all processes.
pub fn numbers() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The files under `folder` that some process holds open, as far as the agent may look.
#[must_use]
pub fn open_files(folder: &Path) -> HashSet<PathBuf> {
    let of = |pid: u32| fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let own = std::process::id();
    let links = numbers().filter(|pid| *pid != own).flat_map(of).filter_map(|entry| fs::read_link(entry.path()).ok());
    links.filter(|path| path.starts_with(folder)).collect()
}

/// The agent itself, its ancestors and the first process: they are never stopped and never held responsible.
#[must_use]
pub fn untouchable() -> Vec<u32> {
    let mut spared = vec![0, 1, 2];
    let mut pid = std::process::id();
    while pid > 1 && !spared.contains(&pid) {
        spared.push(pid);
        pid = Process::read(pid).map_or(0, |process| process.parent);
    }
    spared
}

/// Programs that run others on behalf of a script.
const RUNNERS: [&str; 12] =
    ["sh", "dash", "bash", "zsh", "ksh", "busybox", "find", "xargs", "make", "env", "timeout", "parallel"];
/// Where the system's own programs lie.
const SYSTEM: [&str; 4] = ["/usr/", "/bin/", "/sbin/", "/opt/"];

/// The process that stands for `process` and all that work together with it: the highest ancestor in the same process
/// group that may answer for it. A script that starts one program for each file is so judged as a whole, while the jobs
/// that a person starts in a shell stay apart, since a shell gives each its own group, and a desktop that starts programs
/// in its own group does not answer for them. None for the kernel and for whoever is untouchable, and for nobody else: a
/// program that ended since it was read answers for what it did.
#[must_use]
pub fn responsible(process: Process, untouchable: &[u32]) -> Option<Process> {
    if untouchable.contains(&process.pid) || process.kernel {
        return None;
    }
    let mut top = process;
    while !untouchable.contains(&top.parent)
        && let Some(parent) = Process::read(top.parent)
        && parent.group == top.group
        && !parent.kernel
        && answers_for(&parent, &top)
    {
        top = parent;
    }
    Some(top)
}

/// Whether `parent` is of one work with `child`: the same program, a script, no leader of a session (as desktops and
/// services are), or a program from where no system program lies.
fn answers_for(parent: &Process, child: &Process) -> bool {
    let exe = |pid: u32| fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let (above, below) = (exe(parent.pid), exe(child.pid));
    let name = above.file_name().unwrap_or_default().to_string_lossy();
    above == below
        || parent.session != parent.pid
        || RUNNERS.contains(&name.as_ref())
        || ["python", "perl", "ruby", "node"].iter().any(|runner| name.starts_with(runner))
        || !SYSTEM.iter().any(|place| above.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    #[test]
    fn this_process_is_seen_and_untouchable() {
        let own = Process::read(std::process::id()).unwrap();
        assert!(own.runs() && !own.kernel);
        assert!(untouchable().contains(&own.pid) && untouchable().contains(&own.parent));
        assert_eq!(responsible(own.clone(), &untouchable()), None);
        assert!(own.seen().cmdline.len() <= CMDLINE_SHOWN + 16);
    }

    #[test]
    fn a_child_of_a_script_answers_for_the_script() {
        let mut script = Command::new("sh").args(["-c", "sleep 20 & sleep 20"]).process_group(0).spawn().unwrap();
        let sleeper = loop {
            if let Some(child) = Process::all().into_values().find(|p| p.parent == script.id()) {
                break child;
            }
        };
        assert_eq!(responsible(sleeper.clone(), &untouchable()).map(|p| p.pid), Some(script.id()));
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(script.id() as i32), nix::sys::signal::SIGKILL);
        script.wait().unwrap();
        assert!(!sleeper.seen().cmdline.contains('\0'));
    }
    #[test]
    fn a_program_that_ended_since_it_was_read_still_answers_for_its_script() {
        let mut script = Command::new("sh").args(["-c", "sleep 20 & wait; sleep 20"]).process_group(0).spawn().unwrap();
        let sleeper = loop {
            if let Some(child) = Process::all().into_values().find(|p| p.parent == script.id()) {
                break child;
            }
        };
        let kill = |pid: u32| nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid as i32), nix::sys::signal::SIGKILL);
        kill(sleeper.pid).unwrap();
        while Process::read(sleeper.pid).is_some_and(|now| now.started == sleeper.started) {
            std::thread::yield_now();
        }
        assert_eq!(responsible(sleeper, &untouchable()).map(|p| p.pid), Some(script.id()));
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(script.id() as i32), nix::sys::signal::SIGKILL);
        script.wait().unwrap();
    }
}
