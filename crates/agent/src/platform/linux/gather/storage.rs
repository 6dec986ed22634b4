//! Whether the file systems that hold the system and people's documents are encrypted.

use super::root::Root;
use baluardo_detect::inventory::{clean, mounts};
use baluardo_model::inventory::Encryption;

/// How many devices may lie one below the other: a file system on a volume on an encrypted partition has three.
const DEEPEST: usize = 8;

pub(super) fn encryption(root: &Root) -> Vec<Encryption> {
    let holds = |point: &str| ["/", "/home", "/srv", "/var"].contains(&point) || point.starts_with("/home/");
    let all = mounts::mounts(&root.text("proc/self/mountinfo"));
    let wanted = all.iter().filter(|mount| holds(&mount.point) && !mount.is_remote() && !mount.is_pseudo());
    wanted
        .map(|mount| Encryption {
            mount: clean(&mount.point),
            device: clean(&mount.source),
            encrypted: match mount.kind.as_str() {
                "ecryptfs" | "fuse.gocryptfs" => Some(true),
                _ => folder_of(root, &mount.device, &mount.source).map(|folder| encrypts(root, &folder, DEEPEST)),
            },
        })
        .collect()
}

/// The folder in /sys of what a file system lies on; none where it lies on no device of the kernel's.
fn folder_of(root: &Root, number: &str, source: &str) -> Option<String> {
    let by_number = format!("sys/dev/block/{number}");
    if root.has(&by_number) {
        return Some(by_number);
    }
    // btrfs shows a number of its own; what it was mounted from has a name.
    let name = source.strip_prefix("/dev/")?;
    let name = match root.link(&format!("dev/{name}")) {
        Some(target) => target.rsplit('/').next()?.to_owned(),
        None => name.to_owned(),
    };
    let by_name = format!("sys/class/block/{name}");
    root.has(&by_name).then_some(by_name)
}

/// Whether this device encrypts, or everything that it lies on does.
fn encrypts(root: &Root, folder: &str, deep: usize) -> bool {
    if mounts::encrypts(&root.text(&format!("{folder}/dm/uuid"))) {
        return true;
    }
    let below = root.names(&format!("{folder}/slaves"));
    deep > 0
        && !below.is_empty()
        && below.iter().all(|name| encrypts(root, &format!("{folder}/slaves/{name}"), deep - 1))
}
