//! The look before anything else starts.

use super::places::{Places, sha256_of};
use super::record::{Installed, make_key};
use super::{Wrong, look, policy};
use crate::identity::saved::Identity;
use crate::identity::state_dir::{StateDir, StateError};
use crate::life;
use crate::platform::packaging;
use baluardo_model::fleet::Policy;
use baluardo_model::protection::Severity;
use baluardo_model::{Chance, Clock, Timestamp};

/// What the look gave.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The policy to follow.
    pub policy: Policy,
    /// What is not as it was installed.
    pub wrong: Vec<Wrong>,
    /// SHA-256 of the program that runs.
    pub program: String,
    /// When the program that belongs here was noted.
    pub noted_at: Timestamp,
}

/// Looks at program, unit, settings and policy. What is wrong keeps nobody from protecting: it is told, and a policy that nobody
/// signed is not followed. What is noted of it is not told again at every start.
///
/// # Errors
/// [`StateError`] where the state folder cannot be read or written.
pub fn at_start(
    state: &StateDir,
    identity: &Identity,
    places: &Places,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<Checked, StateError> {
    make_key(state, chance);
    let now = clock.now();
    let mut wrong = Vec::new();
    let forged = |detail: String| Wrong::new("record_forged", Severity::High, state.file(super::record::FILE), detail);
    let (mut record, known) = match Installed::read(state) {
        Ok(Some(record)) => (record, true),
        Ok(None) => {
            let fresh = Installed::of_now(state, places, now);
            if life::knew_record(state) {
                wrong.push(forged("the record of what was installed was removed".to_owned()));
                // What lies there now proves nothing of the policy.
                (Installed { policy: String::new(), ..fresh }, false)
            } else {
                (fresh, false)
            }
        }
        Err(error @ StateError::Damaged { .. }) => {
            wrong.push(forged(error.to_string()));
            (Installed { policy: String::new(), ..Installed::of_now(state, places, now) }, false)
        }
        Err(error) => return Err(error),
    };
    let program = sha256_of(&places.image);
    // A package that is being put there says what belongs here when it is done.
    if known && program != record.program && program != record.told && !packaging::is_under_way() {
        let (version, before) = (&record.version, &record.program);
        let detail =
            format!("the program has the SHA-256 {program}; version {version}, which was installed, had {before}");
        wrong.push(Wrong::new("program_replaced", Severity::Critical, &places.program, detail));
        record.told.clone_from(&program);
    }
    let followed = policy::proven(state, identity, &record).unwrap_or_else(|error| {
        wrong.push(error);
        policy::instead()
    });
    if known && !packaging::is_under_way() {
        wrong.extend(look::changed_since(&mut record, state, places));
    }
    record.write(state)?;
    for wrong in &wrong {
        tracing::error!("tampering: {wrong}");
    }
    Ok(Checked { policy: followed, wrong, program, noted_at: record.noted_at })
}
