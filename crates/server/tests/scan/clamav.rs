//! A second opinion of the real ClamAV about what our own engines find clean.

use crate::stage::{put, put_eicar, scan};
use baluardo_testkit::clamd::Clamd;

/// "message digest" of RFC 1321.
const SIGNATURE: &str = "f96b697d7cb7938d525a2f31aaf161d0:14:Prova.Firma\n";

#[test]
fn what_clamav_knows_is_found_and_a_daemon_that_is_away_leaves_nothing_called_clean() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("files");
    put(&folder, "known.bin", b"message digest");
    put(&folder, "other.txt", b"message digestion");
    put_eicar(&folder, "eicar.com");
    let away = dir.path().join("nobody");
    let ran = scan(&folder, &["--clamd", away.to_str().unwrap()]);
    assert_eq!((ran.code, ran.verdict("/other.txt").as_str()), (1, "error"), "{}", ran.out);
    assert!(ran.line("/other.txt")["findings"][0]["reasons"][0].as_str().unwrap().contains("clamd does not answer"));

    let Some(clamd) = Clamd::start(dir.path(), SIGNATURE) else {
        eprintln!("skipped: clamd is not installed (apt-get install clamav-daemon)");
        return;
    };
    let ran = scan(&folder, &["--clamd", clamd.socket.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let known = ran.line("/known.bin");
    assert_eq!((&known["verdict"], &known["findings"][0]["engine"]), (&"malicious".into(), &"clamav".into()));
    assert!(known["findings"][0]["name"].as_str().unwrap().starts_with("Prova.Firma"), "{known}");
    assert_eq!(ran.verdict("/other.txt"), "clean");
    assert_eq!(ran.line("/eicar.com")["findings"][0]["engine"], "eicar", "what is known already is not asked");
}
