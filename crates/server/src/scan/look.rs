//! Looks at one file: from the cache, or by reading it and asking every engine.

use super::cache::Cache;
use super::gather::Engines;
use super::walk::Item;
use super::{budget, read};
use crate::cli::ScanArgs;
use baluardo_detect::clamd::{self, Answer};
use baluardo_detect::inspect::{Brought, Found, Inspection, Judgement};
use baluardo_detect::scan::Subject;
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a file is read again that changes while it is read.
const TRIES: usize = 3;

/// Everything that a worker needs.
pub(super) struct Look<'a> {
    engines: &'a Engines,
    cache: Option<&'a Cache>,
    most: usize,
    budget: Duration,
    clamd: Option<&'a Path>,
    owners: Mutex<HashMap<u32, String>>,
    /// Bytes that are in memory now, so that many workers do not hold many large files at once.
    held: Mutex<usize>,
    freed: Condvar,
}

impl<'a> Look<'a> {
    pub(super) fn new(engines: &'a Engines, cache: Option<&'a Cache>, args: &'a ScanArgs) -> Self {
        let most = usize::try_from(args.megabytes.get()).unwrap_or(usize::MAX).saturating_mul(1024 * 1024);
        Self {
            engines,
            cache,
            most,
            budget: budget(args),
            clamd: args.clamd.as_deref(),
            owners: Mutex::default(),
            held: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// What there is to say about the item.
    pub(super) fn at(&self, item: &Item) -> Inspection {
        if let Some(trouble) = &item.trouble {
            return failed(trouble);
        }
        let known =
            |cache: &Cache| std::fs::metadata(&item.path).is_ok_and(|meta| meta.is_file() && cache.knows(&meta));
        if self.cache.is_some_and(known) {
            return Inspection::default();
        }
        let looked = self.inspect(item, TRIES);
        looked.unwrap_or_else(|error| failed(&format!("it cannot be read: {error}")))
    }

    fn inspect(&self, item: &Item, tries: usize) -> std::io::Result<Inspection> {
        let inspector = self.engines.ready().map_err(std::io::Error::other)?;
        let began = Instant::now();
        let (file, meta) = read::open(&item.path)?;
        let room = self.hold(usize::try_from(meta.len()).unwrap_or(usize::MAX).min(self.most));
        let expired = || began.elapsed() >= self.budget;
        let got = read::read(&file, &meta, self.most, inspector.digests(), &expired)?;
        if got.changed && tries > 1 {
            drop((got, room));
            return self.inspect(item, tries - 1);
        }
        let subject = Subject::new(&item.path.to_string_lossy(), &self.owner(meta.uid()), &got.bytes);
        let brought = Brought { bytes: &got.bytes, length: got.length, digests: got.digests, subject };
        let mut inspection = inspector.inspect(brought, self.budget, &|| began.elapsed());
        if inspection.judgement() == Judgement::Clean {
            self.ask_clamd(&got.bytes, &mut inspection);
        }
        drop(room);
        if got.changed {
            let reason = "it changes all the time: what is told is about one moment of it".to_owned();
            inspection.findings.push(limit("changing", reason));
        } else if inspection.findings.is_empty() && inspection.judgement() == Judgement::Clean {
            self.note(&meta);
        }
        Ok(inspection)
    }

    /// A second opinion of what is clean; a daemon that does not answer leaves it unsaid that it is.
    fn ask_clamd(&self, bytes: &[u8], inspection: &mut Inspection) {
        let Some(socket) = self.clamd else { return };
        let asked = || {
            let mut line = UnixStream::connect(socket)?;
            line.set_read_timeout(Some(self.budget))?;
            line.set_write_timeout(Some(self.budget))?;
            clamd::ask(&mut line, bytes)
        };
        match asked() {
            Ok(Answer::Clean) => {}
            Ok(Answer::Found(name)) => inspection.findings.push(Found {
                engine: "clamav".to_owned(),
                name,
                score: 100,
                inside: None,
                reasons: vec!["ClamAV knows this file".to_owned()],
            }),
            Ok(Answer::None(why)) => inspection.findings.push(limit("clamd", format!("ClamAV did not look: {why}"))),
            Err(error) => {
                inspection.unfinished = true;
                inspection
                    .findings
                    .push(limit("clamd", format!("clamd does not answer at {}: {error}", socket.display())));
            }
        }
    }

    fn note(&self, meta: &Metadata) {
        if let Some(cache) = self.cache {
            cache.note(meta);
        }
    }

    /// Waits until `bytes` more may be in memory; one file always may.
    fn hold(&self, bytes: usize) -> Held<'_> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |held: &mut usize| *held > 0 && held.saturating_add(bytes) > self.most;
        let mut held = self.freed.wait_while(held, full).unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_add(bytes);
        Held { held: &self.held, freed: &self.freed, bytes }
    }

    fn owner(&self, uid: u32) -> String {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let name = || nix::unistd::User::from_uid(uid.into()).ok().flatten().map(|user| user.name).unwrap_or_default();
        owners.entry(uid).or_insert_with(name).clone()
    }
}

/// Bytes in memory, given back when dropped.
struct Held<'a> {
    held: &'a Mutex<usize>,
    freed: &'a Condvar,
    bytes: usize,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        drop(held);
        self.freed.notify_all();
    }
}

/// A file that could not be looked at.
fn failed(reason: &str) -> Inspection {
    Inspection { findings: vec![limit("not_scanned", reason.to_owned())], unfinished: true }
}

fn limit(name: &str, reason: String) -> Found {
    Found { engine: "limits".to_owned(), name: name.to_owned(), score: 0, inside: None, reasons: vec![reason] }
}
