-- A passkey ceremony between its two halves: the challenge that the browser was given. Used once, within minutes.
CREATE TABLE ceremony (
    tenant TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE UNIQUE INDEX ceremony_secret ON ceremony (secret_hash);
CREATE UNIQUE INDEX credential_passkey ON credential (credential) WHERE kind = 'passkey';
