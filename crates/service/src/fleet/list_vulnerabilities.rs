//! Known vulnerabilities on the devices of a tenant: what is installed, held against what was imported.
//!
//! Nothing is kept of it: the packages of today meet the knowledge of today each time that somebody asks.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::package::compare_versions;
use baluardo_model::protection::Severity;
use baluardo_model::vulnerability::Advisory;
use baluardo_store::fleet::advisories::{AdvisoryRow, FeedRow};
use baluardo_store::fleet::inventory::SourceRow;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most devices of one vulnerability that are named.
const MAX_DEVICES: u32 = 5_000;

/// A vulnerability that some device has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vulnerability {
    /// Its name: `CVE-2026-1234`.
    pub id: String,
    /// The source package.
    pub source: String,
    /// How bad.
    pub severity: Severity,
    /// Ten times its CVSS base score, where it has one.
    pub score: Option<u8>,
    /// The oldest version of the source that has it here.
    pub installed: String,
    /// The version that is free of it, the latest where releases differ; none while there is none for some release here.
    pub fixed: Option<String>,
    /// Devices that have it.
    pub devices: u64,
}

/// What is known, and from when the knowledge is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownVulnerabilities {
    /// Worst first; of the equally bad those with a remedy first.
    pub found: Vec<Vulnerability>,
    /// What was imported; nothing means that nothing can be known.
    pub feeds: Vec<FeedRow>,
}

/// A device that has a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VulnerableDevice {
    /// Which.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// The version of the source that it has.
    pub installed: String,
    /// The version that is free of it, for its release; none while there is none.
    pub fixed: Option<String>,
}

/// Known vulnerabilities of the active devices of `tenant`. `text` narrows to those whose name or source holds it.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_vulnerabilities(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    text: &str,
) -> Result<KnownVulnerabilities, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let mut rows = tx.tenant(scope);
    let (sources, advisories) = (rows.sources().await?, rows.advisories().await?);
    let devices = rows.devices("").await?.len() as u64;
    let feeds = tx.platform().feeds().await?;
    let mut found = found_in(&sources, &advisories, devices);
    let text = text.trim().to_lowercase();
    found.retain(|one| one.id.to_lowercase().contains(&text) || one.source.to_lowercase().contains(&text));
    Ok(KnownVulnerabilities { found, feeds })
}

/// The words of a feed about a vulnerability of a source (empty where it has none), and the active devices that have it.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn get_vulnerability(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: &str,
    source: &str,
) -> Result<(String, Vec<VulnerableDevice>), Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    // A NUL can stand in no name, and PostgreSQL refuses it in a value.
    if id.contains('\0') || source.contains('\0') {
        return Ok((String::new(), Vec::new()));
    }
    let holders = tx.tenant(scope).devices_with_source(source, MAX_DEVICES).await?;
    let known = tx.platform().advisories_of_source(source).await?;
    let mut found: BTreeMap<(String, String), VulnerableDevice> = BTreeMap::new();
    for (device, hostname, release, installed) in holders {
        let of_release = known.iter().filter(|row| row.release == release).flat_map(|row| &row.advisories);
        let Some(advisory) = of_release.into_iter().find(|one| one.id == id && one.concerns(&installed)) else {
            continue;
        };
        let (key, device) = ((hostname.clone(), device.to_string()), device.to_string());
        found.entry(key).or_insert(VulnerableDevice { device, hostname, installed, fixed: advisory.fixed.clone() });
    }
    let words = tx.platform().advisory_text(id).await?;
    Ok((words, found.into_values().collect()))
}

/// What `known` says of `sources`; no vulnerability is counted on more than `devices`.
pub(super) fn found_in(sources: &[SourceRow], known: &[AdvisoryRow], devices: u64) -> Vec<Vulnerability> {
    let mut by_source: HashMap<(&str, &str), Vec<&Advisory>> = HashMap::new();
    for row in known {
        by_source.entry((&row.release, &row.source)).or_default().extend(&row.advisories);
    }
    let mut found: BTreeMap<(&str, &str), (Vulnerability, &Advisory)> = BTreeMap::new();
    for row in sources {
        let advisories = by_source.get(&(row.release.as_str(), row.source.as_str())).into_iter().flatten();
        let mut counted: HashSet<&str> = HashSet::new();
        for advisory in advisories.filter(|advisory| advisory.concerns(&row.version)) {
            // Two feeds may know the same.
            let first = counted.insert(&advisory.id);
            let key = (advisory.id.as_str(), row.source.as_str());
            let (told, worst) = found.entry(key).or_insert_with(|| (fresh(row, advisory), advisory));
            if first {
                told.devices = (told.devices + row.count).min(devices);
            }
            if compare_versions(&row.version, &told.installed).is_lt() {
                told.installed.clone_from(&row.version);
            }
            if advisory.rank() > worst.rank() {
                (told.severity, told.score) = (advisory.severity(), advisory.score.or(told.score));
                *worst = advisory;
            }
            told.fixed = later(told.fixed.take(), advisory.fixed.as_ref());
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by(|(a, worse), (b, bad)| {
        let order = |told: &Vulnerability, advisory: &Advisory| (told.severity, told.fixed.is_some(), advisory.score);
        order(b, bad).cmp(&order(a, worse)).then_with(|| b.devices.cmp(&a.devices)).then_with(|| a.id.cmp(&b.id))
    });
    found.into_iter().map(|(told, _)| told).collect()
}

/// The later of two remedies; none where one of them is missing, because some device here has none.
fn later(one: Option<String>, other: Option<&String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if compare_versions(&one, other).is_lt() => Some(other.clone()),
        (Some(one), Some(_)) => Some(one),
        _ => None,
    }
}

fn fresh(row: &SourceRow, advisory: &Advisory) -> Vulnerability {
    Vulnerability {
        id: advisory.id.clone(),
        source: row.source.clone(),
        severity: advisory.severity(),
        score: advisory.score,
        installed: row.version.clone(),
        fixed: advisory.fixed.clone(),
        devices: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::vulnerability::Urgency;

    fn source(release: &str, source: &str, version: &str, count: u64) -> SourceRow {
        SourceRow { release: release.to_owned(), source: source.to_owned(), version: version.to_owned(), count }
    }

    fn advisory(id: &str, fixed: Option<&str>, score: Option<u8>) -> Advisory {
        let fixed = fixed.map(str::to_owned);
        Advisory { id: id.to_owned(), since: None, fixed, urgency: Urgency::Unknown, score }
    }

    fn known(release: &str, source: &str, advisories: Vec<Advisory>) -> AdvisoryRow {
        AdvisoryRow { release: release.to_owned(), source: source.to_owned(), advisories }
    }

    #[test]
    fn only_the_release_and_version_of_a_device_are_concerned_and_the_worst_comes_first() {
        let sources = [
            source("debian:12", "openssl", "3.0.9-1", 3),
            source("debian:12", "openssl", "3.0.11-1", 2),
            source("debian:13", "openssl", "3.0.9-1", 1),
            source("debian:12", "bash", "5.2-1", 5),
        ];
        let knowledge = [
            known(
                "debian:12",
                "openssl",
                vec![advisory("CVE-1", Some("3.0.11-1"), Some(75)), advisory("CVE-2", None, Some(98))],
            ),
            known("debian:12", "bash", vec![advisory("CVE-3", Some("5.3"), None)]),
            known("debian:11", "bash", vec![advisory("CVE-4", None, None)]),
        ];
        let found = found_in(&sources, &knowledge, 6);
        let told: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.devices, one.fixed.as_deref())).collect();
        assert_eq!(told, [("CVE-2", 5, None), ("CVE-1", 3, Some("3.0.11-1")), ("CVE-3", 5, Some("5.3"))]);
        assert_eq!(found[0].installed, "3.0.9-1");
    }

    #[test]
    fn what_two_feeds_know_is_told_once_with_the_score_of_the_one_that_has_it() {
        let sources = [source("debian:12", "openssl", "3.0.9-1", 3)];
        let knowledge = [
            known("debian:12", "openssl", vec![advisory("CVE-1", Some("3.0.11-1"), None)]),
            known("debian:12", "openssl", vec![advisory("CVE-1", Some("3.0.11-1"), Some(91))]),
        ];
        let found = found_in(&sources, &knowledge, 9);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].devices, found[0].score, found[0].severity), (3, Some(91), Severity::Critical));
    }
}
