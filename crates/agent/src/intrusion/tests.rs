//! The whole way: a log grows, findings come, and a second life goes on where the first ended.

use super::*;
use crate::ambient::{SystemChance, SystemClock};
use crate::report::ReportError;
use baluardo_model::protection::FindingKind;
use baluardo_wire::exchange::EventBody;
use std::fs::File;
use std::io::Write as _;

/// Longer than anything here takes; only a loss reaches it.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Collected(Mutex<Vec<Finding>>);

impl Report for Collected {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        if let EventBody::Finding { finding } = event {
            locked(&self.0).push(*finding);
        }
        Ok(())
    }
}

impl Collected {
    fn intrusions(&self) -> Vec<Finding> {
        let all = locked(&self.0);
        all.iter().filter(|finding| finding.kind == FindingKind::Intrusion).cloned().collect()
    }
}

struct Bench {
    dir: tempfile::TempDir,
    log: PathBuf,
    report: Arc<Collected>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("auth.log");
        File::create(&log).unwrap();
        Self { dir, log, report: Arc::default() }
    }

    fn watch(&self, policy: IntrusionPolicy) -> Arc<IntrusionWatch> {
        self.watch_from(Some(vec![self.log.clone()]), policy)
    }

    fn watch_from(&self, log_files: Option<Vec<PathBuf>>, policy: IntrusionPolicy) -> Arc<IntrusionWatch> {
        IntrusionWatch::start(IntrusionSettings {
            state_dir: self.dir.path().to_owned(),
            policy,
            log_files,
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance::new()),
            report: Arc::clone(&self.report) as Arc<dyn Report>,
        })
    }

    fn write(&self, program: &str, message: &str) {
        let line = format!("{} pc {program}[1]: {message}\n", SystemClock.now().rfc3339());
        File::options().append(true).open(&self.log).unwrap().write_all(line.as_bytes()).unwrap();
    }

    fn fail(&self, times: usize, from: &str) {
        for _ in 0..times {
            self.write("sshd", &format!("Failed password for anna from {from} port 4022 ssh2"));
        }
    }

    /// What the log of this test tells: root sees the programs of the other tests start, too, and they name no source.
    fn until_logged(&self, what: &str, is: impl Fn(&[Finding]) -> bool) -> Vec<Finding> {
        let logged = |found: &Finding| found.intrusion.as_ref().is_some_and(|seen| seen.source.is_some());
        self.until_of(what, logged, is)
    }

    fn until(&self, what: &str, is: impl Fn(&[Finding]) -> bool) -> Vec<Finding> {
        self.until_of(what, |_| true, is)
    }

    fn until_of(&self, what: &str, of: impl Fn(&Finding) -> bool, is: impl Fn(&[Finding]) -> bool) -> Vec<Finding> {
        let begun = Instant::now();
        loop {
            let mut found = self.report.intrusions();
            found.retain(&of);
            if is(&found) {
                return found;
            }
            assert!(begun.elapsed() < LIMIT, "waited in vain: {what}: {found:#?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn sources_of(found: &[Finding]) -> Vec<String> {
    let source = |finding: &Finding| Some(finding.intrusion.as_ref()?.source?.to_string());
    found.iter().filter_map(source).collect()
}

#[test]
fn a_log_that_grows_becomes_a_finding() {
    let bench = Bench::new();
    let _watch = bench.watch(IntrusionPolicy::default());
    bench.fail(10, "203.0.113.9");
    let found = bench.until_logged("the finding", |found| !found.is_empty());
    assert_eq!(sources_of(&found), ["203.0.113.9"]);
    assert_eq!(found[0].intrusion.as_ref().unwrap().title, "Many passwords tried on one account by SSH");
}

#[test]
fn what_was_written_while_the_agent_was_dead_is_judged_once_in_the_next_life() {
    let bench = Bench::new();
    let watch = bench.watch(IntrusionPolicy::default());
    bench.fail(10, "203.0.113.9");
    bench.until_logged("the first", |found| found.len() == 1);
    bench.fail(5, "198.51.100.7");
    drop(watch);
    bench.fail(5, "198.51.100.7");
    std::fs::rename(&bench.log, bench.dir.path().join("auth.log.1")).unwrap();
    File::create(&bench.log).unwrap();
    bench.fail(10, "192.0.2.66");
    let _again = bench.watch(IntrusionPolicy::default());
    let found = bench.until_logged("the second and third", |found| found.len() >= 3);
    assert_eq!(sources_of(&found), ["203.0.113.9", "198.51.100.7", "192.0.2.66"]);
}

#[test]
fn nothing_is_read_while_the_policy_says_no() {
    let bench = Bench::new();
    let off = IntrusionPolicy { watch: false, ..IntrusionPolicy::default() };
    let watch = bench.watch(off);
    assert!(watch.notes().is_empty() && locked(&watch.running).is_none());
    bench.fail(10, "203.0.113.9");
    watch.follow(IntrusionPolicy::default());
    bench.fail(10, "198.51.100.7");
    let found = bench.until_logged("the later one", |found| !found.is_empty());
    assert_eq!(sources_of(&found), ["198.51.100.7"], "what was written before nobody was asked to read");
    watch.follow(off);
    assert!(locked(&watch.running).is_none());
}

#[test]
fn a_damaged_memory_is_told_and_begun_anew() {
    let bench = Bench::new();
    std::fs::write(bench.dir.path().join("intrusion.json"), "{").unwrap();
    let _watch = bench.watch(IntrusionPolicy::default());
    let told = locked(&bench.report.0).clone();
    assert_eq!(told[0].reasons[0].rule, "intrusion_memory");
    bench.fail(10, "203.0.113.9");
    bench.until_logged("the finding", |found| !found.is_empty());
}

#[test]
fn a_program_that_opens_a_tunnel_is_told_where_the_kernel_tells_of_starts() {
    let bench = Bench::new();
    let watch = bench.watch(IntrusionPolicy::default());
    if watch.notes().iter().any(|note| note.contains("tell")) {
        println!("skipped: {:?}", watch.notes());
        return;
    }
    let tunnel = bench.dir.path().join("chisel");
    std::fs::copy("/bin/sleep", &tunnel).unwrap();
    let mut program = std::process::Command::new(&tunnel).arg("30").spawn().unwrap();
    let ours = |found: &Finding| found.processes.first().is_some_and(|process| process.pid == program.id());
    let found = bench.until_of("the tunnel", ours, |found| !found.is_empty());
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(found[0].techniques, ["T1572", "T1090"]);
}

#[test]
fn a_finding_that_could_not_be_kept_is_told_again() {
    struct Full(AtomicBool, Collected);
    impl Report for Full {
        fn report(&self, event: EventBody) -> Result<(), ReportError> {
            if self.0.load(Ordering::SeqCst) { Err(ReportError("full".to_owned())) } else { self.1.report(event) }
        }
    }
    let report = Arc::new(Full(AtomicBool::new(true), Collected::default()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let teller = Teller::new(Arc::clone(&report) as Arc<dyn Report>, clock, Arc::new(SystemChance::new()));
    let finding = teller.finding(FindingKind::Intrusion, baluardo_model::protection::Severity::High, Path::new("x"));
    assert!(!teller.tell_finding(finding) && !teller.try_again());
    report.0.store(false, Ordering::SeqCst);
    assert!(teller.try_again());
    assert_eq!(report.1.intrusions().len(), 1);
}

/// Writes a line into this machine's own journal, if it has one that works; what it says alarms nobody.
fn write_into_the_journal(program: &str, message: &str) -> Result<(), String> {
    use std::process::Command;
    let reader = crate::platform::journal::available()?;
    let sent = Command::new("logger").args(["-t", program, "-u", "/run/systemd/journal/dev-log", message]).status();
    if !sent.is_ok_and(|sent| sent.success()) {
        return Err("no line can be written into the journal".to_owned());
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        let shown = Command::new(&reader).args(["-q", "-n", "200", "-t", program]).output();
        if shown.is_ok_and(|shown| String::from_utf8_lossy(&shown.stdout).contains(message)) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("the journal does not take lines".to_owned())
}

#[test]
fn the_machines_own_journal_is_read_where_there_is_one_and_on_from_the_cursor() {
    let bench = Bench::new();
    let token = format!("baluardo-test-{}", std::process::id());
    let tells = |found: &[Finding], rule: &str| {
        found
            .iter()
            .filter(|finding| finding.reasons[0].detail == rule && format!("{finding:?}").contains(&token))
            .count()
    };
    let watch = bench.watch_from(None, IntrusionPolicy::default());
    if let Err(why) = write_into_the_journal("crontab", &format!("({token}) REPLACE ({token})")) {
        println!("skipped: {why}");
        return;
    }
    bench.until("the first line", |found| tells(found, "A crontab was replaced by hand") == 1);
    drop(watch);
    write_into_the_journal("useradd", &format!("new user: name={token}, UID=1234, GID=1234, home=/x, shell=/bin/sh"))
        .unwrap();
    let _again = bench.watch_from(None, IntrusionPolicy::default());
    let found = bench.until("what was written meanwhile", |found| tells(found, "New account") == 1);
    assert_eq!(tells(&found, "A crontab was replaced by hand"), 1, "judged once: {found:#?}");
}

#[test]
fn whoever_is_not_root_says_so() {
    let bench = Bench::new();
    let notes = bench.watch(IntrusionPolicy::default()).notes();
    let root = nix::unistd::geteuid().is_root();
    assert!(root || notes.iter().any(|note| note.contains("without root")), "{notes:?}");
}
