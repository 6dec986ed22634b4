//! `guard`: the ransomware guard alone, without a server and without enrolment. It is the same protection that `run`
//! starts, with the folders of the command line in place of a policy and a journal in place of the spool.

mod journal;
mod places;

pub use places::{GuardError, GuardPlaces};

use crate::identity::state_dir::StateDir;
use crate::protect::{ProtectSettings, Protection};
use crate::report::Report;
use baluardo_model::fleet::Policy;
use baluardo_model::intrusion::IntrusionPolicy;
use baluardo_model::{Chance, Clock};
use journal::LineJournal;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is looked whether the vault is filled, or the last attack undone.
const LOOK: Duration = Duration::from_millis(20);
/// How long an attack that is being undone may hold up the end.
const LATEST: Duration = Duration::from_secs(20);

/// Guards until `stop` ends. `ready` is called once, when every document is in the vault and the sensors see.
///
/// # Errors
/// [`GuardError`]: only what keeps it from starting.
pub async fn guard(
    places: &GuardPlaces,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    ready: impl FnOnce(&str),
    stop: impl Future<Output = ()>,
) -> Result<(), GuardError> {
    let _lock = StateDir::open(&places.vault)?.lock()?;
    let journal = Arc::new(LineJournal::open(&places.journal)?);
    let policy = Policy {
        version: 1,
        scan_folders: Vec::new(),
        guard_folders: places.protect.clone(),
        vault_bytes: places.vault_bytes,
        max_file_bytes: places.max_file_bytes,
        verdict_ms: 10_000,
        respond: true,
        bad_sha256: Vec::new(),
        good_sha256: Vec::new(),
        hold_suspicious: false,
        isolate_hours: 0,
        superseded_hours: 24,
        collect_evidence: false,
        // Alone it guards documents and nothing else.
        intrusion: IntrusionPolicy { watch: false, ..IntrusionPolicy::default() },
        packs: Vec::new(),
    };
    let report = Arc::clone(&journal) as Arc<dyn Report>;
    let settings =
        ProtectSettings { state_dir: places.vault.clone(), policy, clock, chance, report, server: None, clamd: None };
    let protection = Protection::start(settings)?;
    protection.keep_out(&places.journal);
    let life = async {
        while !protection.is_filled() {
            tokio::time::sleep(LOOK).await;
        }
        ready(&crate::duty::Duty::coverage(protection.as_ref()).1);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = life => {}
        () = stop => {}
    }
    let asked = Instant::now();
    while protection.is_undoing() && asked.elapsed() < LATEST {
        tokio::time::sleep(LOOK).await;
    }
    protection.remove_canaries();
    protection.stop();
    Ok(())
}
