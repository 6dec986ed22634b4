//! Who stands at a door: one network may not take all its places, nor all its attention.
//!
//! A network is one IPv4 address, or the 64 bits of an IPv6 prefix: within it a single subscriber chooses freely, and a
//! whole town hall may sit behind it, so the bounds are wide.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many networks are remembered before those that rest are forgotten.
const REMEMBERED: usize = 10_000;

/// What one network may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most connections at once.
    pub connections: usize,
    /// The most requests in hand.
    pub burst: u32,
    /// Requests that each second adds; none at all stand for "without bound".
    pub per_second: u32,
}

/// Everybody at one door.
#[derive(Clone, Debug)]
pub struct Crowd {
    bounds: Bounds,
    networks: Arc<Mutex<HashMap<IpAddr, Network>>>,
}

#[derive(Debug)]
struct Network {
    connections: usize,
    left: f64,
    at: Instant,
}

/// One connection of a network; dropped when it ends.
#[derive(Debug)]
pub struct Place {
    crowd: Crowd,
    network: IpAddr,
}

impl Crowd {
    /// Nobody yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, networks: Arc::default() }
    }

    /// A place for one more connection from there; none when its network holds all it may.
    #[must_use]
    pub fn enter(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let network = network(address);
        let mut networks = self.lock();
        if networks.len() >= REMEMBERED {
            networks.retain(|_, known| known.connections > 0 || !self.is_rested(known, now));
        }
        let fresh = Network { connections: 0, left: f64::from(self.bounds.burst), at: now };
        let known = networks.entry(network).or_insert(fresh);
        if known.connections >= self.bounds.connections {
            return None;
        }
        known.connections += 1;
        Some(Place { crowd: self.clone(), network })
    }

    fn is_rested(&self, known: &Network, now: Instant) -> bool {
        self.in_hand(known, now) >= f64::from(self.bounds.burst)
    }

    fn in_hand(&self, known: &Network, now: Instant) -> f64 {
        let added = now.saturating_duration_since(known.at).as_secs_f64() * f64::from(self.bounds.per_second);
        (known.left + added).min(f64::from(self.bounds.burst))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Network>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Takes one request out of the network's hand; else how long until there is one.
    ///
    /// # Errors
    /// The time to wait.
    pub fn ask(&self, now: Instant) -> Result<(), Duration> {
        if self.crowd.bounds.per_second == 0 {
            return Ok(());
        }
        let mut networks = self.crowd.lock();
        let Some(known) = networks.get_mut(&self.network) else { return Ok(()) };
        known.left = self.crowd.in_hand(known, now);
        known.at = now;
        if known.left >= 1.0 {
            known.left -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - known.left) / f64::from(self.crowd.bounds.per_second)))
    }

    /// The network, for people.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.network
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(known) = self.crowd.lock().get_mut(&self.network) {
            known.connections = known.connections.saturating_sub(1);
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd() -> Crowd {
        Crowd::new(Bounds { connections: 2, burst: 3, per_second: 2 })
    }

    #[test]
    fn one_network_takes_its_places_and_no_more() {
        let (crowd, now) = (crowd(), Instant::now());
        let near: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let held = [crowd.enter(near, now).unwrap(), crowd.enter("2001:db8:1:2:f::9".parse().unwrap(), now).unwrap()];
        assert!(crowd.enter(near, now).is_none(), "the prefix is one network");
        assert!(crowd.enter("2001:db8:1:3::1".parse().unwrap(), now).is_some());
        drop(held);
        assert!(crowd.enter(near, now).is_some());
    }

    #[test]
    fn requests_run_out_and_come_back_with_time() {
        let (crowd, now) = (crowd(), Instant::now());
        let place = crowd.enter("192.0.2.7".parse().unwrap(), now).unwrap();
        assert!((0..3).all(|_| place.ask(now).is_ok()));
        assert_eq!(place.ask(now), Err(Duration::from_millis(500)));
        let other = crowd.enter("192.0.2.8".parse().unwrap(), now).unwrap();
        assert!(other.ask(now).is_ok(), "another network has its own");
        let later = now + Duration::from_secs(1);
        assert!(place.ask(later).is_ok() && place.ask(later).is_ok());
        assert!(place.ask(later).is_err());
    }

    #[test]
    fn networks_that_rest_are_forgotten() {
        let (crowd, now) = (crowd(), Instant::now());
        for number in 0..30_000_u32 {
            drop(crowd.enter(IpAddr::from(number.to_be_bytes()), now));
        }
        assert!(crowd.lock().len() <= REMEMBERED);
    }
}
