//! What is told of what rules find: one finding for each rule and source, which grows. A hundred thousand tries are one.

use super::clean;
use baluardo_detect::sigma::{Event, Match};
use baluardo_model::intrusion::{EventField, Intrusion};
use baluardo_model::protection::{Finding, FindingKind, ProcessSeen, Reason, Severity, Step, StepKind};
use baluardo_model::{Chance, FindingId, Timestamp};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Most findings that grow at once.
const MOST: usize = 256;
/// Most new findings of one rule in an hour; what comes from further sources is one finding together.
const NEW_IN_AN_HOUR: u32 = 20;
/// A finding that did not grow for so long, or is so old, is closed: what comes then is a new one.
const QUIET: Duration = Duration::from_secs(3_600);
const OLD: Duration = Duration::from_secs(24 * 3_600);
/// How a finding grew is told after so long, and then after twice the time, up to an hour.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// Most accounts that are told.
const MOST_ACCOUNTS: usize = 8;
const HOUR: Duration = Duration::from_secs(3_600);

/// The findings that grow.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    open: HashMap<String, Open>,
    /// By rule: since when, and how many new findings since.
    fresh: HashMap<String, (Timestamp, u32)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    finding: Finding,
    /// How much was told.
    told: u64,
    told_at: Timestamp,
    /// How often it was told.
    tells: u32,
    grew_at: Timestamp,
    begun_at: Timestamp,
}

/// One match, as far as it is told.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) rule: String,
    title: String,
    title_it: String,
    severity: Severity,
    techniques: Vec<String>,
    source: Option<IpAddr>,
    account: Option<String>,
    /// What it is about where no source is known.
    about: String,
    count: u64,
    pub(super) at: Timestamp,
    fields: Vec<EventField>,
    processes: Vec<ProcessSeen>,
}

impl Sighting {
    /// Nothing for a rule that only counts.
    pub(super) fn of(found: &Match<'_>, event: &Event, at: Timestamp) -> Option<Self> {
        let rule = found.rule;
        if rule.level <= Severity::Info {
            return None;
        }
        let source = event.get("SourceIp").and_then(|text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
        let account = clean::account(event);
        let thing = ["TargetFilename", "Image", "UNIT", "TargetUser", "User"].iter().find_map(|name| event.get(name));
        let about = source.map_or_else(|| clean::text(thing.unwrap_or_default()), |source| source.to_string());
        Some(Self {
            rule: rule.id.to_string(),
            title: rule.title.to_string(),
            title_it: rule.title_it.to_string(),
            severity: rule.level,
            techniques: rule.techniques().collect(),
            source,
            account,
            about,
            count: found.joined.as_ref().map_or(1, |joined| joined.count),
            at,
            fields: clean::fields(event),
            processes: processes(event),
        })
    }
}

/// The program that was started and who started it, where the event is about one.
fn processes(event: &Event) -> Vec<ProcessSeen> {
    let number = |name: &str| event.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (pid, parent) = (number("ProcessId"), number("ParentProcessId"));
    let seen = |pid, parent, exe: &str, line: &str| ProcessSeen {
        pid,
        parent,
        exe: clean::text(event.get(exe).unwrap_or_default()),
        cmdline: clean::text(event.get(line).unwrap_or_default()),
        uid: u32::MAX,
    };
    match pid {
        0 => Vec::new(),
        _ => vec![seen(pid, parent, "Image", "CommandLine"), seen(parent, 0, "ParentImage", "ParentCommandLine")],
    }
}

impl Ledger {
    /// Takes a match. Gives the finding where it is to be told now. The same matches in the same order give the same
    /// findings, also after a death: `seed` is the device's own.
    pub(super) fn take(&mut self, sighting: Sighting, now: Timestamp, seed: &[u8]) -> Option<Finding> {
        self.open.retain(|_, open| now.since(open.grew_at) < QUIET && now.since(open.begun_at) < OLD);
        let mut key = format!("{} {}", sighting.rule, sighting.about);
        let mut sighting = sighting;
        if !self.open.contains_key(&key) && !self.may_begin(&sighting.rule, now) {
            key = format!("{} *", sighting.rule);
            (sighting.source, sighting.about) = (None, "*".to_owned());
        }
        if let Some(open) = self.open.get_mut(&key) {
            open.grow(sighting, now);
            return open.due(now).then(|| open.tell(now));
        }
        self.make_room();
        let mut open = Open::new(sighting, now, seed, &key);
        let finding = open.tell(now);
        self.open.insert(key, open);
        Some(finding)
    }

    /// Whether a rule may begin one more finding in this hour.
    fn may_begin(&mut self, rule: &str, now: Timestamp) -> bool {
        self.fresh.retain(|_, (since, _)| now.since(*since) < HOUR);
        let (_, count) = self.fresh.entry(rule.to_owned()).or_insert((now, 0));
        *count = count.saturating_add(1);
        *count <= NEW_IN_AN_HOUR
    }

    /// Forgets the finding that was quiet longest when there are too many.
    fn make_room(&mut self) {
        if self.open.len() >= MOST {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.grew_at).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.open.remove(&key));
        }
    }

    /// Findings that grew and are to be told by now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Finding> {
        self.open.values_mut().filter(|open| open.due(now)).map(|open| open.tell(now)).collect()
    }

    /// In how long the next one is due; none while nothing grew.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Duration> {
        self.open.values().filter(|open| open.grew()).map(|open| open.told_at.plus(open.wait()).since(now)).min()
    }
}

impl Open {
    fn new(sighting: Sighting, now: Timestamp, seed: &[u8], key: &str) -> Self {
        let born = [seed, key.as_bytes(), &sighting.at.micros().to_be_bytes()].concat();
        let id = FindingId::new(sighting.at, &Known(digest(&SHA256, &born).as_ref().to_vec()));
        let detail = sighting.about.clone();
        let reason = Reason { engine: "sigma".to_owned(), rule: sighting.rule.clone(), detail: sighting.title.clone() };
        let step = Step { at: sighting.at, kind: StepKind::Detected, detail: detail.clone(), files: 0 };
        let intrusion = Intrusion {
            rule: sighting.rule,
            title: sighting.title,
            title_it: sighting.title_it,
            source: sighting.source,
            accounts: sighting.account.into_iter().collect(),
            count: sighting.count,
            last_at: sighting.at,
            fields: sighting.fields,
        };
        let finding = Finding {
            id,
            kind: FindingKind::Intrusion,
            severity: sighting.severity,
            detected_at: sighting.at,
            path: detail,
            sha256: None,
            reasons: vec![reason],
            processes: sighting.processes,
            techniques: sighting.techniques,
            files_touched: 0,
            files_lost: 0,
            steps: vec![step],
            intrusion: Some(Box::new(intrusion)),
        };
        Self { finding, told: 0, told_at: now, tells: 0, grew_at: now, begun_at: now }
    }

    fn count(&self) -> u64 {
        self.finding.intrusion.as_ref().map_or(0, |intrusion| intrusion.count)
    }

    fn grow(&mut self, sighting: Sighting, now: Timestamp) {
        self.grew_at = now;
        let Some(intrusion) = &mut self.finding.intrusion else { return };
        intrusion.count = intrusion.count.saturating_add(sighting.count);
        intrusion.last_at = intrusion.last_at.max(sighting.at);
        intrusion.fields = sighting.fields;
        let known = |name: &String| intrusion.accounts.contains(name);
        if let Some(account) = sighting.account.filter(|name| !known(name))
            && intrusion.accounts.len() < MOST_ACCOUNTS
        {
            intrusion.accounts.push(account);
        }
        if !sighting.processes.is_empty() {
            self.finding.processes = sighting.processes;
        }
    }

    fn grew(&self) -> bool {
        self.count() > self.told
    }

    fn wait(&self) -> Duration {
        FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.tells.saturating_sub(1).min(10))).min(HOUR)
    }

    fn due(&self, now: Timestamp) -> bool {
        self.grew() && now.since(self.told_at) >= self.wait()
    }

    fn tell(&mut self, now: Timestamp) -> Finding {
        (self.told, self.told_at) = (self.count(), now);
        self.tells = self.tells.saturating_add(1);
        self.finding.clone()
    }
}

/// Bytes that are known beforehand in place of chance, so that a finding that is made again after a death is the same one.
struct Known(Vec<u8>);

impl Chance for Known {
    fn fill(&self, buffer: &mut [u8]) {
        for (byte, known) in buffer.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *known;
        }
    }
}

#[cfg(test)]
mod tests;
