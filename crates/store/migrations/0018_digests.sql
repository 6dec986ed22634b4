-- Held mail as its recipients see it: when they were told of it by letter, who of them asked for it, and to whom it went.

-- `told_at` is written in the transaction that puts the letters into the outbox; `asked_by` is a list of addresses.
ALTER TABLE held_mail ADD COLUMN told_at BIGINT;
ALTER TABLE held_mail ADD COLUMN asked_by TEXT NOT NULL DEFAULT '[]';
CREATE INDEX held_mail_untold ON held_mail (tenant, taken_at) WHERE told_at IS NULL AND state = 'held';

-- A held message of several recipients that goes to one of them. The row is its own outbox, as that of the message is.
CREATE TABLE held_part (
    tenant TEXT NOT NULL,
    held TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    released_at BIGINT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    PRIMARY KEY (tenant, held, recipient)
);
CREATE INDEX held_part_due ON held_part (state, due_at);

-- A letter in the outbox, so that what it says ends with the oldest message of which it tells.
CREATE TABLE mail_digest (
    tenant TEXT NOT NULL,
    message TEXT NOT NULL,
    oldest_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, message)
);
CREATE INDEX mail_digest_oldest ON mail_digest (tenant, oldest_at);
