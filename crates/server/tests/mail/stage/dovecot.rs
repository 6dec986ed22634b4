//! Debian's Dovecot as a provider's IMAP server, in a folder of the test, with mailboxes that tests fill and look into on disk.

use super::authority::Papers;
use super::{free_port, wait_for};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The password of every mailbox.
pub(crate) const PASSWORD: &str = "segreta \"del\\ fornitore";

/// Whether Dovecot can run here; if not, why.
pub(crate) fn why_not() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("Dovecot for several users starts as root only".to_owned());
    }
    let needed = ["/usr/sbin/dovecot", "/usr/lib/dovecot/imap"];
    needed.iter().find(|path| !Path::new(path).exists()).map(|path| format!("{path} is not installed"))
}

/// A Dovecot that runs.
pub(crate) struct Dovecot {
    pub(crate) port: u16,
    /// Where it speaks TLS from the first byte; 0 for nowhere.
    pub(crate) tls_port: u16,
    folder: PathBuf,
    owner: (u32, u32),
    child: Option<Child>,
}

impl Dovecot {
    /// Starts it with a certificate: with TLS from the first byte on one port, with STARTTLS on the other, and no password is
    /// taken before. Its log tells each try to sign in.
    pub(crate) fn with_tls(folder: &Path, papers: &Papers, more: &str) -> Self {
        let (certificate, key) = (folder.join("imap.pem"), folder.join("imap.key"));
        fs::write(&certificate, &papers.certificate).unwrap();
        fs::write(&key, &papers.key).unwrap();
        let port = free_port();
        let secure = format!(
            "ssl = required\nssl_cert = <{}\nssl_key = <{}\ndisable_plaintext_auth = yes\nauth_debug = yes\n\
             service imap-login {{\n inet_listener imaps {{\n port = {port}\n ssl = yes\n }}\n}}\n{more}",
            certificate.display(),
            key.display()
        );
        let mut dovecot = Self::start(folder, &secure);
        dovecot.tls_port = port;
        dovecot
    }

    /// Starts it in a folder below `folder`; `more` are further lines of its configuration.
    pub(crate) fn start(folder: &Path, more: &str) -> Self {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        let folder = folder.join("imap");
        let user = nix::unistd::User::from_name("nobody").unwrap().expect("Debian has this user");
        let owner = (user.uid.as_raw(), user.gid.as_raw());
        let port = free_port();
        for part in ["boxes", "home"] {
            fs::create_dir_all(folder.join(part)).unwrap();
            chown(folder.join(part), Some(owner.0), Some(owner.1)).unwrap();
        }
        let at = folder.display();
        fs::write(folder.join("users"), format!("posta:{{PLAIN}}{PASSWORD}::::::\npec:{{PLAIN}}{PASSWORD}::::::\n"))
            .unwrap();
        let settings = format!(
            "base_dir = {at}/run\nstate_dir = {at}/state\nlog_path = {at}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             ssl = no\ndisable_plaintext_auth = no\nauth_mechanisms = plain login\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n\
             mail_location = maildir:{at}/boxes/%u\n\
             passdb {{\n driver = passwd-file\n mechanisms = plain login\n args = {at}/users\n}}\n\
             userdb {{\n driver = static\n args = uid={uid} gid={gid} home={at}/home/%u\n}}\n\
             namespace inbox {{\n inbox = yes\n mailbox Trash {{\n auto = create\n special_use = \\Trash\n }}\n}}\n\
             service imap-login {{\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = 0\n }}\n}}\n\
             {more}\n",
            uid = owner.0,
            gid = owner.1,
        );
        fs::write(folder.join("dovecot.conf"), settings).unwrap();
        let mut dovecot = Self { port, tls_port: 0, folder, owner, child: None };
        dovecot.again();
        dovecot
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        let child = Command::new("/usr/sbin/dovecot")
            .args(["-F", "-c"])
            .arg(self.folder.join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        wait_for("Dovecot listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// Ends all of it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let first = child.id().to_string();
        let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &first]).output().unwrap();
        child.kill().unwrap();
        for pid in String::from_utf8_lossy(&listed.stdout).split_whitespace().filter_map(|pid| pid.parse().ok()) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
        child.wait().unwrap();
        wait_for("Dovecot is gone", || TcpStream::connect(("127.0.0.1", self.port)).is_err().then_some(()));
    }

    /// What it wrote down.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Whether somebody showed it a password or a token, right or wrong.
    pub(crate) fn was_shown_a_secret(&self) -> bool {
        self.log().contains("client in: AUTH")
    }

    /// Where a mailbox lies.
    pub(crate) fn at(&self, mailbox: &str) -> PathBuf {
        self.folder.join("boxes").join(mailbox)
    }

    /// Puts a message into an inbox, as a delivery does.
    pub(crate) fn deliver(&self, mailbox: &str, name: &str, message: &[u8]) {
        let inbox = self.at(mailbox);
        for part in ["", "cur", "new", "tmp"] {
            fs::create_dir_all(inbox.join(part)).unwrap();
            chown(inbox.join(part), Some(self.owner.0), Some(self.owner.1)).unwrap();
        }
        let lines: Vec<u8> = message.iter().copied().filter(|byte| *byte != b'\r').collect();
        let (first, last) = (inbox.join("tmp").join(name), inbox.join("new").join(name));
        fs::write(&first, lines).unwrap();
        chown(&first, Some(self.owner.0), Some(self.owner.1)).unwrap();
        fs::rename(first, last).unwrap();
    }

    /// The messages of a folder of a mailbox (`""` for the inbox): file name with flags, and bytes.
    pub(crate) fn messages(&self, mailbox: &str, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(self.at(mailbox).join(folder).join(part)) else { continue };
            for entry in entries.flatten() {
                // A message that moves just now is found where it is next time.
                if let Ok(bytes) = fs::read(entry.path()) {
                    found.push((entry.file_name().to_string_lossy().into_owned(), bytes));
                }
            }
        }
        found.sort();
        found
    }

    /// Makes it count messages anew, as a provider that was put back from a backup does. It must not run.
    pub(crate) fn forget_numbers(&self, mailbox: &str) {
        for entry in fs::read_dir(self.at(mailbox)).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("dovecot-uidlist")
                || name.starts_with("dovecot.index")
                || name.starts_with("dovecot.list")
            {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.floor_char_boundary(log.len().saturating_sub(4_000));
            eprintln!("Dovecot said:\n{}", &log[from..]);
        }
    }
}
