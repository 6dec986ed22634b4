//! SQL, migrations, transactions and tenant scopes; SQLite and PostgreSQL from one text.
