//! Verdicts that still hold, because the file has not changed since.

use crate::platform::place::Stamp;
use crate::vault::locked;
use baluardo_detect::scan::Verdict;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Most verdicts kept; then all are forgotten, which costs a scan each and nothing else.
const MOST: usize = 100_000;

/// What is known of one version of a file.
#[derive(Clone, Debug)]
pub(crate) enum Judged {
    Clean,
    Bad(Arc<Verdict>),
}

#[derive(Default)]
pub(crate) struct Verdicts(Mutex<HashMap<(u64, u64), (Stamp, Judged)>>);

impl Verdicts {
    pub(crate) fn get(&self, stamp: &Stamp) -> Option<Judged> {
        let known = locked(&self.0);
        known.get(&(stamp.dev, stamp.ino)).filter(|(of, _)| of == stamp).map(|(_, judged)| judged.clone())
    }

    pub(crate) fn note(&self, stamp: Stamp, judged: Judged) {
        let mut known = locked(&self.0);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((stamp.dev, stamp.ino), (stamp, judged));
    }

    /// Rules or releases changed: nothing is known any more.
    pub(crate) fn clear(&self) {
        locked(&self.0).clear();
    }
}
