//! A pack as it comes from an address: one file of rules or a list, or an archive of such files.

use crate::fetch::{self, Reach};
use crate::scan::OF_A_PACK;
use anyhow::{Context as _, bail};
use baluardo_detect::unpack::{Limits, Room, walk};
use baluardo_service::fleet::{Fetched, Gathered};
use baluardo_service::secret::hex;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;

/// The most bytes that are fetched: five million digests have half of it.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// What is opened of an archive: rules are text, and no archives lie within.
const LIMITS: Limits = Limits {
    depth: 2,
    parts: 100_000,
    total: 1024 * 1024 * 1024,
    part: 512 * 1024 * 1024,
    ratio: 1_000,
    harmless: 16 * 1024 * 1024,
};

/// Fetches a pack.
///
/// # Errors
/// A sentence on what stands in the way.
pub(crate) async fn fetch(address: &str, reach: Reach) -> anyhow::Result<Fetched> {
    let mut file = fetch::fetch(address, MAX_BYTES, reach).await?;
    let name = address.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    let read = move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok::<_, anyhow::Error>(Fetched { content: hex(&Sha256::digest(&bytes)), gathered: gather(&name, &bytes)? })
    };
    tokio::task::spawn_blocking(read).await.context("it could not be read")?
}

/// Reads what came, by what it begins with.
fn gather(name: &str, bytes: &[u8]) -> anyhow::Result<Gathered> {
    let mut gathered = Gathered::default();
    if !matches!(bytes, [b'P', b'K', 3, 4, ..] | [0x1f, 0x8b, ..]) {
        if bytes.trim_ascii_start().starts_with(b"<") {
            bail!("a page of the web came, and no rules: is the address that of the file itself?");
        }
        gathered.add(name, bytes);
        return Ok(gathered);
    }
    let never = || false;
    let mut room = Room::new(LIMITS, &never);
    let mut taken = 0_u64;
    walk(bytes, &mut room, &mut |inside, part| {
        let Some(path) = inside else { return };
        let end = path.rsplit('.').next().unwrap_or_default();
        if OF_A_PACK.iter().any(|known| end.eq_ignore_ascii_case(known)) {
            gathered.add(path, part);
            taken += 1;
        }
    });
    let (refusals, _) = room.leave();
    if let Some(refusal) = refusals.iter().find(|refusal| refusal.inside.is_none() && refusal.unfinished) {
        bail!("the archive cannot be read whole: {}", refusal.reason);
    }
    if taken == 0 {
        bail!("the archive holds no file that ends in one of: {}", OF_A_PACK.join(", "));
    }
    Ok(gathered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_taken_as_it_is_and_a_page_of_the_web_is_refused() {
        let rules = gather("a.yar", b"rule a { condition: false }").unwrap();
        assert_eq!((rules.rules.len(), rules.rules[0].name.as_str()), (1, "a.yar"));
        let list = gather("list", b"44d88612fea8a8f36de82e1278abb02f\n").unwrap();
        assert_eq!((list.rules.len(), list.indicators.len()), (0, 1));
        assert!(gather("x", b"\n<!DOCTYPE html>").unwrap_err().to_string().contains("page of the web"));
        assert!(gather("x.zip", b"PK\x03\x04broken").is_err());
    }
}
