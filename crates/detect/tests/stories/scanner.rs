//! The scanner: indicators, EICAR by the letter of its standard, budgets, and calm on this computer's own files.

use crate::forge::{random, text};
use baluardo_detect::scan::{ScanError, Scanner, eicar_test_file, tagged_test_script};
use baluardo_model::protection::Severity;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More than any file here needs.
const AMPLE: Duration = Duration::from_secs(30);

fn scanner() -> Scanner {
    Scanner::new(&[]).unwrap()
}

#[test]
fn a_listed_file_is_bad_and_its_neighbour_is_not() {
    // SHA-256 of "abc", from FIPS 180-4's examples, with upper case and a line end as people paste it.
    let abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\n".to_owned();
    let others = (0..500_u32).map(|number| format!("{number:064x}"));
    let scanner = Scanner::new(&others.chain([abc]).collect::<Vec<_>>()).unwrap();
    let verdict = scanner.scan(b"abc", AMPLE);
    assert!(verdict.is_bad());
    assert_eq!(verdict.severity, Severity::Critical);
    assert_eq!(verdict.reasons[0].engine, "sha256");
    assert_eq!(verdict.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let clean = scanner.scan(b"abd", AMPLE);
    assert!(!clean.is_bad() && clean.complete && clean.reasons.is_empty());
    assert_eq!(clean.severity, Severity::Info);
}

#[test]
fn entries_that_are_no_sha256_are_named() {
    let entries = ["ab".repeat(32), "not a hash".to_owned(), "g".repeat(64), "é".repeat(32)];
    let Err(ScanError::BadIndicators(bad)) = Scanner::new(&entries) else { panic!("accepted") };
    assert_eq!(bad.len(), 3);
    assert!(bad[0].contains("not a hash"));
}

#[test]
fn the_eicar_file_is_found_by_the_letter_of_its_standard() {
    let scanner = scanner();
    let eicar = eicar_test_file();
    assert_eq!(eicar.len(), 68);
    for tail in ["", "\n", "\r\n", " \t\r\n\x1A", &" ".repeat(60)] {
        let verdict = scanner.scan(&[&eicar, tail.as_bytes()].concat(), AMPLE);
        assert!(verdict.is_bad(), "{tail:?}");
        assert_eq!((verdict.reasons[0].engine.as_str(), verdict.reasons[0].rule.as_str()), ("eicar", "test_file"));
    }
}

#[test]
fn a_text_that_quotes_eicar_is_told_but_not_stopped() {
    let scanner = scanner();
    let eicar = eicar_test_file();
    let quotes = [
        [&eicar, " ".repeat(61).as_bytes()].concat(),
        [&eicar, b"x".as_slice()].concat(),
        [b" ".as_slice(), &eicar].concat(),
        [&text(1, 5_000), eicar.as_slice(), &text(2, 5_000)].concat(),
    ];
    for bytes in quotes {
        let verdict = scanner.scan(&bytes, AMPLE);
        assert!(!verdict.is_bad());
        assert_eq!(verdict.severity, Severity::Low);
        assert_eq!(verdict.reasons[0].rule, "contains");
    }
    let far = [&random(1, 2 * 1024 * 1024), eicar.as_slice()].concat();
    assert!(scanner.scan(&far, AMPLE).reasons.is_empty(), "the search is bounded");
    assert!(scanner.scan(&eicar[..67], AMPLE).reasons.is_empty());
}

#[test]
fn a_budget_that_runs_out_is_said() {
    let scanner = scanner();
    assert!(!scanner.scan(b"hello", Duration::ZERO).complete);
    assert!(scanner.scan(b"hello", AMPLE).complete);
    // Text full of half matches, so that the engine has much to do and asks the clock.
    let hard = "curl http://10.0.0.1/a socket.socket( navigator.clipboard ctrl + your files decrypt ".repeat(2_000);
    assert!(!scanner.scan(hard.as_bytes(), Duration::from_nanos(1)).complete);
}

#[test]
fn one_scanner_serves_many_threads() {
    let scanner = scanner();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let scanner = scanner.clone();
            std::thread::spawn(move || scanner.scan(tagged_test_script().as_bytes(), AMPLE).is_bad())
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}

#[test]
fn the_programs_and_manuals_of_this_computer_are_clean() {
    let scanner = scanner();
    let (mut files, mut found) = (0, Vec::new());
    for (folder, most) in [("/usr/bin", 150), ("/usr/share/doc", 150), ("/usr/lib/python3", 60), ("/etc", 60)] {
        for path in regular_files(Path::new(folder), most) {
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let verdict = scanner.scan(&bytes, AMPLE);
            files += 1;
            if !verdict.reasons.is_empty() || !verdict.complete {
                found.push((path, verdict.reasons));
            }
        }
    }
    println!("{files} files of this computer scanned");
    assert!(files > 0, "no file of this computer could be read");
    assert_eq!(found, []);
}

/// Regular files below a folder, up to `most`, none larger than 4 MiB, in the order of their names.
fn regular_files(folder: &Path, most: usize) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => folders.push(path),
                Ok(meta) if meta.is_file() && meta.len() <= 4 * 1024 * 1024 => files.push(path),
                _ => {}
            }
            if files.len() >= most {
                return files;
            }
        }
    }
    files
}
