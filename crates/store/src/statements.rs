//! Tables of statements, so that a test can prepare every one of them on both engines.

/// Declares the statements of a file: one constant each, and `STATEMENTS` with all of them.
macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: &str = $sql;)*
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// Every statement of the store, with its file and name.
#[must_use]
pub fn every_statement() -> Vec<(&'static str, &'static str, &'static str)> {
    [
        ("activation", crate::activation::STATEMENTS),
        ("audit", crate::audit::STATEMENTS),
        ("fleet/authority", crate::fleet::authority::STATEMENTS),
        ("fleet/devices", crate::fleet::devices::STATEMENTS),
        ("fleet/advisories", crate::fleet::advisories::STATEMENTS),
        ("fleet/hunt_rounds", crate::fleet::hunt_rounds::STATEMENTS),
        ("fleet/hunts", crate::fleet::hunts::STATEMENTS),
        ("fleet/inventory", crate::fleet::inventory::STATEMENTS),
        ("fleet/members", crate::fleet::members::STATEMENTS),
        ("fleet/orders", crate::fleet::orders::STATEMENTS),
        ("fleet/pack_sources", crate::fleet::pack_sources::STATEMENTS),
        ("fleet/packs", crate::fleet::packs::STATEMENTS),
        ("fleet/policy", crate::fleet::policy::STATEMENTS),
        ("fleet/refusals", crate::fleet::refusals::STATEMENTS),
        ("fleet/rollbacks", crate::fleet::rollbacks::STATEMENTS),
        ("fleet/tokens", crate::fleet::tokens::STATEMENTS),
        ("identity/ceremonies", crate::identity::ceremonies::STATEMENTS),
        ("identity/credentials", crate::identity::credentials::STATEMENTS),
        ("identity/links", crate::identity::links::STATEMENTS),
        ("identity/people", crate::identity::people::STATEMENTS),
        ("identity/sessions", crate::identity::sessions::STATEMENTS),
        ("identity/throttle", crate::identity::throttle::STATEMENTS),
        ("identity/tokens", crate::identity::tokens::STATEMENTS),
        ("mail/counts", crate::mail::counts::STATEMENTS),
        ("mail/digests", crate::mail::digests::STATEMENTS),
        ("mail/dmarc", crate::mail::dmarc::STATEMENTS),
        ("mail/domains", crate::mail::domains::STATEMENTS),
        ("mail/health", crate::mail::health::STATEMENTS),
        ("mail/held", crate::mail::held::STATEMENTS),
        ("mail/keeping", crate::mail::keeping::STATEMENTS),
        ("mail/leaving", crate::mail::leaving::STATEMENTS),
        ("mail/parts", crate::mail::parts::STATEMENTS),
        ("mail/reports", crate::mail::reports::STATEMENTS),
        ("mail/rules", crate::mail::rules::STATEMENTS),
        ("mail/seen", crate::mail::seen::STATEMENTS),
        ("mail/mailboxes", crate::mail::mailboxes::STATEMENTS),
        ("mail/pec", crate::mail::pec::STATEMENTS),
        ("mail/places", crate::mail::places::STATEMENTS),
        ("outbox", crate::outbox::STATEMENTS),
        ("protection/campaigns", crate::protection::campaigns::STATEMENTS),
        ("protection/counts", crate::protection::counts::STATEMENTS),
        ("protection/evidence", crate::protection::evidence::STATEMENTS),
        ("protection/findings", crate::protection::findings::STATEMENTS),
        ("protection/labels", crate::protection::labels::STATEMENTS),
        ("protection/quarantine", crate::protection::quarantine::STATEMENTS),
        ("tenants", crate::tenants::STATEMENTS),
    ]
    .into_iter()
    .flat_map(|(file, table)| table.iter().map(move |(name, sql)| (file, *name, *sql)))
    .collect()
}
