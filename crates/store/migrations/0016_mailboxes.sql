-- Mailboxes of comuni at their providers. `sealed` holds password or tokens, sealed with the house's key. `revision` grows with
-- each change by a person; `validity` and `last_uid` say up to which message the inbox was read.
CREATE TABLE mailbox (
    tenant TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    tls TEXT NOT NULL,
    login TEXT NOT NULL,
    auth TEXT NOT NULL,
    client TEXT NOT NULL,
    token_url TEXT NOT NULL,
    sealed TEXT NOT NULL,
    folder TEXT NOT NULL,
    authserv TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    read_at BIGINT,
    trouble TEXT NOT NULL,
    said TEXT NOT NULL,
    remarks TEXT NOT NULL,
    checked_at BIGINT,
    PRIMARY KEY (tenant, mailbox)
);
CREATE UNIQUE INDEX mailbox_login ON mailbox (tenant, host, port, login);

-- Where a held message lies that came into a mailbox. It is written with the held row, before anything is moved.
CREATE TABLE held_place (
    tenant TEXT NOT NULL,
    held TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    message_id TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (tenant, held)
);
CREATE INDEX held_place_mailbox ON held_place (tenant, mailbox, place);

-- Certified mail (PEC) that is suspicious: what it is and why, never what it says. `identity` is the digest of the whole.
CREATE TABLE pec_note (
    tenant TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    identity TEXT NOT NULL,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    sent TEXT NOT NULL,
    identifier TEXT NOT NULL,
    class TEXT NOT NULL,
    score BIGINT NOT NULL,
    hostile BOOLEAN NOT NULL,
    reasons TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    seen_at BIGINT,
    seen_by TEXT NOT NULL,
    PRIMARY KEY (tenant, mailbox, identity)
);
CREATE INDEX pec_note_taken ON pec_note (tenant, taken_at);
