-- Where a pack is fetched from. `every_hours` 0: only when somebody asks. `due_at` 0: not by itself. `content` is the SHA-256 of what
-- was fetched and taken in last; `failure` says why the last try brought nothing.
CREATE TABLE pack_source (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    every_hours BIGINT NOT NULL,
    content TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);
CREATE INDEX pack_source_due ON pack_source (due_at);

-- Hunts of one round have been started together, in every comune that left its management to the consortium; empty for one by itself.
ALTER TABLE hunt ADD COLUMN round TEXT NOT NULL DEFAULT '';
CREATE INDEX hunt_round ON hunt (round);
