-- A folder's way back to a moment: asked for in the console or on the device, and how it stands. `body` is what the device told last.
CREATE TABLE folder_rollback (
    tenant TEXT NOT NULL,
    rollback_id TEXT NOT NULL,
    device TEXT NOT NULL,
    folder TEXT NOT NULL,
    moment BIGINT NOT NULL,
    stage TEXT NOT NULL,
    body TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, rollback_id)
);
CREATE INDEX folder_rollback_device ON folder_rollback (tenant, device, ordered_at);

-- A package of evidence: ordered, made on the device, and kept here piece by piece. `received` counts the bytes that are kept.
CREATE TABLE evidence (
    tenant TEXT NOT NULL,
    evidence TEXT NOT NULL,
    device TEXT NOT NULL,
    finding TEXT NOT NULL,
    state TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    collected_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    received BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, evidence)
);
CREATE INDEX evidence_device ON evidence (tenant, device, ordered_at);

-- Its bytes, sealed; `place` is where a piece begins.
CREATE TABLE evidence_piece (
    tenant TEXT NOT NULL,
    evidence TEXT NOT NULL,
    place BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant, evidence, place)
);

-- What lets somebody stop or remove the agent of a device, sealed; empty until the device told it.
ALTER TABLE device ADD COLUMN stop_code TEXT NOT NULL DEFAULT '';
