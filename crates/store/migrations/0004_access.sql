-- When the holder of a session last proved who they are: who changes credentials did so just before.
ALTER TABLE session ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
-- What its owner calls a passkey; empty for one that was never named.
ALTER TABLE credential ADD COLUMN name TEXT NOT NULL DEFAULT '';
