//! Fail points: places where a test kills the process, to show that no instant of death loses a file.

/// Marks a step between two writes. Outside the unit tests it does nothing.
#[cfg(not(test))]
pub(crate) fn point() {}

/// Marks a step between two writes: dies at the step that the environment names.
#[cfg(test)]
pub(crate) fn point() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let Some(at) = std::env::var("BALUARDO_DIE_AT").ok().and_then(|text| text.parse::<u64>().ok()) else { return };
    if PASSED.fetch_add(1, Ordering::SeqCst) == at {
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
    }
}
