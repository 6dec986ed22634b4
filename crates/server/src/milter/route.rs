//! By which way a message came, as the mail server tells it.

use baluardo_mail::milter::Macros;
use std::net::IpAddr;

/// The longest name that a machine gives itself which is kept (RFC 1035 section 2.3.4).
const MOST_LETTERS: usize = 255;

/// A way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// The address of who connected; none for those who came by another way than the network.
    pub(super) address: Option<IpAddr>,
    /// The name that they gave themselves.
    pub(super) helo: String,
    /// Whether they signed in, as people do who send from here.
    pub(super) signed_in: bool,
    /// The mail server's own name.
    pub(super) server: String,
}

impl Route {
    /// Somebody connected: what was known of another does not hold for them.
    pub(super) fn connected(&mut self, address: Option<&[u8]>) {
        let address = address.and_then(|text| str::from_utf8(text).ok());
        *self = Self {
            // Sendmail writes addresses of the newer kind with a word before them.
            address: address.and_then(|text| text.strip_prefix("IPv6:").unwrap_or(text).parse().ok()),
            server: std::mem::take(&mut self.server),
            ..Self::default()
        };
    }

    /// They said a name.
    pub(super) fn greeted(&mut self, name: &[u8]) {
        self.helo = short(name);
    }

    /// The mail server tells more.
    pub(super) fn told(&mut self, macros: Macros<'_>) {
        if let Some(name) = macros.get("j") {
            self.server = short(name);
        }
        if macros.get("auth_authen").is_some_and(|who| !who.is_empty()) {
            self.signed_in = true;
        }
    }

    /// A message is through: who sends the next one is told anew.
    pub(super) fn next(&mut self) {
        self.signed_in = false;
    }
}

fn short(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(MOST_LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_mail::milter::Command;

    fn tell(route: &mut Route, packet: &[u8]) {
        let Ok(Command::Macros(macros)) = Command::read(packet) else { panic!("these are macros") };
        route.told(macros);
    }

    #[test]
    fn what_was_known_of_one_client_does_not_hold_for_the_next() {
        let mut route = Route::default();
        tell(&mut route, b"DCj\0mx.comune.it\0");
        route.connected(Some(b"192.0.2.7"));
        route.greeted(b"client.example");
        tell(&mut route, b"DM{auth_authen}\0anna\0");
        assert!(route.signed_in && route.address == Some([192, 0, 2, 7].into()) && route.server == "mx.comune.it");
        route.next();
        assert!(!route.signed_in && route.helo == "client.example");
        tell(&mut route, b"DM{auth_authen}\0anna\0");
        route.connected(Some(b"IPv6:2001:db8::1"));
        let next = Route { address: "2001:db8::1".parse().ok(), server: "mx.comune.it".to_owned(), ..Route::default() };
        assert_eq!(route, next);
        route.connected(None);
        assert_eq!(route.address, None);
    }
}
