//! Limits of the process. A permission listener that runs out of descriptors fails closed for everyone, so the limit goes
//! as high as the system lets it, and the sensor stays far below.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit on open files to the hard limit and gives what it is now.
pub fn raise_open_files() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 1_024 };
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft }
}
