//! Debian's Postfix with the gateway that ships, and a provider behind it: another Postfix, whose mail Dovecot puts into
//! mailboxes. Both live in a folder of the test, on ports of their own.

use super::authority::{Authority, Papers};
use super::{free_port, wait_for};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/gateway");

/// Whether the mail servers can run here; if not, why.
pub(crate) fn why_not() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("Postfix starts as root only".to_owned());
    }
    let needed = ["/usr/sbin/postfix", "/usr/lib/dovecot/dovecot-lda"];
    needed.iter().find(|path| !Path::new(path).exists()).map(|path| format!("{path} is not installed"))
}

/// A Postfix of the test's own.
pub(crate) struct Postfix {
    conf: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
}

impl Postfix {
    fn new(folder: &Path, port: u16, main: &str, master: &str) -> Self {
        let conf = folder.join("conf");
        for part in ["conf", "queue", "data"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let (uid, gid) = ids("postfix");
        chown(folder.join("data"), Some(uid), Some(gid)).unwrap();
        fs::write(conf.join("main.cf"), main).unwrap();
        // The port is all that differs from what ships.
        let master = master.replacen("smtp      inet", &format!("127.0.0.1:{port} inet"), 1);
        fs::write(conf.join("master.cf"), master).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        let parent = folder.parent().unwrap().display();
        let own = [
            format!("queue_directory={}", at("queue")),
            format!("data_directory={}", at("data")),
            format!("maillog_file={}", at("log")),
            format!("maillog_file_prefixes={parent}"),
            "inet_interfaces=127.0.0.1".to_owned(),
            "inet_protocols=ipv4".to_owned(),
        ];
        let done = Command::new("postconf").arg("-c").arg(&conf).arg("-e").args(own).status().unwrap();
        assert!(done.success());
        Self { conf, folder: folder.to_owned(), port }
    }

    pub(crate) fn start(&self) {
        let done = Command::new("postfix").arg("-c").arg(&self.conf).arg("start").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        wait_for("Postfix listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// Its first process and all that it started.
    fn processes(&self) -> Vec<i32> {
        let Ok(pid) = fs::read_to_string(self.folder.join("queue/pid/master.pid")) else { return Vec::new() };
        let Ok(first) = pid.trim().parse::<i32>() else { return Vec::new() };
        if !fs::read_to_string(format!("/proc/{first}/comm")).is_ok_and(|name| name.trim() == "master") {
            return Vec::new();
        }
        let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &first.to_string()]).output().unwrap();
        let children = String::from_utf8_lossy(&listed.stdout).into_owned();
        std::iter::once(first).chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect()
    }

    /// Ends all of it as a power cut would.
    pub(crate) fn kill(&self) {
        for pid in self.processes() {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
        wait_for("Postfix is gone", || TcpStream::connect(("127.0.0.1", self.port)).is_err().then_some(()));
    }

    /// Tries everything in the queue at once, and gives how many messages still wait.
    pub(crate) fn hurry(&self) -> usize {
        let flushed = Command::new("postqueue").arg("-c").arg(&self.conf).arg("-f").status();
        assert!(flushed.is_ok());
        let listed = Command::new("postqueue").arg("-c").arg(&self.conf).arg("-j").output().unwrap();
        String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.starts_with('{')).count()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        for pid in self.processes() {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(4_000);
            eprintln!("Postfix in {} said:\n{}", self.folder.display(), log.get(from..).unwrap_or_default());
        }
    }
}

/// The name of the gateway, as the file that ships has it.
pub(crate) const NAME: &str = "posta.comune.example.it";

/// The gateway that ships, in front of a provider on a port. `own` is what a test needs otherwise, as lines of `main.cf`.
pub(crate) fn gateway(folder: &Path, ports: Ports, papers: &Papers, own: &[&str]) -> Postfix {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let shipped = |name: &str| fs::read_to_string(Path::new(SHIPPED).join(name)).unwrap();
    let gateway = Postfix::new(&folder.join("gateway"), ports.own, &shipped("main.cf"), &shipped("master.cf"));
    let domains = format!("comune.siena.it relay:[127.0.0.1]:{}\n", ports.provider);
    fs::write(gateway.conf.join("domains"), domains).unwrap();
    fs::write(gateway.conf.join("tls.pem"), format!("{}{}", papers.key, papers.certificate)).unwrap();
    let milter = format!("smtpd_milters=inet:127.0.0.1:{}", ports.milter);
    let settings = [milter.as_str(), "minimal_backoff_time=1s"];
    let done =
        Command::new("postconf").arg("-c").arg(&gateway.conf).arg("-e").args(settings).args(own).status().unwrap();
    assert!(done.success());
    gateway.start();
    gateway
}

/// Where a gateway stands, and what is around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) own: u16,
    pub(crate) milter: u16,
    pub(crate) provider: u16,
}

/// The gateway, and the provider behind it.
pub(crate) struct Mail {
    pub(crate) gateway: Postfix,
    pub(crate) provider: Postfix,
    /// Who certifies the names of both.
    pub(crate) authority: Authority,
    boxes: PathBuf,
}

impl Mail {
    /// Starts both in `folder`, which others may enter, for a milter on `milter`. A test can come from any address (XCLIENT).
    pub(crate) fn start(folder: &Path, port: u16, milter: u16) -> Self {
        Self::with(folder, port, milter, &["smtpd_authorized_xclient_hosts=127.0.0.1"])
    }

    /// The same with what a test needs otherwise.
    pub(crate) fn with(folder: &Path, port: u16, milter: u16, own: &[&str]) -> Self {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        let boxes = folder.join("boxes");
        fs::create_dir_all(&boxes).unwrap();
        let (uid, gid) = ids("nobody");
        chown(&boxes, Some(uid), Some(gid)).unwrap();
        let authority = Authority::new("nota");
        let provider = provider(folder, &boxes, &authority.certify("fornitore.example"));
        let ports = Ports { own: port, milter, provider: provider.port };
        let gateway = gateway(folder, ports, &authority.certify(NAME), own);
        Self { gateway, provider, authority, boxes }
    }

    /// Every message in a mailbox, as it lies there.
    pub(crate) fn mailbox(&self, name: &str) -> Vec<Vec<u8>> {
        self.delivered(name).into_iter().map(|(_, message)| message).collect()
    }

    /// The same, with when each was put there.
    pub(crate) fn delivered(&self, name: &str) -> Vec<(SystemTime, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(self.boxes.join(name).join("new")) else { return Vec::new() };
        let read = |entry: fs::DirEntry| {
            let known = entry.metadata().unwrap();
            // Dovecot writes a time of its own over the other one, in whole seconds.
            let since = Duration::new(known.ctime().unsigned_abs(), u32::try_from(known.ctime_nsec()).unwrap());
            (SystemTime::UNIX_EPOCH + since, fs::read(entry.path()).unwrap())
        };
        entries.flatten().map(read).collect()
    }
}

/// A provider: Postfix takes the mail, Dovecot's delivery agent puts it into mailboxes.
fn provider(folder: &Path, boxes: &Path, papers: &Papers) -> Postfix {
    let pair = folder.join("provider.pem");
    fs::write(&pair, format!("{}{}", papers.key, papers.certificate)).unwrap();
    let main = "compatibility_level = 3.6\nmyhostname = fornitore.example\nmydestination =\nalias_maps =\n\
        virtual_mailbox_domains = comune.siena.it\nvirtual_mailbox_maps = static:ok\nvirtual_transport = dovecot\n\
        dovecot_destination_recipient_limit = 1\nlocal_header_rewrite_clients =\nminimal_backoff_time = 1s\n\
        enable_long_queue_ids = yes\nsmtpd_tls_security_level = may\n";
    let main = format!("{main}smtpd_tls_chain_files = {}\n", pair.display());
    let dovecot = folder.join("dovecot.conf");
    let settings = format!(
        "base_dir = {}/run\nlog_path = {}/dovecot.log\nssl = no\nlda_mailbox_autocreate = yes\n",
        folder.display(),
        boxes.display()
    );
    fs::write(&dovecot, settings).unwrap();
    let master = fs::read_to_string(Path::new(SHIPPED).join("master.cf")).unwrap();
    let pipe = format!(
        "dovecot unix - n n - - pipe flags=DRhu user=nobody:nogroup argv=/usr/lib/dovecot/dovecot-lda -c {} \
         -f ${{sender}} -a ${{original_recipient}} -o mail_location=maildir:{}/${{user}}\n",
        dovecot.display(),
        boxes.display()
    );
    let provider = Postfix::new(&folder.join("provider"), free_port(), &main, &format!("{master}{pipe}"));
    provider.start();
    provider
}

fn ids(name: &str) -> (u32, u32) {
    let user = nix::unistd::User::from_name(name).unwrap().expect("Debian has this user");
    (user.uid.as_raw(), user.gid.as_raw())
}
