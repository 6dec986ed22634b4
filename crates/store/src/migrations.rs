//! The schema, as numbered texts that are compiled in. One text serves both engines; a pair stands only where they
//! truly differ (the trigger that keeps the audit log append-only).

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::borrow::Cow;

const HOUSE: &str = include_str!("../migrations/0001_house.sql");
const CEREMONY: &str = include_str!("../migrations/0003_ceremony.sql");
const ACCESS: &str = include_str!("../migrations/0004_access.sql");
const DEVICE_CERTIFICATE: &str = include_str!("../migrations/0005_device_certificate.sql");
const DEVICE_ISOLATION: &str = include_str!("../migrations/0006_device_isolation.sql");
const INTRUSION: &str = include_str!("../migrations/0007_intrusion.sql");
const INVENTORY: &str = include_str!("../migrations/0008_inventory.sql");
const RESPONSES: &str = include_str!("../migrations/0009_responses.sql");
const MAIL: &str = include_str!("../migrations/0010_mail.sql");
const LABEL: &str = include_str!("../migrations/0011_label.sql");
const PACK: &str = include_str!("../migrations/0012_pack.sql");
const SENDERS: &str = include_str!("../migrations/0013_senders.sql");
const REPORTS: &str = include_str!("../migrations/0014_reports.sql");
const DEPTH: &str = include_str!("../migrations/0015_depth.sql");
const MAILBOXES: &str = include_str!("../migrations/0016_mailboxes.sql");
const DMARC: &str = include_str!("../migrations/0017_dmarc.sql");
const DIGESTS: &str = include_str!("../migrations/0018_digests.sql");
const DOMAIN_HEALTH: &str = include_str!("../migrations/0019_domain_health.sql");

pub(crate) fn sqlite() -> Migrator {
    with_trigger(include_str!("../migrations/0002_audit_append_only.sqlite.sql"))
}

pub(crate) fn postgres() -> Migrator {
    with_trigger(include_str!("../migrations/0002_audit_append_only.postgres.sql"))
}

fn with_trigger(audit_append_only: &'static str) -> Migrator {
    let texts = [
        HOUSE,
        audit_append_only,
        CEREMONY,
        ACCESS,
        DEVICE_CERTIFICATE,
        DEVICE_ISOLATION,
        INTRUSION,
        INVENTORY,
        RESPONSES,
        MAIL,
        LABEL,
        PACK,
        SENDERS,
        REPORTS,
        DEPTH,
        MAILBOXES,
        DMARC,
        DIGESTS,
        DOMAIN_HEALTH,
    ];
    migrator((1..).zip(texts))
}

fn migrator(texts: impl Iterator<Item = (i64, &'static str)>) -> Migrator {
    let migrations = texts
        .map(|(version, text)| {
            Migration::new(version, Cow::Borrowed("baluardo"), MigrationType::Simple, text.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}
