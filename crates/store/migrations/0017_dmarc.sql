-- What receivers say of mail in the name of a comune's domains: DMARC aggregate reports. Addresses of mail servers and counts;
-- nothing of any message.

CREATE TABLE dmarc_report (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    org TEXT NOT NULL,
    report TEXT NOT NULL,
    begin_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    policy TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, domain, org, report)
);
CREATE INDEX dmarc_report_end ON dmarc_report (tenant, end_at);

CREATE TABLE dmarc_row (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    org TEXT NOT NULL,
    report TEXT NOT NULL,
    seq BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    count BIGINT NOT NULL,
    disposition TEXT NOT NULL,
    dkim BOOLEAN NOT NULL,
    spf BOOLEAN NOT NULL,
    header_from TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    envelope TEXT NOT NULL,
    PRIMARY KEY (tenant, domain, org, report, seq)
);
CREATE INDEX dmarc_row_end ON dmarc_row (tenant, domain, end_at);
