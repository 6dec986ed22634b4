-- Mail: for which domains each comune answers, and the messages that are held for somebody to look at.

-- A domain that a tenant says is its own. It counts once an operator approved it, and then for nobody else.
CREATE TABLE mail_domain (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT,
    PRIMARY KEY (tenant, domain)
);
CREATE UNIQUE INDEX mail_domain_approved ON mail_domain (domain) WHERE state = 'approved';

-- A held message. `identity` is the digest of sender, recipients and content, so that a delivery that is tried again after a
-- crash is the same row. Addresses, subject and reasons go with the row when its time is over.
CREATE TABLE held_mail (
    tenant TEXT NOT NULL,
    held TEXT NOT NULL,
    identity TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    author TEXT NOT NULL,
    subject TEXT NOT NULL,
    class TEXT NOT NULL,
    score BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    size BIGINT NOT NULL,
    content TEXT NOT NULL,
    times BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (tenant, held)
);
CREATE UNIQUE INDEX held_mail_identity ON held_mail (tenant, identity);
CREATE INDEX held_mail_worst ON held_mail (tenant, state, score, taken_at);
CREATE INDEX held_mail_due ON held_mail (state, due_at);
CREATE INDEX held_mail_taken ON held_mail (taken_at);

-- The content of a held message in sealed pieces, as text; gone as soon as it was released or deleted.
CREATE TABLE held_piece (
    tenant TEXT NOT NULL,
    held TEXT NOT NULL,
    seq BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant, held, seq)
);

-- How many messages came to what end on a day (days since 1970, UTC). Nothing of the messages themselves.
CREATE TABLE mail_count (
    tenant TEXT NOT NULL,
    day BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant, day, outcome)
);
