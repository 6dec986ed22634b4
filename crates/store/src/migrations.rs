//! The schema, as numbered texts that are compiled in. One text serves both engines; a pair stands only where they
//! truly differ (the trigger that keeps the audit log append-only).

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::borrow::Cow;

const HOUSE: &str = include_str!("../migrations/0001_house.sql");
const CEREMONY: &str = include_str!("../migrations/0003_ceremony.sql");
const DEVICE_CERTIFICATE: &str = include_str!("../migrations/0005_device_certificate.sql");

pub(crate) fn sqlite() -> Migrator {
    migrator(&[HOUSE, include_str!("../migrations/0002_audit_append_only.sqlite.sql"), CEREMONY, DEVICE_CERTIFICATE])
}

pub(crate) fn postgres() -> Migrator {
    migrator(&[HOUSE, include_str!("../migrations/0002_audit_append_only.postgres.sql"), CEREMONY, DEVICE_CERTIFICATE])
}

fn migrator(texts: &[&'static str]) -> Migrator {
    let migrations = (1..)
        .zip(texts)
        .map(|(version, text)| {
            Migration::new(version, Cow::Borrowed("baluardo"), MigrationType::Simple, text.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}
