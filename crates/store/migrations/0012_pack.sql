-- Packs of rules and indicators beside those that ship: a consortium's for the comuni that left it the management, and a
-- comune's own. `report` says in JSON what is not in force, and why.
CREATE TABLE pack (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    rules BIGINT NOT NULL,
    indicators BIGINT NOT NULL,
    exclusions BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    report TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);
CREATE INDEX pack_sha256 ON pack (tenant, sha256);

-- The bytes of a pack in pieces, in base64.
CREATE TABLE pack_piece (
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, sha256, seq)
);
