//! Is this file malware? Reads it, asks the scanner, and remembers the answer.

use super::core::{Core, Rules};
use super::verdicts::Judged;
use crate::platform::place::Look;
use baluardo_detect::unpack::Limits;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// What is opened of a container on the device: less than where a person waits for the answer, and in little memory.
const LIMITS: Limits = Limits {
    depth: 4,
    parts: 2_000,
    total: 64 * 1024 * 1024,
    part: 16 * 1024 * 1024,
    ratio: 200,
    harmless: 16 * 1024 * 1024,
};

/// Judges an open file, and what is inside it. Files beyond the policy's size are let be.
pub(crate) fn judge(core: &Core, rules: &Rules, path: &Path, file: &mut File, look: &Look) -> io::Result<Judged> {
    if let Some(known) = core.verdicts.get(&look.stamp) {
        return Ok(known);
    }
    if look.stamp.size > rules.policy.max_file_bytes {
        return Ok(Judged::Clean);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(look.stamp.size).unwrap_or(0));
    file.rewind()?;
    io::Read::by_ref(file).take(rules.policy.max_file_bytes).read_to_end(&mut bytes)?;
    let begun = Instant::now();
    let name = path.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
    let verdict = rules.scanner.scan_through(&name, &bytes, LIMITS, rules.scan_budget(), &|| begun.elapsed());
    let complete = verdict.complete;
    let is_doubtful = !verdict.suspicions.is_empty();
    let judged = if !(verdict.is_bad() || is_doubtful) || is_let_be(core, rules, path, &verdict.sha256) {
        Judged::Clean
    } else if verdict.is_bad() || rules.policy.hold_suspicious {
        Judged::Bad(Arc::new(verdict))
    } else {
        core.doubts.tell(&core.teller, path, &verdict);
        Judged::Clean
    };
    if complete {
        core.verdicts.note(look.stamp, judged.clone());
    }
    Ok(judged)
}

/// Whether people said that nothing is to be said of this file: by releasing it from quarantine, or by judging its content.
pub(crate) fn is_let_be(core: &Core, rules: &Rules, path: &Path, sha256: &str) -> bool {
    rules.policy.good_sha256.iter().any(|good| good == sha256) || core.quarantine.allows(path, sha256)
}
