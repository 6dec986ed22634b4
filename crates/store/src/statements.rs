//! Tables of statements, so that a test can prepare every one of them on both engines.

/// Declares the statements of a file: one constant each, and `STATEMENTS` with all of them.
macro_rules! statements {
    ($($name:ident = $sql:literal;)*) => {
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
        ("fleet", crate::fleet::STATEMENTS),
        ("identity", crate::identity::STATEMENTS),
        ("outbox", crate::outbox::STATEMENTS),
        ("protection", crate::protection::STATEMENTS),
        ("tenants", crate::tenants::STATEMENTS),
    ]
    .into_iter()
    .flat_map(|(file, table)| table.iter().map(move |(name, sql)| (file, *name, *sql)))
    .collect()
}
