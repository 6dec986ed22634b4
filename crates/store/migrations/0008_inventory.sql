-- What each device is made of and what runs on it, as it last told. The document is a `model::inventory::Inventory`; `release` is
-- the distribution and its code name, by which known vulnerabilities are looked up.
CREATE TABLE device_inventory (
    tenant TEXT NOT NULL,
    device TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    release TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, device)
);

-- Its packages, to be searched across the devices of a tenant. The source is always named.
CREATE TABLE device_package (
    tenant TEXT NOT NULL,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    arch TEXT NOT NULL,
    version TEXT NOT NULL,
    source TEXT NOT NULL,
    source_version TEXT NOT NULL,
    PRIMARY KEY (tenant, device, name, arch, version)
);
CREATE INDEX device_package_name ON device_package (tenant, name, version);
CREATE INDEX device_package_source ON device_package (tenant, source);

-- Known vulnerabilities, as they were imported: public knowledge, kept once under the tenant 'platform'. One row for each feed,
-- release and source package, with all that is known of it.
CREATE TABLE advisory (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    release TEXT NOT NULL,
    source TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, feed, release, source)
);

-- What each vulnerability is, in the words of the feed.
CREATE TABLE advisory_text (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    vulnerability TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (tenant, feed, vulnerability)
);

-- When each feed was imported, from where, and how much of it.
CREATE TABLE advisory_feed (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    origin TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    sources BIGINT NOT NULL,
    vulnerabilities BIGINT NOT NULL,
    PRIMARY KEY (tenant, feed)
);

-- Something that is looked for on devices, why, and by whom. What is looked for is a `model::hunt::Quarry`.
CREATE TABLE hunt (
    tenant TEXT NOT NULL,
    hunt TEXT NOT NULL,
    quarry TEXT NOT NULL,
    folders TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    stopped_at BIGINT,
    PRIMARY KEY (tenant, hunt)
);

-- How it stands on each device, as the device last told.
CREATE TABLE hunt_device (
    tenant TEXT NOT NULL,
    hunt TEXT NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL,
    checked BIGINT NOT NULL,
    note TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, hunt, device)
);

-- What was found.
CREATE TABLE hunt_hit (
    tenant TEXT NOT NULL,
    hunt TEXT NOT NULL,
    device TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, hunt, device, what)
);
