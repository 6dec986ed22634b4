//! How many may be connected at once: as many as the system lets this process open files, divided among the doors, and of
//! each door's places half for one network at most.

use crate::crowd::{Bounds, Crowd};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

/// The most connections of people at once.
const PEOPLE: usize = 2_000;

/// The most connections of devices at once: each holds one for waking and now and then one for an exchange.
const DEVICES: usize = 50_000;

/// Files that are no connections: the database, its journal, what the libraries hold.
const OTHERS: usize = 128;

/// What a process may open when the system does not say.
const USUAL: u64 = 1_024;

/// Connections that each door may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) people: usize,
    pub(super) devices: usize,
}

impl Places {
    /// What one network of people may: a whole town hall may sit behind one address, and each of its open pages asks
    /// again when something happens.
    pub(super) fn crowd_of_people(self) -> Crowd {
        Crowd::new(Bounds { connections: half(self.people), burst: 2_000, per_second: 200 })
    }

    /// What one network of devices may. How often a device calls is bounded by its certificate, not here.
    pub(super) fn crowd_of_devices(self) -> Crowd {
        Crowd::new(Bounds { connections: half(self.devices), burst: 0, per_second: 0 })
    }
}

fn half(places: usize) -> usize {
    (places / 2).max(1)
}

/// Raises the limit on open files as far as the system allows and divides it; says so when it is too little for the
/// fleet that the server is made for.
pub(super) fn places() -> Places {
    let limit = raise_open_files();
    let places = divide(limit);
    if places.devices < DEVICES {
        warn!(
            limit,
            devices = places.devices,
            "the limit on open files bounds how many devices can be connected at once: raise it (systemd: LimitNOFILE=65536)"
        );
    }
    places
}

/// A quarter of the files for people at most, because a fleet without a console still protects.
fn divide(limit: u64) -> Places {
    let free = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(OTHERS);
    let people = PEOPLE.min(free / 4).max(1);
    Places { people, devices: DEVICES.min(free.saturating_sub(people)).max(1) }
}

/// The limit is 1,024 in most shells, though the system allows a thousand times that: a process must ask.
fn raise_open_files() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return USUAL };
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doors_share_what_the_system_allows() {
        assert_eq!(divide(1_048_576), Places { people: 2_000, devices: 50_000 });
        assert_eq!(divide(1_024), Places { people: 224, devices: 672 });
        assert_eq!(divide(0), Places { people: 1, devices: 1 });
    }

    #[test]
    fn the_process_may_open_as_many_files_as_the_system_allows() {
        let limit = raise_open_files();
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).map(|(soft, _)| soft), Ok(limit));
    }
}
