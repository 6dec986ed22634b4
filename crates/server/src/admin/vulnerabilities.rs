//! `baluardo admin vulnerabilities import`: reads what Debian or OSV publish, and tells what was kept and what was not.

use crate::fetch::{Reach, fetch};
use anyhow::{Context as _, bail};
use baluardo_detect::advisories::{AdvisoryError, Reading, read_json, read_lines};
use baluardo_detect::unpack::{Limits, Room, walk};
use baluardo_model::identity::Actor;
use baluardo_service::House;
use baluardo_service::fleet::{Imported, import_advisories};
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// The most bytes of an input: the tracker has some 60 MB, OSV's archive of Debian some 50 MB packed.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// What is opened of an archive: many small records, no archives within.
const LIMITS: Limits = Limits {
    depth: 1,
    parts: 1_000_000,
    total: 4 * 1024 * 1024 * 1024,
    part: 16 * 1024 * 1024,
    ratio: 1_000,
    harmless: 16 * 1024 * 1024,
};

/// Reads `from` and keeps it in place of what was imported of the same kind before.
pub(super) async fn import(house: &House, from: &str) -> anyhow::Result<()> {
    let reading = if from.starts_with("https://") || from.starts_with("http://") {
        let file =
            fetch(from, MAX_BYTES, Reach::Anywhere).await.with_context(|| format!("{from} could not be fetched"))?;
        read(file, from)
    } else {
        let file = File::open(Path::new(from)).with_context(|| format!("{from} cannot be opened"))?;
        read(file, from)
    };
    let reading = reading.with_context(|| format!("{from} was not imported, and what was imported before stays"))?;
    if reading.kept() == 0 {
        bail!(
            "{from} holds {} entries and none about a release of Debian or Ubuntu that is in use: nothing was changed{}",
            reading.entries,
            told(&reading)
        );
    }
    let feed = if reading.tracker { "debian" } else { "osv" };
    let (entries, kept, skipped) = (reading.entries, reading.kept(), told(&reading));
    let imported = Imported { known: reading.known, words: reading.words };
    let row = import_advisories(house, &Actor::Platform, feed, from, imported).await?;
    println!(
        "{feed}: {entries} entries read, {kept} kept: {} vulnerabilities in {} source packages by release{skipped}",
        row.vulnerabilities, row.sources
    );
    Ok(())
}

/// What was passed over, one line for each reason.
fn told(reading: &Reading) -> String {
    reading.skipped.iter().map(|(why, count)| format!("\n  {count} passed over: {why}")).collect()
}

/// Reads a file by what it begins with, and by its name where that does not tell.
fn read(mut file: File, name: &str) -> anyhow::Result<Reading> {
    let size = file.metadata()?.len();
    if size > MAX_BYTES {
        bail!("it has {size} bytes, more than the {MAX_BYTES} that are read");
    }
    let mut head = [0; 4];
    let begun = file.read(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let mut reading = Reading::default();
    match head.get(..begun).unwrap_or_default() {
        b"PK\x03\x04" => read_archive(file, &mut reading)?,
        [0x1f, 0x8b, ..] | [0xfd, b'7', b'z', ..] | [b'B', b'Z', b'h', ..] => {
            bail!("it is compressed in a way that is not read here: unpack it first (gunzip, unxz or bunzip2)")
        }
        _ if [".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end)) => {
            read_lines(BufReader::new(file), &mut reading)?;
        }
        _ => read_json(BufReader::with_capacity(1024 * 1024, file), &mut reading)?,
    }
    Ok(reading)
}

fn read_archive(mut file: File, reading: &mut Reading) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let never = || false;
    let mut room = Room::new(LIMITS, &never);
    let mut failed: Option<AdvisoryError> = None;
    let (mut records, mut strange) = (0_u64, 0_u64);
    walk(&bytes, &mut room, &mut |inside, part| {
        if failed.is_some() || !inside.is_some_and(|path| path.ends_with(".json")) {
            return;
        }
        match read_json(part, reading) {
            Ok(()) => records += 1,
            Err(AdvisoryError::Unreadable(_)) => strange += 1,
            Err(error) => failed = Some(error),
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    let (refusals, _) = room.leave();
    if let Some(refusal) = refusals.iter().find(|refusal| refusal.inside.is_none() && refusal.unfinished) {
        bail!("the archive cannot be read whole: {}", refusal.reason);
    }
    if records == 0 {
        bail!("the archive holds no record that can be read ({strange} files of another form)");
    }
    if strange > 0 {
        *reading.skipped.entry("a file in the archive that is no OSV record").or_default() += strange;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const RECORD: &str = r#"{"id":"CVE-2026-1","affected":[{"package":{"ecosystem":"Debian:12","name":"curl"},
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#;

    /// A zip with stored parts.
    fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, text) in parts {
            let offset = out.len() as u32;
            let size = (text.len() as u32).to_le_bytes();
            let mut fields = vec![0; 16];
            fields.extend_from_slice(&size);
            fields.extend_from_slice(&size);
            fields.extend_from_slice(&(name.len() as u16).to_le_bytes());
            fields.extend_from_slice(&[0, 0]);
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&fields[2..]);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(text.as_bytes());
            directory.extend_from_slice(b"PK\x01\x02\0\0");
            directory.extend_from_slice(&fields[2..]);
            directory.extend_from_slice(&[0; 10]);
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
        }
        let (at, size, count) = (out.len() as u32, directory.len() as u32, parts.len() as u16);
        out.extend_from_slice(&directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out
    }

    fn put(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn an_archive_a_record_and_lines_of_records_are_read() {
        let other = RECORD.replace("CVE-2026-1", "CVE-2026-2");
        let archive = zip(&[("a.json", RECORD), ("b.json", &other), ("README", "x"), ("c.json", "[3]")]);
        let read_all = read(put(&archive), "all.zip").unwrap();
        assert_eq!(read_all.kept(), 2);
        assert_eq!(read_all.skipped["a file in the archive that is no OSV record"], 1);
        assert_eq!(read(put(RECORD.as_bytes()), "one.json").unwrap().kept(), 1);
        assert_eq!(read(put(RECORD.replace('\n', "").as_bytes()), "x.jsonl").unwrap().kept(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_remedy() {
        let refused = |bytes: &[u8], name: &str| format!("{:#}", read(put(bytes), name).unwrap_err());
        assert!(refused(b"\x1f\x8b\x08\0", "x.json.gz").contains("gunzip"));
        assert!(refused(b"<html>", "x.json").contains("neither Debian's security tracker"));
        assert!(refused(b"", "x.json").contains("EOF"));
        assert!(refused(&zip(&[("README", "x")]), "x.zip").contains("no record"));
    }
}
