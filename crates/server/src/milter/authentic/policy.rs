//! How much of the mail a domain wants its policy applied to: DMARC's `pct` (RFC 7489 section 6.6.4). RFC 9989 has left it out, and
//! with it the library; domains that are on their way to a strict policy still write it.

use baluardo_mail::Wish;
use mail_auth::MessageAuthenticator;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

/// Labels of a name that are asked about, from the right (RFC 9989 section 4.10).
const MOST_LABELS: usize = 8;

/// The wish for this message: for those that the sample leaves out, the next milder one. A message that is sent again draws
/// the same lot.
pub(super) async fn sampled(
    dns: &MessageAuthenticator,
    author: &str,
    wish: Wish,
    bytes: &[u8],
    until: Instant,
) -> Wish {
    let percent = timeout_at(until, percent_of(dns, author)).await.unwrap_or(None);
    if percent.is_some_and(|percent| lot(bytes) >= percent) { wish.milder() } else { wish }
}

/// The percentage in the record that counts for a domain: its own, or that of the next one above.
async fn percent_of(dns: &MessageAuthenticator, author: &str) -> Option<u8> {
    let mut name = author;
    for _ in 0..MOST_LABELS {
        if let Ok(record) = dns.txt_raw_lookup(format!("_dmarc.{name}")).await
            && record.starts_with(b"v=DMARC1")
        {
            return percent(&String::from_utf8_lossy(&record));
        }
        name = name.split_once('.')?.1;
    }
    None
}

/// The percentage that a record asks for.
fn percent(record: &str) -> Option<u8> {
    let mut tags = record.split(';').filter_map(|tag| tag.split_once('='));
    let (_, value) = tags.find(|(name, _)| name.trim().eq_ignore_ascii_case("pct"))?;
    value.trim().parse().ok().filter(|percent| *percent <= 100)
}

/// A number below a hundred that belongs to the message.
fn lot(bytes: &[u8]) -> u8 {
    let digest = Sha256::digest(bytes);
    let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    u8::try_from(number % 100).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentage_is_read_and_nonsense_is_none() {
        assert_eq!(percent("v=DMARC1; p=reject; pct=25; rua=mailto:a@b.it"), Some(25));
        assert_eq!(percent("v=DMARC1;p=reject;PCT = 0"), Some(0));
        for record in ["v=DMARC1; p=reject", "v=DMARC1; pct=101", "v=DMARC1; pct=a", ""] {
            assert_eq!(percent(record), None, "{record}");
        }
    }

    #[test]
    fn lots_are_spread_and_stay_with_their_message() {
        let lots: Vec<u8> = (0..1_000_u32).map(|number| lot(&number.to_be_bytes())).collect();
        let low = lots.iter().filter(|lot| **lot < 25).count();
        assert!((180..320).contains(&low) && lots.iter().all(|lot| *lot < 100), "{low}");
        assert_eq!(lot(b"a"), lot(b"a"));
    }
}
