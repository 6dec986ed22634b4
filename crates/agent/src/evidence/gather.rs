//! What goes into a package. What is foreign is read within bounds and goes in as it is; names of files appear inside parts only.

use super::{MAX_PART, Wish};
use crate::identity::state_dir::StateDir;
use crate::platform::changes::homes;
use crate::platform::process::Process;
use baluardo_model::{QuarantineId, Timestamp};
use serde_json::json;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Most processes that are told.
const MOST_PROCESSES: usize = 8_192;
/// Most files of one kind of place.
const MOST_FILES: usize = 256;
/// Most bytes of one such file.
const MOST_OF_FILE: u64 = 64 * 1024;
/// Most sealed files that go with a package.
const MOST_SEALED: usize = 64;

/// Files that go in as they are, by the name that they get.
const WHOLE: [(&str, &str); 14] = [
    ("network/tcp", "/proc/net/tcp"),
    ("network/tcp6", "/proc/net/tcp6"),
    ("network/udp", "/proc/net/udp"),
    ("network/udp6", "/proc/net/udp6"),
    ("network/unix", "/proc/net/unix"),
    ("network/route", "/proc/net/route"),
    ("network/arp", "/proc/net/arp"),
    ("logins/wtmp", "/var/log/wtmp"),
    ("logins/btmp", "/var/log/btmp"),
    ("logins/utmp", "/run/utmp"),
    ("logins/lastlog", "/var/log/lastlog"),
    ("system/passwd", "/etc/passwd"),
    ("system/mounts", "/proc/mounts"),
    ("system/modules", "/proc/modules"),
];

/// Where programs make sure to come back: files, or folders whose files are told.
const PERSISTENCE: [&str; 12] = [
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/var/spool/cron",
    "/var/spool/cron/crontabs",
    "/etc/systemd/system",
    "/etc/rc.local",
    "/etc/ld.so.preload",
    "/etc/profile.d",
    "/etc/init.d",
];

/// Hands on one part after the other.
pub(super) fn all(
    state: &StateDir,
    wish: &Wish,
    since: Timestamp,
    add: &mut dyn FnMut(&str, Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    add("processes.jsonl", processes())?;
    for (name, path) in WHOLE {
        if let Some(bytes) = end_of(Path::new(path), MAX_PART as u64) {
            add(name, bytes)?;
        }
    }
    add("persistence.jsonl", persistence())?;
    add("logs/system.log", journal(&["--since", &at(since)]))?;
    add("logs/agent.log", journal(&["--since", &at(since), "--unit", "baluardo-agent.service"]))?;
    for name in ["auth.log", "syslog"] {
        if let Some(bytes) = end_of(&Path::new("/var/log").join(name), MAX_PART as u64) {
            add(&format!("logs/{name}"), bytes)?;
        }
    }
    add("quarantine/index", end_of(&state.file("quarantine/journal"), MAX_PART as u64).unwrap_or_default())?;
    add("vault/index", end_of(&state.file("vault/index"), MAX_PART as u64).unwrap_or_default())?;
    if let Some(finding) = wish.finding
        && let Some(plan) = end_of(&state.file("restores").join(finding.to_string()), MAX_PART as u64)
    {
        add("finding/undone", plan)?;
    }
    if wish.sealed { sealed(state, add) } else { Ok(()) }
}

/// Sealed files as they lie, under the ids that this device gave them.
fn sealed(state: &StateDir, add: &mut dyn FnMut(&str, Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    let entries = std::fs::read_dir(state.file("quarantine")).into_iter().flatten().flatten();
    for (path, id) in entries.filter_map(|entry| held(entry.path())).take(MOST_SEALED) {
        let fits = std::fs::metadata(&path).is_ok_and(|meta| meta.len() <= MAX_PART as u64);
        if let Some(bytes) = end_of(&path, MAX_PART as u64).filter(|_| fits) {
            add(&format!("quarantine/{id}.sealed"), bytes)?;
        }
    }
    Ok(())
}

/// A file of the quarantine: any other name is not ours.
fn held(path: PathBuf) -> Option<(PathBuf, QuarantineId)> {
    let id = path.file_name()?.to_str()?.strip_suffix(".sealed")?.parse().ok()?;
    Some((path, id))
}

fn processes() -> Vec<u8> {
    let mut all: Vec<Process> = Process::all().into_values().collect();
    all.sort_by_key(|process| process.pid);
    let line = |process: &Process| {
        let seen = process.seen();
        let open = std::fs::read_dir(format!("/proc/{}/fd", process.pid)).into_iter().flatten().flatten();
        let open: Vec<String> = open
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .map(|path| path.to_string_lossy().into_owned())
            .take(MOST_FILES)
            .collect();
        let told = json!({
            "pid": seen.pid, "parent": seen.parent, "uid": seen.uid, "exe": seen.exe, "cmdline": seen.cmdline,
            "started": process.started, "open": open,
        });
        format!("{told}\n")
    };
    all.iter().take(MOST_PROCESSES).map(line).collect::<String>().into_bytes()
}

fn persistence() -> Vec<u8> {
    let keys = homes().into_iter().flat_map(|home| {
        [".ssh/authorized_keys", ".bashrc", ".profile", ".config/autostart"].map(|name| home.join(name))
    });
    let places = PERSISTENCE.iter().map(PathBuf::from).chain(keys);
    places.flat_map(files_of).filter_map(|path| told_file(&path)).collect::<String>().into_bytes()
}

/// The file, or the files in the folder.
fn files_of(place: PathBuf) -> Vec<PathBuf> {
    if place.is_dir() {
        let inside = std::fs::read_dir(&place).into_iter().flatten().flatten();
        inside.map(|entry| entry.path()).take(MOST_FILES).collect()
    } else {
        vec![place]
    }
}

fn told_file(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::symlink_metadata(path).ok()?;
    let text = end_of(path, MOST_OF_FILE).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let target = std::fs::read_link(path).ok().map(|target| target.to_string_lossy().into_owned());
    let told = json!({
        "path": path.to_string_lossy(), "uid": meta.uid(), "mode": format!("{:o}", meta.mode()), "modified": meta.mtime(),
        "target": target, "text": text,
    });
    Some(format!("{told}\n"))
}

/// The last bytes of a regular file, or of one of the kernel's.
fn end_of(path: &Path, most: u64) -> Option<Vec<u8>> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
    let mut file = File::options().read(true).custom_flags(flags).open(path).ok()?;
    let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    if meta.len() > most {
        file.seek(SeekFrom::Start(meta.len() - most)).ok()?;
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn at(moment: Timestamp) -> String {
    format!("@{}", moment.micros() / 1_000_000)
}

/// What the journal says, within bounds; what keeps it from that stands in its place.
fn journal(ask: &[&str]) -> Vec<u8> {
    let program = match crate::platform::journal::available() {
        Ok(program) => program,
        Err(why) => return format!("the journal was not read: {why}\n").into_bytes(),
    };
    let mut command = Command::new(program);
    command.args(["--quiet", "--no-pager", "--output=short-iso", "--lines=20000"]).args(ask);
    let started = command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return format!("the journal was not read: {error}\n").into_bytes(),
    };
    let mut bytes = Vec::new();
    if let Some(out) = child.stdout.take() {
        let _ = out.take(2 * MAX_PART as u64).read_to_end(&mut bytes);
    }
    let _ = child.kill();
    let _ = child.wait();
    bytes
}
