//! The script of the long soak, for a few seconds: it runs the real guard, churns files, and measures.

use std::path::Path;
use std::process::Command;

#[test]
fn the_soak_churns_files_under_the_real_guard_and_reads_its_memory() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: python3 does not start here");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/soak-churn.sh");
    let soak = |minutes: &str, forgiven: &str| {
        let mut command = Command::new(&script);
        command.arg(minutes).env("BALUARDO_AGENT", env!("CARGO_BIN_EXE_baluardo-agent"));
        command.env("BALUARDO_GROWTH_KIB", forgiven).output().unwrap()
    };
    // Caches fill in so short a time: growth is not what is asked here.
    let done = soak("0.1", "1000000000");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("slope after the first quarter") && said.contains("; 0 taken for an attack"), "{said}");
    let grows = soak("0.02", "-1000000000");
    assert_eq!(grows.status.code(), Some(1), "{}", String::from_utf8_lossy(&grows.stderr));
    assert!(String::from_utf8_lossy(&grows.stderr).contains("it grows"));
    assert_eq!(soak("never", "0").status.code(), Some(1));
}
