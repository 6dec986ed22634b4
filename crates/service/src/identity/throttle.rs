//! Makes guessing slow: tries are counted before they are judged, so that many at once gain nothing.
//!
//! A subject (an address, a network) has some tries free; after them each one waits twice as long as the one before.
//! A try that turns out honest is given back by whoever charged it.

use crate::error::Error;
use crate::house::House;
use crate::secret;
use baluardo_store::Tx;
use baluardo_store::identity::Tries;
use std::net::IpAddr;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of the asker before they prove who they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientHint {
    /// Their address on the network; nothing for the command line, which is not slowed down.
    pub ip: Option<IpAddr>,
}

impl ClientHint {
    /// The network that is counted: one IPv4 address, or the 64 bits of an IPv6 prefix, within which a single
    /// subscriber chooses freely.
    pub(crate) fn network(&self) -> Option<String> {
        match self.ip?.to_canonical() {
            IpAddr::V4(address) => Some(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        }
    }
}

/// How something is slowed down.
pub(crate) struct Limit {
    /// What is counted.
    name: &'static str,
    /// Tries without a wait.
    free: u64,
    /// The first wait; each further one is twice as long.
    first: Duration,
    /// The longest wait.
    longest: Duration,
    /// Rest after which all is forgotten.
    forget: Duration,
}

/// Wrong sign-ins with one address.
pub(crate) const SIGN_INS_OF_ADDRESS: Limit =
    Limit { name: "signin address", free: 5, first: Duration::from_secs(4), longest: QUARTER, forget: DAY };
/// Wrong sign-ins from one network: a town hall sits behind one address.
pub(crate) const SIGN_INS_OF_NETWORK: Limit =
    Limit { name: "signin network", free: 30, first: Duration::from_secs(4), longest: QUARTER, forget: HOUR };
/// Links asked for by mail, for one address.
pub(crate) const LINKS_OF_ADDRESS: Limit =
    Limit { name: "link address", free: 3, first: MINUTE, longest: HOUR, forget: DAY };
/// Links asked for from one network.
pub(crate) const LINKS_OF_NETWORK: Limit =
    Limit { name: "link network", free: 20, first: MINUTE, longest: HOUR, forget: DAY };
/// Requests handed in from one network.
pub(crate) const FORMS_OF_NETWORK: Limit =
    Limit { name: "form network", free: 5, first: MINUTE, longest: HOUR, forget: DAY };
/// Links to held mail that did not open, from one network: only those are counted.
pub(crate) const REFUSED_LINKS_OF_NETWORK: Limit =
    Limit { name: "held link network", free: 30, first: Duration::from_secs(4), longest: QUARTER, forget: HOUR };
/// Rest after which no limit remembers anything.
pub(crate) const FORGOTTEN: Duration = DAY;

/// The name under which a subject is counted; addresses are hashed, so that the table holds nobody's.
fn subject(limit: &Limit, who: &str) -> String {
    format!("{} {}", limit.name, secret::hash(who))
}

/// Counts a try of `who`.
///
/// # Errors
/// [`Error::Throttled`] when the wait is not over; then nothing is counted.
pub(crate) async fn charge(house: &House, tx: &mut Tx, limit: &Limit, who: &str) -> Result<(), Error> {
    let now = house.now();
    let subject = subject(limit, who);
    let known = tx.platform().tries(&subject).await?;
    let count = match known {
        Some(tries) if now.since(tries.last) < limit.forget => tries.count,
        _ => 0,
    };
    if let Some(tries) = known.filter(|tries| tries.last <= now) {
        let left = wait(limit, count).saturating_sub(now.since(tries.last));
        if !left.is_zero() {
            return Err(Error::Throttled { seconds: left.as_secs() + u64::from(left.subsec_nanos() > 0) });
        }
    }
    tx.platform().put_tries(&subject, Tries { count: count + 1, last: now }).await?;
    Ok(())
}

/// Counts a try from the network of a client, where it has one.
///
/// # Errors
/// As [`charge`].
pub(crate) async fn charge_network(
    house: &House,
    tx: &mut Tx,
    limit: &Limit,
    client: &ClientHint,
) -> Result<(), Error> {
    match client.network() {
        Some(network) => charge(house, tx, limit, &network).await,
        None => Ok(()),
    }
}

/// Takes back the tries of a sign-in that was right: those of the address all, that of the network once, so that nobody
/// with an account of their own wipes out the traces of guessing at others.
///
/// # Errors
/// What the store says.
pub(crate) async fn forgive(tx: &mut Tx, email: &str, client: &ClientHint) -> Result<(), Error> {
    // In the order in which tries are charged, so that no two transactions wait for each other.
    if let Some(network) = client.network() {
        tx.platform().give_back_try(&subject(&SIGN_INS_OF_NETWORK, &network)).await?;
    }
    tx.platform().clear_tries(&subject(&SIGN_INS_OF_ADDRESS, email)).await?;
    Ok(())
}

/// Writes about as much as the log's line on somebody known costs, so that the time of an answer does not tell whether
/// an address is known.
///
/// # Errors
/// What the store says.
pub(crate) async fn write_for_nobody(house: &House, tx: &mut Tx) -> Result<(), Error> {
    let tries = Tries { count: 0, last: house.now() };
    tx.platform().put_tries(&subject(&SIGN_INS_OF_ADDRESS, "nobody"), tries).await?;
    Ok(())
}

/// How long to wait after `count` tries.
fn wait(limit: &Limit, count: u64) -> Duration {
    let Some(over) = count.checked_sub(limit.free) else { return Duration::ZERO };
    let doublings = u32::try_from(over).unwrap_or(u32::MAX).min(20);
    limit.first.saturating_mul(1 << doublings).min(limit.longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_the_longest() {
        let seconds = |count| wait(&SIGN_INS_OF_ADDRESS, count).as_secs();
        assert_eq!([seconds(0), seconds(4), seconds(5), seconds(6), seconds(7)], [0, 0, 4, 8, 16]);
        assert_eq!(seconds(u64::MAX), 15 * 60);
    }

    #[test]
    fn one_subscriber_is_one_network() {
        let network = |ip: &str| ClientHint { ip: Some(ip.parse().unwrap()) }.network().unwrap();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.8"), network("192.0.2.7"));
        assert_eq!(ClientHint::default().network(), None);
    }
}
