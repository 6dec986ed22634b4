-- Until when a device cut itself off from the network, as it said; 0 while it is not. The code that lifts it there is sealed.
ALTER TABLE device ADD COLUMN isolated_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN isolation_code TEXT NOT NULL DEFAULT '';
