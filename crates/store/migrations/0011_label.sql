-- What people said of files that were found: the newest word on each content. The models of malware are measured by it.
CREATE TABLE label (
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    judgement TEXT NOT NULL,
    finding TEXT NOT NULL,
    kind TEXT NOT NULL,
    reasons TEXT NOT NULL,
    note TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, sha256)
);
