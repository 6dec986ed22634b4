//! Samples of what devices are made of.

use super::{Maker, SIZES, Sheet, ago, id, paging, sheet};
use crate::view::chrome::Section;
use crate::view::inventory::{
    ChosenVulnerability, FeedRow, HolderRow, InventoryPage, ProgramRow, ProgramsPage, VulnerabilitiesPage,
    VulnerabilityRow,
};
use baluardo_model::identity::Role;
use baluardo_model::inventory::{
    Account, Backup, Disk, Encryption, Hardware, Inventory, Port, Service, System, Update, Updates,
};
use baluardo_model::package::Package;
use baluardo_model::protection::Severity;

pub(super) fn sheets(make: Maker) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (variant, count) in SIZES {
        sheets.push(sheet("inventory", variant, &device(make, count)));
        let program = |number: usize| ProgramRow {
            name: make.text("libreoffice-core"),
            version: make.text("4:7.4.7-1+deb12u1"),
            devices: number as u64 * 7,
        };
        let programs = ProgramsPage {
            chrome: make.chrome(Section::Programs, Role::Rtd),
            q: make.text("office"),
            rows: (0..count).map(program).collect(),
            paging: paging("/programs", count),
            chosen: if count == 1 { String::new() } else { make.text("libreoffice-core 4:7.4.7-1") },
            holders: (0..count).map(|number| holder(make, number)).collect(),
        };
        sheets.push(sheet("programs", variant, &programs));
        let known = VulnerabilitiesPage {
            chrome: make.inside(Section::Vulnerabilities),
            q: make.text("ssl"),
            severity: "high".to_owned(),
            rows: (0..count).map(|number| vulnerability(make, number)).collect(),
            paging: paging("/vulnerabilities", count),
            feeds: if count == 0 { Vec::new() } else { feeds() },
            chosen: (count > 1).then(|| ChosenVulnerability {
                id: make.text("CVE-2026-10001"),
                source: make.text("openssl"),
                words: make.text("A malformed message makes the server read past the end of a buffer."),
                holders: (0..3).map(|number| holder(make, number)).collect(),
            }),
        };
        sheets.push(sheet("vulnerabilities", variant, &known));
    }
    sheets
}

fn holder(make: Maker, number: usize) -> HolderRow {
    HolderRow { device: id(number), hostname: make.text("pc-anagrafe-01"), version: make.text("3.0.9-1"), fixed: None }
}

fn feeds() -> Vec<FeedRow> {
    vec![FeedRow { feed: "debian".to_owned(), imported_at: ago(600), vulnerabilities: 51_234 }]
}

fn vulnerability(make: Maker, number: usize) -> VulnerabilityRow {
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    VulnerabilityRow {
        id: make.text(&format!("CVE-2026-{}", 10_001 + number)),
        source: make.text("openssl"),
        severity: severities[number % 5],
        score: (number % 3 != 2).then_some(9.8),
        installed: make.text("3.0.9-1"),
        fixed: (number.is_multiple_of(2)).then(|| make.text("3.0.11-1~deb12u2")),
        devices: number as u64 + 1,
    }
}

fn device(make: Maker, count: usize) -> InventoryPage {
    InventoryPage {
        chrome: make.chrome(Section::Devices, Role::Rtd),
        id: id(1),
        hostname: make.text("pc-anagrafe-01"),
        taken_at: (count > 0).then(|| ago(70)),
        inventory: inventory(make, count),
        vulnerabilities: (0..count).map(|number| vulnerability(make, number)).collect(),
        vulnerabilities_total: count as u64 * 9,
        feeds: if count == 1 { Vec::new() } else { feeds() },
        may_command: count != 1,
    }
}

fn inventory(make: Maker, count: usize) -> Inventory {
    let text = |plain: &str| make.text(plain);
    let account = |number: usize| Account {
        name: text("anna"),
        uid: 1_000 + number as u64,
        login: number.is_multiple_of(2),
        admin: if number.is_multiple_of(3) { vec![text("group sudo")] } else { Vec::new() },
    };
    let port = |number: usize| Port {
        protocol: "tcp".to_owned(),
        address: text(if number.is_multiple_of(2) { "127.0.0.1" } else { "0.0.0.0" }),
        port: 22,
        program: text("/usr/sbin/sshd"),
        user: text("root"),
    };
    let update =
        Update { name: text("openssl"), installed: text("3.0.9-1"), available: text("3.0.11-1"), security: true };
    let package = Package {
        name: text("openssl"),
        version: text("3.0.9-1"),
        arch: text("amd64"),
        source: text("openssl"),
        source_version: text("3.0.9-1"),
    };
    let encrypted = match count {
        0 => None,
        1 => Some(true),
        _ => Some(false),
    };
    Inventory {
        hardware: Hardware {
            vendor: text("Dell Inc."),
            model: text("OptiPlex 3040"),
            serial: text("4X7Q2N2"),
            cpu: text("Intel(R) Core(TM) i5-6500"),
            cpus: 4,
            memory_bytes: 8_000_000_000,
            disks: vec![Disk { name: text("sda"), model: text("SSD"), bytes: 256_000_000_000, removable: count > 1 }],
        },
        system: System {
            name: text("Debian GNU/Linux 12 (bookworm)"),
            kernel: text("6.1.0-18-amd64"),
            booted_at: Some(ago(900)),
            ..System::default()
        },
        encryption: vec![Encryption { mount: text("/"), device: text("/dev/sda1"), encrypted }],
        backups: vec![Backup {
            tool: text("borg"),
            trace: text("/root/.config/borg"),
            last_at: ago(count as u64 * 1_500),
        }],
        updates: (count > 0).then(|| Updates {
            lists_at: Some(ago(60)),
            waiting: count as u64,
            security: count as u64 - 1,
            updates: vec![update; count.min(3)],
        }),
        services: vec![Service { name: text("ssh.service"), enabled: true, running: true }; count],
        ports: (0..count).map(port).collect(),
        accounts: (0..count).map(account).collect(),
        packages: vec![package; count],
        notes: vec![text("2 compressed lists of apt were not read"); count.min(1)],
    }
}
