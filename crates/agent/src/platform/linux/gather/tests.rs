//! A made-up system in a folder is gathered whole.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A small comune's computer: Debian 12 on LVM on LUKS, its home on a plain partition.
fn made_up(root: &Path) {
    put(
        root,
        "etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
    );
    put(root, "proc/stat", "btime 1795339800\n");
    put(root, "proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    put(root, "proc/cpuinfo", "processor: 0\nmodel name: Intel\nprocessor: 1\nmodel name: Intel\n");
    put(root, "proc/meminfo", "MemTotal: 1024 kB\n");
    put(root, "sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
    put(root, "sys/class/dmi/id/product_name", "OptiPlex 3040\n");
    put(root, "sys/class/dmi/id/product_serial", "To Be Filled By O.E.M.\n");
    put(root, "sys/block/sda/size", "1000\n");
    put(root, "sys/block/sda/device/model", "SSD  \n");
    put(root, "sys/block/loop0/size", "8\n");
    put(
        root,
        "proc/self/mountinfo",
        "25 1 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n26 1 8:3 / /home rw - ext4 /dev/sda3 rw\n27 1 0:44 / /srv rw - btrfs /dev/sdz9 rw\n",
    );
    put(root, "sys/dev/block/253:1/dm/uuid", "LVM-x\n");
    put(root, "sys/dev/block/253:1/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
    put(root, "sys/dev/block/8:3/size", "9\n");
    put(root, "etc/passwd", "root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n");
    put(root, "etc/group", "sudo:x:27:\n");
    put(root, "etc/sudoers.d/anna", "anna ALL=(ALL) ALL\n");
    put(root, "etc/sudoers.d/anna.bak", "nobody ALL=(ALL) ALL\n");
    put(
        root,
        "var/lib/dpkg/status",
        "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n",
    );
    let lists = "var/lib/apt/lists/deb.debian.org";
    let newer = "Package: openssl\nArchitecture: amd64\nVersion: 3.0.11-1~deb12u2\n";
    put(root, &format!("{lists}_debian-security_dists_bookworm-security_main_binary-amd64_Packages"), newer);
    put(root, &format!("{lists}_debian_dists_bookworm-backports_InRelease"), "Origin: Debian\nNotAutomatic: yes\n");
    put(
        root,
        &format!("{lists}_debian_dists_bookworm-backports_main_binary-amd64_Packages"),
        "Package: openssl\nArchitecture: amd64\nVersion: 9\n",
    );
    put(root, "etc/systemd/system/multi-user.target.wants/ssh.service", "");
    put(root, "sys/fs/cgroup/system.slice/ssh.service/cgroup.events", "populated 1\nfrozen 0\n");
    put(root, "sys/fs/cgroup/system.slice/old.service/cgroup.events", "populated 0\n");
    let socket = " 0: 00000000:0016 00000000:0000 0A 0:0 00:0 0 0 0 777 1\n";
    put(root, "proc/net/tcp", &format!("head\n{socket}"));
    put(root, "proc/net/udp", "head\n 0: 00000000:D431 00000000:0000 07 0:0 00:0 0 0 0 778 1\n");
    fs::create_dir_all(root.join("proc/900/fd")).unwrap();
    symlink("socket:[777]", root.join("proc/900/fd/3")).unwrap();
    symlink("/usr/sbin/sshd", root.join("proc/900/exe")).unwrap();
    put(root, "home/anna/.config/borg/security/ab/manifest-timestamp", "2026-11-10T09:30:00.0");
    put(root, "timeshift/snapshots/2026-11-21_10-30-00/info.json", "");
}

#[test]
fn a_made_up_computer_is_told_whole() {
    let dir = tempfile::tempdir().unwrap();
    made_up(dir.path());
    let told = gather(&Root::below(dir.path().to_owned()), Path::new("/nowhere"));
    assert_eq!((told.hardware.vendor.as_str(), told.hardware.serial.as_str()), ("Dell Inc.", ""));
    assert_eq!((told.hardware.cpus, told.hardware.memory_bytes), (2, 1_048_576));
    let disks: Vec<_> = told.hardware.disks.iter().map(|disk| (disk.name.as_str(), disk.bytes)).collect();
    assert_eq!(disks, [("sda", 512_000)]);
    assert_eq!((told.system.codename.as_str(), told.system.kernel.as_str()), ("bookworm", "6.1.0-18-amd64"));
    let encryption: Vec<_> = told.encryption.iter().map(|one| (one.mount.as_str(), one.encrypted)).collect();
    assert_eq!(encryption, [("/", Some(true)), ("/home", Some(false)), ("/srv", None)]);
    let backups: Vec<_> = told.backups.iter().map(|one| (one.tool.as_str(), one.last_at.rfc3339())).collect();
    assert_eq!(
        backups,
        [("timeshift", "2026-11-21T09:30:00Z".to_owned()), ("borg", "2026-11-10T09:30:00Z".to_owned())]
    );
    let updates = told.updates.unwrap();
    assert_eq!((updates.waiting, updates.security), (1, 1));
    assert_eq!(updates.updates[0].available, "3.0.11-1~deb12u2", "what is in backports waits for nobody");
    let services: Vec<_> = told.services.iter().map(|one| (one.name.as_str(), one.enabled, one.running)).collect();
    assert_eq!(services, [("ssh.service", true, true)]);
    assert_eq!(told.ports.len(), 1, "{:?}", told.ports);
    assert_eq!(
        (told.ports[0].port, told.ports[0].program.as_str(), told.ports[0].user.as_str()),
        (22, "/usr/sbin/sshd", "root")
    );
    let admins: Vec<_> = told.accounts.iter().map(|one| (one.name.as_str(), one.admin.join(","))).collect();
    assert_eq!(admins, [("root", "uid 0".to_owned()), ("anna", "sudoers".to_owned())]);
    assert_eq!(told.packages.len(), 1);
    assert!(told.notes.is_empty(), "{:?}", told.notes);
}

#[test]
fn an_empty_system_is_told_honestly() {
    let dir = tempfile::tempdir().unwrap();
    let told = gather(&Root::below(dir.path().to_owned()), dir.path());
    assert_eq!(told.updates, None);
    assert!(told.backups.is_empty() && told.packages.is_empty());
    assert!(told.notes.iter().any(|note| note.contains("var/lib/dpkg/status")), "{:?}", told.notes);
}

#[test]
fn this_very_computer_can_be_gathered() {
    let told = gather(&Root::system(), Path::new("/nowhere"));
    assert!(told.hardware.cpus > 0 && told.hardware.memory_bytes > 0);
    assert!(told.accounts.iter().any(|account| account.uid == 0 && !account.admin.is_empty()));
}
