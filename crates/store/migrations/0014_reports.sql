-- Messages that people reported.

-- Reported messages that are alike. `fingerprint` holds keyed digests and a digest of words, nothing that could be read; once
-- the RTD said what they are, it is a label, and outlives the reports.
CREATE TABLE mail_alike (
    tenant TEXT NOT NULL,
    alike TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    class TEXT NOT NULL,
    score BIGINT NOT NULL,
    state TEXT NOT NULL,
    holding BOOLEAN NOT NULL,
    shared BOOLEAN NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant, alike)
);
CREATE INDEX mail_alike_last ON mail_alike (tenant, last_at);
CREATE INDEX mail_alike_holding ON mail_alike (holding, last_at);

-- One report of one person. The message itself is not kept. `reporter` is a keyed digest by which people are told apart;
-- `counts` says whether this report counts towards holding messages that are alike.
CREATE TABLE mail_report (
    tenant TEXT NOT NULL,
    report TEXT NOT NULL,
    alike TEXT NOT NULL,
    reporter TEXT NOT NULL,
    reporter_name TEXT NOT NULL,
    way TEXT NOT NULL,
    counts BOOLEAN NOT NULL,
    author TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    class TEXT NOT NULL,
    score BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    size BIGINT NOT NULL,
    content TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, report)
);
CREATE UNIQUE INDEX mail_report_once ON mail_report (tenant, reporter, content);
CREATE INDEX mail_report_alike ON mail_report (tenant, alike);
CREATE INDEX mail_report_at ON mail_report (tenant, reported_at);
