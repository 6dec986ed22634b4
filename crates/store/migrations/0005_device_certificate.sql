-- From when the newest certificate is valid that a device was seen to use: an older one is no longer accepted. 0 until the
-- device called for the first time.
ALTER TABLE device ADD COLUMN certificate_since BIGINT NOT NULL DEFAULT 0;
