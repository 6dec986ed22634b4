//! Somebody with the database in hand rewrites history, and `baluardo admin check-audit` finds it.

use crate::stage::{Stage, text, wait_for};
use sqlx::{Connection as _, SqliteConnection};
use std::path::Path;
use std::process::{Command, Output};

fn check(state: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_baluardo"))
        .args(["admin", "check-audit", "--state", text(state)])
        .output()
        .unwrap()
}

/// Changes the log behind the program's back; what guards it within the database goes first.
fn tamper(state: &Path, change: &'static str) {
    wait_for(async {
        let address = format!("sqlite:{}", state.join("baluardo.db").display());
        let mut raw = SqliteConnection::connect(&address).await.unwrap();
        for guard in ["DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete"] {
            sqlx::query(guard).execute(&mut raw).await.unwrap();
        }
        assert!(sqlx::query(change).execute(&mut raw).await.unwrap().rows_affected() > 0, "{change}");
        raw.close().await.unwrap();
    });
}

/// Each change on a fresh copy of one story.
#[test]
fn a_changed_a_missing_and_an_inserted_line_are_found_by_the_command() {
    let stage = Stage::set();
    let whole = stage.root.join("server");
    stage.beside(async |beside| {
        for _ in 0..4 {
            beside.enrol_line(stage.comune).await;
        }
    });
    let clean = check(&whole);
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stderr));
    assert!(String::from_utf8_lossy(&clean.stdout).contains("every chain whole"));
    let changes = [
        ("changed", "UPDATE audit SET detail = 'nothing happened' WHERE seq = 2"),
        ("a changed time", "UPDATE audit SET at = at + 1 WHERE seq = 3"),
        ("missing", "DELETE FROM audit WHERE seq = 2"),
        ("the first missing", "DELETE FROM audit WHERE seq = 1"),
        (
            "inserted",
            "INSERT INTO audit SELECT tenant, seq + 1, at, actor_kind, actor, actor_name, actor_role, actor_tenant,
             'management.switch', target, detail, digest, previous FROM audit AS line
             WHERE seq = (SELECT MAX(seq) FROM audit WHERE tenant = line.tenant)",
        ),
    ];
    for (what, change) in changes {
        let copy = stage.root.join(what.replace(' ', "-"));
        std::fs::create_dir(&copy).unwrap();
        for name in ["baluardo.db", "secrets.key"] {
            std::fs::copy(whole.join(name), copy.join(name)).unwrap();
        }
        tamper(&copy, change);
        let found = check(&copy);
        let said = String::from_utf8_lossy(&found.stderr).into_owned();
        assert!(!found.status.success(), "{what} was not found");
        assert!(said.contains("not whole") && said.contains("of the audit log was tampered with"), "{what}: {said}");
    }
}
