//! A folder of made-up office documents, protection that guards it, and processes that harm it (and nothing else).

use baluardo_agent::ambient::{SystemChance, SystemClock};
use baluardo_agent::duty::Duty as _;
use baluardo_agent::protect::{ProtectSettings, Protection};
use baluardo_agent::report::{Report, ReportError};
use baluardo_model::fleet::{Coverage, Policy};
use baluardo_model::protection::{Finding, FindingKind, QuarantineItem, Step, StepKind};
use baluardo_wire::exchange::EventBody;
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Collects what protection tells.
#[derive(Default)]
pub(crate) struct Collector(Mutex<Vec<EventBody>>);

impl Report for Collector {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        self.0.lock().unwrap().push(event);
        Ok(())
    }
}

impl Collector {
    pub(crate) fn events(&self) -> Vec<EventBody> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn findings(&self, kind: FindingKind) -> Vec<Finding> {
        let pick = |event| match event {
            EventBody::Finding { finding } if finding.kind == kind => Some(*finding),
            _ => None,
        };
        self.events().into_iter().filter_map(pick).collect()
    }

    /// Steps told after their finding, with the counts of touched and lost files.
    pub(crate) fn later_steps(&self) -> Vec<(Step, u64, u64)> {
        let pick = |event| match event {
            EventBody::FindingStep { step, files_touched, files_lost, .. } => Some((step, files_touched, files_lost)),
            _ => None,
        };
        self.events().into_iter().filter_map(pick).collect()
    }

    pub(crate) fn quarantined(&self) -> Vec<QuarantineItem> {
        let pick = |event| match event {
            EventBody::Quarantined { item } => Some(item),
            _ => None,
        };
        self.events().into_iter().filter_map(pick).collect()
    }

    pub(crate) fn restored(&self) -> Option<(Step, u64, u64)> {
        self.later_steps().into_iter().find(|(step, ..)| step.kind == StepKind::Restored)
    }
}

/// Waits until `is` holds; fails after a time that only a hang needs.
pub(crate) fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) struct Bench {
    _dir: tempfile::TempDir,
    pub(crate) docs: PathBuf,
    pub(crate) state: PathBuf,
    pub(crate) report: Arc<Collector>,
    pub(crate) protection: Arc<Protection>,
}

pub(crate) fn policy(docs: &Path) -> Policy {
    let folder = docs.to_str().unwrap().to_owned();
    // On a machine that has no core free for seconds, the limit of a verdict would open the gate, as it should.
    Policy { scan_folders: vec![folder.clone()], guard_folders: vec![folder], verdict_ms: 20_000, ..Policy::starting() }
}

impl Bench {
    /// Protection over a folder that `fill` filled before.
    pub(crate) fn start(fill: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (docs, state) = (root.join("docs"), root.join("state"));
        std::fs::create_dir(&docs).unwrap();
        fill(&docs);
        let report = Arc::new(Collector::default());
        let protection = protect(&docs, &state, &report);
        wait_until("the vault is filled", || protection.is_filled());
        // What the filling still had in hand.
        std::thread::sleep(Duration::from_millis(300));
        Self { _dir: dir, docs, state, report, protection }
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.protection.coverage().0 == Coverage::Blocking
    }
}

pub(crate) fn protect(docs: &Path, state: &Path, report: &Arc<Collector>) -> Arc<Protection> {
    protect_asking(docs, state, report, None)
}

/// The same with a daemon of ClamAV that is asked, too.
pub(crate) fn protect_asking(
    docs: &Path,
    state: &Path,
    report: &Arc<Collector>,
    clamd: Option<PathBuf>,
) -> Arc<Protection> {
    Protection::start(ProtectSettings {
        state_dir: state.to_owned(),
        policy: policy(docs),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance::new()),
        report: Arc::clone(report) as Arc<dyn Report>,
        server: None,
        clamd,
    })
    .unwrap()
}

/// Bytes, rights and time of every file of a folder, canaries excepted.
pub(crate) type Snapshot = BTreeMap<PathBuf, (Vec<u8>, u32, i64)>;

pub(crate) fn snapshot(folder: &Path) -> Snapshot {
    let mut all = Snapshot::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            all.extend(snapshot(&path));
        } else if !is_canary(&path) {
            let meta = entry.metadata().unwrap();
            all.insert(path.clone(), (std::fs::read(&path).unwrap(), meta.mode(), meta.mtime()));
        }
    }
    all
}

pub(crate) fn is_canary(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with("00 Elenco") || name.starts_with("zz Vecchio")
}

/// `count` documents of several kinds in three folders.
pub(crate) fn office(folder: &Path, count: usize) {
    for number in 0..count {
        let sub = folder.join(["delibere", "bilancio", "anagrafe"][number % 3]);
        std::fs::create_dir_all(&sub).unwrap();
        let (name, bytes) = document(number);
        let path = sub.join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let old = std::time::UNIX_EPOCH + Duration::from_secs(1_600_000_000 + number as u64);
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
    }
}

fn document(number: usize) -> (String, Vec<u8>) {
    let line = format!("Delibera n. {number} della Giunta comunale: vista la proposta, ritenuto di provvedere.\r\n");
    let text = line.repeat(60 + number % 200);
    match number % 4 {
        0 => (format!("verbale {number:04}.txt"), text.into_bytes()),
        1 => (format!("elenco {number:04}.csv"), text.replace(' ', ";").into_bytes()),
        2 => {
            let stream = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
            let pdf = format!(
                "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n\
                 3 0 obj\n<< /Length {} >>\nstream\n{stream}\nendstream\nendobj\nxref\n0 1\n0000000000 65535 f \n\
                 trailer\n<< /Root 1 0 R /Size 4 >>\nstartxref\n9\n%%EOF\n",
                stream.len()
            );
            (format!("atto {number:04}.pdf"), pdf.into_bytes())
        }
        _ => (format!("lettera {number:04}.rtf"), format!("{{\\rtf1\\ansi {text}}}").into_bytes()),
    }
}

/// Whether this process may hold files back.
pub(crate) fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// Runs the ignored test `act` of this binary in a child of its own process group.
pub(crate) fn act(name: &str, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads", "1"]);
    command.envs(env.iter().copied()).process_group(0).stdin(Stdio::null());
    command
}

/// One scene at a time: without rights an agent looks for whoever destroys documents among all programs of its user, and
/// two agents of one user would look at each other's.
static SCENE: Mutex<()> = Mutex::new(());

/// Runs the ignored test `scene` where nothing can be held back: as this user if it is not root, else as nobody.
pub(crate) fn without_rights(scene: &str) {
    let _alone = SCENE.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let exe = dir.path().join("scene");
    std::fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    let place = dir.path().join("place");
    std::fs::create_dir(&place).unwrap();
    for path in [dir.path(), &exe, &place] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(&exe);
    if is_root() {
        std::os::unix::fs::chown(&place, Some(65_534), Some(65_534)).unwrap();
        command.uid(65_534).gid(65_534);
    }
    command.args(["--exact", scene, "--ignored", "--nocapture", "--test-threads", "1"]).env("TMPDIR", &place);
    let status = command.current_dir(&place).env("BALUARDO_SCENE", "1").status().unwrap();
    assert!(status.success(), "the scene {scene} without rights failed");
}

/// Whether a parent asked for this scene; a person who runs ignored tests did not.
pub(crate) fn is_scene() -> bool {
    std::env::var_os("BALUARDO_SCENE").is_some()
}

/// Tells why a test did not run.
pub(crate) fn skip(why: &str) {
    eprintln!("skipped: {why}");
}
