//! Tells the service manager that the agent is ready, alive and stopping: one datagram each, as `sd_notify(3)` describes it.

use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The line to the service manager.
#[derive(Debug)]
pub struct Notifier {
    socket: UnixDatagram,
    manager: SocketAddr,
    /// How long the manager waits for a sign of life; none where it asks for none.
    pub patience: Option<Duration>,
}

impl Notifier {
    /// The line that the environment names; none where nobody waits at its other end.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        Self::open(&|name| std::env::var_os(name))
    }

    fn open(read: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let name = read("NOTIFY_SOCKET")?;
        let manager = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(&name),
        };
        let number = |name: &str| read(name)?.to_str()?.parse::<u64>().ok();
        // Where it names a process, that one is meant and no child.
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let patience = number("WATCHDOG_USEC").filter(|micros| ours && *micros > 0).map(Duration::from_micros);
        Some(Self { socket: UnixDatagram::unbound().ok()?, manager: manager.ok()?, patience })
    }

    /// Says that the agent protects.
    pub fn ready(&self) {
        self.say("READY=1");
    }

    /// Says that it is alive.
    pub fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    /// Says that it stops.
    pub fn stopping(&self) {
        self.say("STOPPING=1");
    }

    fn say(&self, state: &str) {
        if let Err(error) = self.send(state) {
            tracing::debug!("the service manager was not told {state}: {error}");
        }
    }

    fn send(&self, state: &str) -> io::Result<usize> {
        self.socket.send_to_addr(state.as_bytes(), &self.manager)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_arrives_by_name_and_by_path_and_a_foreign_watchdog_is_none_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("baluardo-test-{}", std::process::id());
        let named = SocketAddr::from_abstract_name(&name).unwrap();
        let ends = [
            (OsString::from(format!("@{name}")), UnixDatagram::bind_addr(&named).unwrap(), std::process::id()),
            (path.clone().into_os_string(), UnixDatagram::bind(&path).unwrap(), 1),
        ];
        for (address, end, pid) in ends {
            let read = |name: &str| match name {
                "NOTIFY_SOCKET" => Some(address.clone()),
                "WATCHDOG_USEC" => Some(OsString::from("3000000")),
                _ => Some(OsString::from(pid.to_string())),
            };
            let notifier = Notifier::open(&read).unwrap();
            assert_eq!(notifier.patience, (pid != 1).then_some(Duration::from_secs(3)));
            notifier.ready();
            notifier.alive();
            let mut heard = [0; 32];
            for word in ["READY=1", "WATCHDOG=1"] {
                let length = end.recv(&mut heard).unwrap();
                assert_eq!(&heard[..length], word.as_bytes());
            }
        }
        assert!(Notifier::open(&|_| None).is_none());
    }
}
