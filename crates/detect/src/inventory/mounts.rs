//! What is mounted, and whether a device of the kernel's mapper encrypts.

use super::clean;

/// The most mounts that are read.
const MAX_MOUNTS: usize = 4_000;

/// A line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Major and minor number of the device, `253:0`.
    pub device: String,
    /// Where.
    pub point: String,
    /// The kind of file system.
    pub kind: String,
    /// What is mounted.
    pub source: String,
}

impl Mount {
    /// Whether it lies on a machine elsewhere: walking it would read another's disk over the network.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        let known = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "davfs", "virtiofs"];
        known.contains(&self.kind.as_str()) || self.kind.starts_with("fuse.") || self.kind == "autofs"
    }

    /// Whether its files are the kernel's own and no files on a disk.
    #[must_use]
    pub fn is_pseudo(&self) -> bool {
        let known = [
            "proc",
            "sysfs",
            "cgroup",
            "cgroup2",
            "devtmpfs",
            "devpts",
            "securityfs",
            "debugfs",
            "tracefs",
            "bpf",
            "pstore",
            "mqueue",
            "hugetlbfs",
            "configfs",
            "efivarfs",
            "binfmt_misc",
            "fusectl",
            "rpc_pipefs",
            "nsfs",
            "selinuxfs",
        ];
        known.contains(&self.kind.as_str())
    }
}

/// The mounts of a `mountinfo` file; a later one over the same place hides the earlier.
#[must_use]
pub fn mounts(text: &str) -> Vec<Mount> {
    let mut found: Vec<Mount> = Vec::new();
    for mount in text.lines().take(MAX_MOUNTS).filter_map(mount) {
        found.retain(|earlier| earlier.point != mount.point);
        found.push(mount);
    }
    found
}

fn mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(2);
    let mut after = after.split(' ');
    let (device, point) = (before.next()?, before.nth(1)?);
    let (kind, source) = (after.next()?, after.next()?);
    Some(Mount { device: clean(device), point: unescape(point), kind: clean(kind), source: unescape(source) })
}

/// The kernel writes spaces and their like as `\040`.
fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether the mapper's device with this `dm/uuid` encrypts: LUKS and plain dm-crypt both say `CRYPT-`.
#[must_use]
pub fn encrypts(dm_uuid: &str) -> bool {
    dm_uuid.trim().starts_with("CRYPT-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "\
25 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n\
26 25 0:22 / /proc rw,nosuid shared:12 - proc proc rw\n\
90 25 253:2 / /home/Carte\\040vecchie rw,relatime - ext4 /dev/mapper/home\\134x rw\n\
91 25 0:50 / /mnt/nas rw - cifs //nas/comune rw\n\
nonsense\n\
92 25 0:51 / /mnt/nas rw - nfs4 nas:/altro rw\n";

    #[test]
    fn mounts_are_read_with_their_strange_names() {
        let found = mounts(INFO);
        let points: Vec<_> = found.iter().map(|one| one.point.as_str()).collect();
        assert_eq!(points, ["/", "/proc", "/home/Carte vecchie", "/mnt/nas"]);
        assert_eq!((found[2].device.as_str(), found[2].source.as_str()), ("253:2", "/dev/mapper/home\\x"));
        assert_eq!(found[3].kind, "nfs4", "what was mounted later lies above");
        assert!(found[3].is_remote() && found[1].is_pseudo() && !found[0].is_remote() && !found[0].is_pseudo());
    }

    #[test]
    fn only_the_mapper_of_encryption_encrypts() {
        assert!(encrypts("CRYPT-LUKS2-0a1b-luks-1\n") && encrypts("CRYPT-PLAIN-x"));
        assert!(!encrypts("LVM-abc") && !encrypts(""));
    }
}
