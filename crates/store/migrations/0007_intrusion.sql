-- What a rule on logs and program starts saw, as JSON; only for findings of intrusions.
ALTER TABLE finding ADD COLUMN intrusion TEXT;

-- What one address tries on several devices. It belongs to the consortium whose members it may try, or to one tenant where the
-- address is of a house's own network and means nobody outside it.
CREATE TABLE campaign (
    tenant TEXT NOT NULL,
    campaign TEXT NOT NULL,
    source TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, campaign)
);
CREATE INDEX campaign_source ON campaign (tenant, source, last_at);
CREATE UNIQUE INDEX campaign_id ON campaign (campaign);

-- A tenant's share in it: one row for each finding. Times are those at which the server learned of it.
CREATE TABLE campaign_share (
    tenant TEXT NOT NULL,
    finding TEXT NOT NULL,
    campaign TEXT NOT NULL,
    device TEXT NOT NULL,
    tries BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, finding)
);
CREATE INDEX campaign_share_campaign ON campaign_share (campaign, tenant);
