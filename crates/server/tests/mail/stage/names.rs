//! Debian's Knot as the whole DNS: one zone, the root, which it signs itself (DNSSEC), and below which each test writes its own
//! names.

use super::{free_port, wait_for};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Whether it can run here; if not, why.
pub(crate) fn why_not() -> Option<String> {
    let needed = ["/usr/sbin/knotd", "/usr/sbin/keymgr"];
    needed.iter().find(|path| !Path::new(path).exists()).map(|path| format!("{path} is not installed"))
}

/// A DNS of the test's own.
pub(crate) struct Names {
    pub(crate) port: u16,
    /// The root's key, in the form of a trust anchor.
    pub(crate) anchor: PathBuf,
    folder: PathBuf,
    server: Child,
}

impl Names {
    /// Starts it in a folder, with records in the form of a zone file.
    pub(crate) fn start(folder: &Path, records: &str) -> Self {
        Self::with(folder, records, &[])
    }

    /// Starts it with more zones, which nobody signs: name and records of each.
    pub(crate) fn with(folder: &Path, records: &str, zones: &[(&str, &str)]) -> Self {
        let folder = folder.join("names");
        for part in ["run", "keys"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        let port = free_port();
        let place = folder.display();
        let conf = folder.join("knot.conf");
        let settings = format!(
            "server:\n    rundir: \"{place}/run\"\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n    \
             background-workers: 1\nlog:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: \"{place}/keys\"\n\
             policy:\n  - id: signed\n    algorithm: ecdsap256sha256\n    single-type-signing: on\nzone:\n  - domain: .\n    \
             storage: \"{place}\"\n    file: root.zone\n    dnssec-signing: on\n    dnssec-policy: signed\n    \
             zonefile-sync: -1\n    journal-content: none\n    semantic-checks: off\n"
        );
        let mut settings = settings;
        for (zone, records) in zones {
            settings.push_str(&format!("  - domain: {zone}.\n    storage: \"{place}\"\n    file: {zone}.zone\n"));
            let head = format!(
                "$TTL 300\n{zone}. SOA ns.names.test. root.names.test. 1 3600 600 86400 300\n{zone}. NS ns.names.test.\n"
            );
            std::fs::write(folder.join(format!("{zone}.zone")), format!("{head}{records}")).unwrap();
        }
        std::fs::write(&conf, settings).unwrap();
        let head = "$TTL 300\n. SOA ns.names.test. root.names.test. 1 3600 600 86400 300\n. NS ns.names.test.\n\
                    ns.names.test. A 127.0.0.1\n";
        std::fs::write(folder.join("root.zone"), format!("{head}{records}")).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let server = Command::new("/usr/sbin/knotd")
            .arg("-c")
            .arg(&conf)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let names = Self { port, anchor: folder.join("anchor"), folder, server };
        wait_for("the DNS answers", || names.answers().then_some(()));
        let key = Command::new("/usr/sbin/keymgr").arg("-c").arg(&conf).args([".", "dnskey"]).output().unwrap();
        let key = String::from_utf8(key.stdout).unwrap().replace(". DNSKEY", ". 300 IN DNSKEY");
        assert!(key.contains("257 3 13"), "{key}");
        std::fs::write(&names.anchor, key).unwrap();
        names
    }

    /// How a milter is told to ask it, and to believe only what is signed with its key.
    pub(crate) fn args(&self) -> [String; 4] {
        let anchor = self.anchor.to_str().unwrap().to_owned();
        ["--dns".to_owned(), format!("127.0.0.1:{}", self.port), "--trust-anchor".to_owned(), anchor]
    }

    /// Whether it gives the root's SOA.
    fn answers(&self) -> bool {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1];
        let mut answer = [0; 512];
        socket.send_to(&question, ("127.0.0.1", self.port)).is_ok()
            && socket.recv(&mut answer).is_ok_and(|length| length > 12 && answer[3] & 15 == 0 && answer[7] == 1)
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            eprintln!("the DNS said:\n{}", std::fs::read_to_string(self.folder.join("log")).unwrap_or_default());
        }
    }
}
