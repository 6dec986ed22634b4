//! Measures what an opinion on a file's nature costs, and counts false alarms: `cargo run --release -p baluardo-detect
//! --example nature_speed FOLDER...`, where the folders hold honest files.
//!
//! Prints the time of a script and of a program of one megabyte (median and worst of many runs), then for the folders: how
//! many files were looked at, how many were scripts or programs, the median, the 99th percentile and the worst time, and
//! every file that is found suspicious.

use baluardo_detect::nature::{Language, judge, look};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Larger files are left out, as an agent's policy does.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Times that the made-up files are judged.
const RUNS: usize = 200;

fn main() {
    println!("one megabyte each, {RUNS} runs:");
    for (name, bytes) in made_up() {
        let spent = (0..RUNS).map(|_| timed(&bytes, name).0).collect();
        println!("    {name:<12} {}", told(spent));
    }
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (mut files, mut known, mut alarms, mut spent) = (0_usize, 0_usize, 0_usize, Vec::new());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => folders.push(path),
                Ok(meta) if meta.is_file() && meta.len() <= LARGEST => {
                    let Ok(bytes) = std::fs::read(&path) else { continue };
                    let name = path.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
                    let (time, reasons) = timed(&bytes, &name);
                    files += 1;
                    if look(&bytes, &name).is_some() {
                        known += 1;
                        spent.push(time);
                    }
                    if let Some(reasons) = reasons {
                        alarms += 1;
                        println!("{}: {}", path.display(), reasons.join("; "));
                    }
                }
                _ => {}
            }
        }
    }
    if files > 0 {
        println!("{files} files, {known} scripts and programs, {alarms} found suspicious; {}", told(spent));
    }
}

fn timed(bytes: &[u8], name: &str) -> (Duration, Option<Vec<String>>) {
    let begun = Instant::now();
    let opinion = judge(bytes, name);
    (begun.elapsed(), opinion.map(|opinion| opinion.reasons(Language::English)))
}

fn told(mut spent: Vec<Duration>) -> String {
    spent.sort_unstable();
    let at = |share: usize| spent.get((spent.len() * share / 1_000).min(spent.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    format!("median {:.2} ms, 99 % {:.2} ms, worst {:.2} ms", ms(at(500)), ms(at(990)), ms(at(1_000)))
}

/// A megabyte in each language that costs something, and this very program.
fn made_up() -> Vec<(&'static str, Vec<u8>)> {
    let repeat = |text: &str| text.repeat((1 << 20) / text.len()).into_bytes();
    let base64 = "x = \"aGVsbG8gdGhlcmUgd29ybGQsIHRoaXMgaXMgYSB0ZXN0\" + 'more' + \"\\x41\\x42\\x43\\x44\\x45\";\n";
    let mut made = vec![
        ("one.js", repeat(&format!("var a = function() {{ return [1, 2, 3].join(); }};\n{base64}"))),
        ("one.ps1", repeat(&format!("$a = New-Object Object; Write-Host $a -join [char]65\n{base64}"))),
        ("one.py", repeat("import os\ndef f(a):\n    return [chr(112), chr(111), chr(119)]\n")),
    ];
    let program = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
    made.push(("program", program.into_iter().take(1 << 20).collect()));
    made
}
