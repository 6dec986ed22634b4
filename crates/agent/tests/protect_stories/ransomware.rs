//! A program that encrypts documents, in several styles, is stopped and nothing is lost. The programs are this test binary
//! itself, and touch nothing but the folder that the test made.

use crate::bench::{Bench, act, is_root, is_scene, office, skip, snapshot, wait_until, without_rights};
use baluardo_model::protection::{FindingKind, StepKind};
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STYLES: [&str; 6] = ["in_place", "all_open", "new_and_unlink", "rename_after", "rename_over", "script"];
const DOCUMENTS: usize = 150;

/// Bytes that cannot be told from ciphertext.
pub(crate) fn scramble(bytes: &mut [u8]) {
    let mut state = 0x1234_5678_9abc_def1_u64;
    for byte in bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte ^= (state >> 32) as u8;
    }
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            all.extend(documents(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all.sort();
    all
}

fn scrambled(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(path).ok()?;
    scramble(&mut bytes);
    Some(bytes)
}

fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

/// Overwrites in place and gives the file back, still open.
fn overwrite(path: &Path) -> std::io::Result<File> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    scramble(&mut bytes);
    file.rewind()?;
    file.write_all(&bytes)?;
    Ok(file)
}

/// The attacker. It goes on when it is refused, as real ones do, and slows down a little for each file where the sensor
/// needs a chance to see it at all.
#[test]
#[ignore = "the attacker of the tests below"]
fn act_encrypt() {
    let (Ok(style), Ok(folder)) = (std::env::var("BALUARDO_STYLE"), std::env::var("BALUARDO_PREY")) else { return };
    let pause: u64 = std::env::var("BALUARDO_PAUSE_MS").map_or(0, |text| text.parse().unwrap());
    let knows_canaries = std::env::var_os("BALUARDO_KNOWS_CANARIES").is_some();
    let mut open = Vec::new();
    for path in
        documents(Path::new(&folder)).into_iter().filter(|path| !(knows_canaries && crate::bench::is_canary(path)))
    {
        match style.as_str() {
            "in_place" => drop(overwrite(&path)),
            "all_open" => open.extend(overwrite(&path)),
            "new_and_unlink" => {
                if let Some(bytes) = scrambled(&path)
                    && std::fs::write(beside(&path, ".locked"), bytes).is_ok()
                {
                    let _ = std::fs::remove_file(&path);
                }
            }
            "rename_after" => {
                if overwrite(&path).is_ok() {
                    let _ = std::fs::rename(&path, beside(&path, ".crypt"));
                }
            }
            "rename_over" => {
                let passing = beside(&path, "~");
                if let Some(bytes) = scrambled(&path)
                    && std::fs::write(&passing, bytes).is_ok()
                {
                    let _ = std::fs::rename(&passing, &path);
                }
            }
            other => panic!("unknown style {other}"),
        }
        std::thread::sleep(Duration::from_millis(pause));
    }
    // A program that had all files open still holds them when it is done.
    std::thread::sleep(Duration::from_secs(if open.is_empty() { 0 } else { 30 }));
}

/// Encrypts one file beside itself.
#[test]
#[ignore = "the attacker of the script below"]
fn act_encrypt_one() {
    let Some(path) = std::env::var_os("BALUARDO_ONE").map(PathBuf::from) else { return };
    std::fs::write(beside(&path, ".locked"), scrambled(&path).unwrap()).unwrap();
}

fn attack(style: &str, prey: &Path, pause_ms: u64, knows_canaries: bool) -> Child {
    let pause = pause_ms.to_string();
    let prey_text = prey.to_str().unwrap();
    let mut env = vec![("BALUARDO_STYLE", style), ("BALUARDO_PREY", prey_text), ("BALUARDO_PAUSE_MS", &pause)];
    env.extend(knows_canaries.then_some(("BALUARDO_KNOWS_CANARIES", "1")));
    let mut command = if style == "script" {
        use std::os::unix::process::CommandExt as _;
        // One short-lived program for each file, and another to delete it, started by a shell.
        let line = "find \"$2\" -type f | sort | while read -r f; do BALUARDO_ONE=\"$f\" \"$1\" --exact ransomware::act_encrypt_one --ignored && rm \"$f\"; done";
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line, "sh"])
            .arg(std::env::current_exe().unwrap())
            .arg(prey)
            .process_group(0)
            .stdin(Stdio::null());
        shell
    } else {
        act("ransomware::act_encrypt", &env)
    };
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// One attack from begin to end; prints the figures.
fn is_stopped_and_undone(style: &str, pause_ms: u64, knows_canaries: bool) {
    let (stopped, touched) = is_undone(style, pause_ms, knows_canaries);
    // One that is refused everything after its first file may end before it can be stopped.
    assert!(stopped || touched <= 2, "the attacker was not stopped");
    assert!(touched < DOCUMENTS as u64, "everything was touched");
}

/// One attack from begin to end; prints the figures. Gives whether the attacker was stopped, and how much it touched.
fn is_undone(style: &str, pause_ms: u64, knows_canaries: bool) -> (bool, u64) {
    let bench = Bench::start(|docs| office(docs, DOCUMENTS));
    let mode = if bench.is_blocking() { "blocking" } else { "detecting" };
    let before = snapshot(&bench.docs);
    assert_eq!(before.len(), DOCUMENTS);
    let begun = Instant::now();
    let mut attacker = attack(style, &bench.docs, pause_ms, knows_canaries);
    let status = attacker.wait().unwrap();
    let dead_after = begun.elapsed();
    wait_until(&format!("the documents are back ({style}, {mode})"), || bench.report.restored().is_some());
    let back_after = begun.elapsed();
    let (step, touched, lost) = bench.report.restored().unwrap();
    eprintln!(
        "figure: {style} {mode}{}: touched {touched}, put back {}, lost {lost}, attacker ended after {} ms, all back after {} ms",
        if knows_canaries { " canaries avoided" } else { "" },
        step.files,
        dead_after.as_millis(),
        back_after.as_millis()
    );
    let findings = bench.report.findings(FindingKind::Ransomware);
    assert_eq!(findings.len(), 1, "{findings:#?}\n{:#?}", bench.report.later_steps());
    assert!(findings[0].steps.iter().any(|step| step.kind == StepKind::Detected));
    let later = bench.report.later_steps();
    let told = findings[0].steps.iter().chain(later.iter().map(|(step, ..)| step));
    let told_stopped = told.filter(|step| step.kind == StepKind::ProcessStopped).count() > 0;
    use std::os::unix::process::ExitStatusExt as _;
    assert_eq!(told_stopped, status.signal() == Some(9), "{status}: {later:#?}");
    assert_eq!(lost, 0);
    let after = snapshot(&bench.docs);
    let wrong: Vec<_> =
        before.iter().filter(|(path, was)| after.get(*path) != Some(*was)).map(|(path, _)| path).collect();
    assert!(wrong.is_empty(), "not as they were: {wrong:#?}");
    let more: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(more.is_empty(), "files of the attacker lie about: {more:#?}");
    assert_eq!(bench.protection.late_verdicts(), 0);
    (told_stopped, touched)
}

fn blocking(style: &str) {
    if is_root() {
        is_stopped_and_undone(style, 0, false);
        if style != "script" {
            is_stopped_and_undone(style, 0, true);
        }
    } else {
        skip("only root may hold files back");
    }
}

#[test]
fn files_overwritten_in_place_are_put_back() {
    blocking(STYLES[0]);
}

#[test]
fn files_held_open_until_the_end_are_put_back() {
    blocking(STYLES[1]);
}

#[test]
fn files_replaced_by_encrypted_copies_are_put_back() {
    blocking(STYLES[2]);
}

#[test]
fn files_renamed_after_encryption_are_put_back() {
    blocking(STYLES[3]);
}

#[test]
fn files_replaced_by_rename_are_put_back() {
    blocking(STYLES[4]);
}

#[test]
fn a_script_with_one_program_for_each_file_is_stopped_as_a_whole() {
    blocking(STYLES[5]);
}

#[test]
#[ignore = "the scene of the test below, played without rights"]
fn scene_every_style() {
    if is_scene() {
        // 10 ms a file is what reading and writing it costs on a slow disk.
        STYLES.iter().filter(|style| **style != "script").for_each(|style| {
            is_stopped_and_undone(style, 10, false);
            is_stopped_and_undone(style, 10, true);
        });
    }
}

#[test]
fn every_style_is_undone_without_rights_too() {
    without_rights("ransomware::scene_every_style");
}

#[test]
#[ignore = "the scene of the test below, played without rights"]
fn scene_full_speed() {
    if is_scene() {
        for style in STYLES {
            let _ = is_undone(style, 0, true);
        }
    }
}

/// At full speed the attacker may be done before anyone can look; what it did is undone all the same.
#[test]
fn without_rights_even_an_attack_that_is_over_is_undone() {
    without_rights("ransomware::scene_full_speed");
}

/// What people and programs do all day.
fn is_let_be(what: &str, line: &str) {
    let bench = Bench::start(|docs| office(docs, 100));
    let status = Command::new("sh").args(["-c", line, "sh"]).arg(&bench.docs).status().unwrap();
    assert!(status.success(), "{what}: {status}");
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(bench.report.findings(FindingKind::Ransomware), [], "{what} raised an alarm");
}

const HARMLESS: [(&str, &str); 4] = [
    (
        "sed -i over 100 files",
        "find \"$1\" -type f \\( -name 'v*' -o -name 'e*' -o -name 'a*' -o -name 'l*' \\) -exec sed -i 's/Giunta/Consiglio/' {} +",
    ),
    (
        "tar and gzip",
        "tar -C \"$1\" -cf \"$1/tutto.tar\" delibere && gzip \"$1/tutto.tar\" && tar -C \"$1\" -czf \"$1/b.tgz\" bilancio",
    ),
    ("a folder is deleted", "rm -r \"$1/anagrafe\""),
    (
        "a folder is copied and renamed",
        "cp -r \"$1/bilancio\" \"$1/bilancio 2025\" && mv \"$1/bilancio 2025\" \"$1/bilancio 2024\"",
    ),
];

#[test]
fn everyday_work_is_let_be() {
    HARMLESS.iter().for_each(|(what, line)| is_let_be(what, line));
}

#[test]
#[ignore = "the scene of the test below, played without rights"]
fn scene_everyday() {
    if is_scene() {
        HARMLESS.iter().for_each(|(what, line)| is_let_be(what, line));
    }
}

#[test]
fn everyday_work_is_let_be_without_rights_too() {
    without_rights("ransomware::scene_everyday");
}
