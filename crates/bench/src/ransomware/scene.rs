//! One scene: documents, the guard over them, one actor, and what is left.

use super::actors::Actor;
use anyhow::{Context as _, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The user that attacks and works where we are root: nobody.
const NOBODY: u32 = 65_534;
/// How long an actor may act.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long files may take to be back.
const RESTORING: Duration = Duration::from_secs(20);
/// How long after its end honest work may still be disturbed.
const QUIET: Duration = Duration::from_millis(1_200);

/// What came of an actor.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// An attack did not come to its end: it was killed, or refused every further file.
    pub(super) stopped: bool,
    /// Honest work did not come to a good end, or something of it was undone.
    pub(super) disturbed: bool,
    /// Documents that had to be put back, or that the guard says were touched, whichever is more.
    pub(super) touched: u64,
    /// Documents that are not as they were, byte for byte.
    pub(super) lost: u64,
    /// How it ended, as the guard says: killed, refused, over; else how the actor did.
    pub(super) how: String,
    /// How long the actor lived.
    pub(super) millis: u128,
    /// The first document that is lost, or what disturbed.
    pub(super) note: String,
}

/// The folder with everything; it goes when the scene does.
pub(super) struct Scene {
    folder: tempfile::TempDir,
    as_root: bool,
    without_baits: bool,
}

impl Scene {
    pub(super) fn set(beside: &Path, documents: usize, as_root: bool, without_baits: bool) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("baluardo-scene-").tempdir_in(beside)?;
        let scene = Self { folder, as_root, without_baits };
        open_for_all(scene.folder.path())?;
        fill(&scene.documents(), documents)?;
        std::fs::create_dir(scene.scratch())?;
        std::fs::copy(std::env::current_exe()?, scene.program())?;
        if scene.is_other_user() {
            give_all(&scene.documents())?;
            give_all(&scene.scratch())?;
        }
        Ok(scene)
    }

    fn documents(&self) -> PathBuf {
        self.folder.path().join("documenti")
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().join("altrove")
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("attore")
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn is_other_user(&self) -> bool {
        nix::unistd::Uid::effective().is_root() && !self.as_root
    }

    /// What the guard said, for people.
    pub(super) fn said(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("journal") + &read("guard.log") + &read("actor.log")
    }

    /// Runs the guard, then the actor, and judges.
    pub(super) fn play(&self, actor: &Actor) -> anyhow::Result<Outcome> {
        let before = snapshot(&self.documents());
        let guard = Guard::start(self)?;
        if self.without_baits {
            remove_all_but(&self.documents(), &before);
        }
        let began = Instant::now();
        let mut child = self.start(actor)?;
        let ended = wait(&mut child, PATIENCE)?;
        let millis = began.elapsed().as_millis();
        let events = if actor.honest {
            std::thread::sleep(QUIET);
            self.events()
        } else {
            self.wait_for_files(&before)
        };
        guard.end()?;
        let events = events.max_by_length(self.events());
        Ok(judge(&before, &self.documents(), &events, ended, millis))
    }

    fn start(&self, actor: &Actor) -> anyhow::Result<Child> {
        let mut command = Command::new("sh");
        command.args(["-c", actor.line, "sh"]).arg(self.documents()).arg(self.program()).arg(self.scratch());
        command.env("HOME", self.scratch()).env("GNUPGHOME", self.scratch()).env("LC_ALL", "C.UTF-8");
        command.current_dir(self.scratch()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(std::fs::File::create(self.folder.path().join("actor.log"))?);
        if self.is_other_user() {
            command.uid(NOBODY).gid(NOBODY);
        }
        Ok(command.spawn()?)
    }

    fn events(&self) -> Events {
        let text = std::fs::read_to_string(self.journal()).unwrap_or_default();
        Events(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Waits until the guard has told the end and every document is as before, or patience ends.
    fn wait_for_files(&self, before: &Snapshot) -> Events {
        let deadline = Instant::now() + RESTORING;
        loop {
            let events = self.events();
            let told = events.0.iter().any(|event| event["event"] == "stopped");
            if (told && lost(before, &snapshot(&self.documents())).is_empty()) || Instant::now() > deadline {
                return events;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The running guard.
struct Guard(Child);

impl Guard {
    fn start(scene: &Scene) -> anyhow::Result<Self> {
        let agent = std::env::current_exe()?.with_file_name("baluardo-agent");
        let out = scene.folder.path().join("guard.out");
        let child = Command::new(&agent)
            .arg("guard")
            .arg("--protect")
            .arg(scene.documents())
            .arg("--vault")
            .arg(scene.folder.path().join("vault"))
            .arg("--journal")
            .arg(scene.journal())
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&out)?)
            .stderr(std::fs::File::create(scene.folder.path().join("guard.log"))?)
            .spawn()
            .with_context(|| format!("{} cannot be started: build it first", agent.display()))?;
        let mut guard = Self(child);
        let deadline = Instant::now() + PATIENCE;
        while std::fs::read_to_string(&out).unwrap_or_default() != "ready\n" {
            if let Some(status) = guard.0.try_wait()? {
                bail!("the guard ended with {status}: {}", scene.said());
            }
            if Instant::now() > deadline {
                bail!("the guard is not ready: {}", scene.said());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(guard)
    }

    fn end(mut self) -> anyhow::Result<()> {
        nix::sys::signal::kill(pid(&self.0), nix::sys::signal::Signal::SIGTERM)?;
        let status = wait(&mut self.0, PATIENCE)?.context("the guard did not end")?;
        anyhow::ensure!(status.success(), "the guard ended with {status}");
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pid(child: &Child) -> nix::unistd::Pid {
    nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

/// Waits for a child; ends its whole group when patience does.
fn wait(child: &mut Child, patience: Duration) -> anyhow::Result<Option<std::process::ExitStatus>> {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = nix::sys::signal::killpg(pid(child), nix::sys::signal::Signal::SIGKILL);
    child.wait()?;
    Ok(None)
}

/// The lines of the journal.
struct Events(Vec<Value>);

impl Events {
    fn max_by_length(self, other: Self) -> Self {
        if other.0.len() > self.0.len() { other } else { self }
    }
}

fn judge(
    before: &Snapshot,
    documents: &Path,
    events: &Events,
    ended: Option<std::process::ExitStatus>,
    millis: u128,
) -> Outcome {
    let of = |kind: &str| events.0.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let (stops, restored) = (of("stopped"), of("restored"));
    let told = stops.iter().map(|stop| stop["files_touched"].as_u64().unwrap_or(0)).sum::<u64>();
    let gone = lost(before, &snapshot(documents));
    let how = stops.first().and_then(|stop| stop["how"].as_str()).map_or_else(
        || match ended {
            None => "endless".to_owned(),
            Some(status) => status
                .signal()
                .map_or_else(|| format!("exit {}", status.code().unwrap_or(-1)), |n| format!("signal {n}")),
        },
        str::to_owned,
    );
    let disturbed = !stops.is_empty() || !restored.is_empty() || !ended.is_some_and(|status| status.success());
    Outcome {
        stopped: stops.iter().any(|stop| stop["how"] == "killed" || stop["how"] == "refused") && ended.is_some(),
        disturbed,
        touched: told.max(restored.len() as u64),
        lost: gone.len() as u64,
        how,
        millis,
        note: gone.first().map(|path| path.display().to_string()).unwrap_or_default(),
    }
}

/// Bytes of each file, and where each link points.
type Snapshot = BTreeMap<PathBuf, Vec<u8>>;

fn snapshot(folder: &Path) -> Snapshot {
    let mut all = Snapshot::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => all.extend(snapshot(&path)),
            Ok(kind) if kind.is_symlink() => {
                let target = std::fs::read_link(&path).unwrap_or_default();
                all.insert(path, target.as_os_str().as_bytes().to_vec());
            }
            _ => drop(all.insert(path.clone(), std::fs::read(&path).unwrap_or_default())),
        }
    }
    all
}

/// Removes what lies there beyond the snapshot, as an attacker does who knows the baits.
fn remove_all_but(folder: &Path, known: &Snapshot) {
    for path in snapshot(folder).keys().filter(|path| !known.contains_key(*path)) {
        let _ = std::fs::remove_file(path);
    }
}

fn lost(before: &Snapshot, now: &Snapshot) -> Vec<PathBuf> {
    before.iter().filter(|(path, bytes)| now.get(*path) != Some(*bytes)).map(|(path, _)| path.clone()).collect()
}

/// Office files in four folders, and what else lies in such folders: empty files, bytes of no kind, links, a deep folder,
/// a name that is not UTF-8.
fn fill(folder: &Path, documents: usize) -> anyhow::Result<()> {
    baluardo_server::demo::office::fill(folder, documents)?;
    let deep = folder.join("Tributi/2024/IMU/Accertamenti");
    std::fs::create_dir_all(&deep)?;
    for number in 0..8_u32 {
        let row = format!("Accertamento {number};Rossi;{},00;emesso\n", number * 37);
        std::fs::write(deep.join(format!("elenco {number}.csv")), row.repeat(90))?;
    }
    std::fs::write(folder.join("Protocollo/vuoto.txt"), "")?;
    let noise: Vec<u8> = (0..20_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) as u8).collect();
    std::fs::write(folder.join("Anagrafe/tracciato.bin"), noise)?;
    std::fs::write(folder.join(OsStr::from_bytes(b"Anagrafe/citt\xe0.txt")), "Residenti nella citta'\n".repeat(200))?;
    std::os::unix::fs::symlink("../Protocollo", folder.join("Anagrafe/collegamento"))?;
    // Beside the folder and not in it: an attack would take it away and could not go on.
    std::fs::write(folder.with_file_name(baluardo_server::simulate::MARKER), "")?;
    Ok(())
}

fn open_for_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?)
}

fn give_all(folder: &Path) -> anyhow::Result<()> {
    std::os::unix::fs::lchown(folder, Some(NOBODY), Some(NOBODY))?;
    for entry in std::fs::read_dir(folder)?.flatten() {
        if entry.file_type()?.is_dir() {
            give_all(&entry.path())?;
        } else {
            std::os::unix::fs::lchown(entry.path(), Some(NOBODY), Some(NOBODY))?;
        }
    }
    Ok(())
}
