//! The machine and its system.

use super::root::Root;
use baluardo_detect::inventory::{clean, machine};
use baluardo_model::inventory::{Disk, Hardware, System};

/// Bytes of the sectors in which the kernel tells sizes, whatever the disk's own are.
const SECTOR: u64 = 512;

/// Names of block devices that are no disks: memory, loops, mapped devices, CD drives.
const NO_DISKS: [&str; 7] = ["loop", "ram", "zram", "dm-", "sr", "md", "nbd"];

pub(super) fn hardware(root: &Root) -> Hardware {
    let dmi = |name: &str| known(root.line(&format!("sys/class/dmi/id/{name}")));
    let (cpu, cpus) = machine::processor(&root.text("proc/cpuinfo"));
    Hardware {
        vendor: dmi("sys_vendor"),
        model: dmi("product_name"),
        serial: dmi("product_serial"),
        cpu,
        cpus,
        memory_bytes: machine::memory(&root.text("proc/meminfo")),
        disks: disks(root),
    }
}

/// Makers who left the field as it was have told nothing.
fn known(text: String) -> String {
    let nothing =
        ["", "none", "default string", "to be filled by o.e.m.", "system serial number", "not specified", "0"];
    if nothing.contains(&text.to_lowercase().as_str()) { String::new() } else { text }
}

fn disks(root: &Root) -> Vec<Disk> {
    let is_disk = |name: &String| !NO_DISKS.iter().any(|it| name.starts_with(it));
    let disk = |name: String| {
        let field = |field: &str| root.line(&format!("sys/block/{name}/{field}"));
        let sectors: u64 = field("size").parse().ok().filter(|sectors| *sectors > 0)?;
        Some(Disk {
            model: field("device/model"),
            bytes: sectors.saturating_mul(SECTOR),
            removable: field("removable") == "1",
            name: clean(&name),
        })
    };
    root.names("sys/block").into_iter().filter(is_disk).filter_map(disk).collect()
}

pub(super) fn system(root: &Root) -> System {
    let os_release = ["etc/os-release", "usr/lib/os-release"].map(|path| root.text(path));
    let os_release = os_release.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    System {
        kernel: root.line("proc/sys/kernel/osrelease"),
        booted_at: machine::booted_at(&root.text("proc/stat")),
        ..machine::system(&os_release)
    }
}
