//! Is this file malware? Reads it, asks the scanner, and remembers the answer.

use super::core::{Core, Rules};
use super::verdicts::Judged;
use crate::platform::place::Look;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::sync::Arc;

/// Judges an open file. Files beyond the policy's size are let be.
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
    let verdict = rules.scanner.scan(&bytes, rules.scan_budget());
    let complete = verdict.complete;
    let judged = if verdict.is_bad() && !core.quarantine.allows(path, &verdict.sha256) {
        Judged::Bad(Arc::new(verdict))
    } else {
        Judged::Clean
    };
    if complete {
        core.verdicts.note(look.stamp, judged.clone());
    }
    Ok(judged)
}
