-- Senders: whom a comune allows or blocks, and how their mail ended.

-- A rule for one address or one domain, until `ends_at` or until somebody ended it. A later rule on the same subject ends the
-- earlier one.
CREATE TABLE sender_rule (
    tenant TEXT NOT NULL,
    rule TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_by TEXT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, rule)
);
CREATE UNIQUE INDEX sender_rule_subject ON sender_rule (tenant, subject) WHERE ended_at IS NULL;

-- How many messages of a sender came to what end on a day (days since 1970, UTC). `sender` is a keyed digest of an address or a
-- domain, so that nobody reads from this table who writes to the comune.
CREATE TABLE mail_sender (
    tenant TEXT NOT NULL,
    sender TEXT NOT NULL,
    day BIGINT NOT NULL,
    seen TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant, sender, day, seen)
);
CREATE INDEX mail_sender_day ON mail_sender (tenant, day);
