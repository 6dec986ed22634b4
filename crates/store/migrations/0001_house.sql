-- The whole house. Rules: `tenant` first in every key; only TEXT, BIGINT, BOOLEAN, BYTEA, DOUBLE PRECISION; ids are
-- UUIDv7 text and times are microseconds UTC, both given by the program; documents are JSON text with the searched
-- fields lifted into columns. The same text runs on SQLite and PostgreSQL.

CREATE TABLE tenant (
    tenant TEXT NOT NULL PRIMARY KEY,
    consortium TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    cadastral_code TEXT,
    management TEXT NOT NULL,
    patron TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tenant_comune ON tenant (consortium, cadastral_code);

CREATE TABLE setting (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- identity

CREATE TABLE person (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    office TEXT,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant, person)
);
CREATE UNIQUE INDEX person_email ON person (email);

CREATE TABLE credential (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    credential TEXT NOT NULL,
    kind TEXT NOT NULL,
    secret TEXT NOT NULL,
    last_step BIGINT,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant, person, credential)
);

CREATE TABLE signin_link (
    tenant TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE UNIQUE INDEX signin_link_secret ON signin_link (secret_hash);

CREATE TABLE session (
    tenant TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE UNIQUE INDEX session_secret ON session (secret_hash);
CREATE INDEX session_person ON session (tenant, person);

CREATE TABLE api_token (
    tenant TEXT NOT NULL,
    token TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    used_at BIGINT,
    PRIMARY KEY (tenant, token)
);
CREATE UNIQUE INDEX api_token_secret ON api_token (secret_hash);

CREATE TABLE throttle (
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    failures BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject)
);

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    actor_role TEXT NOT NULL,
    actor_tenant TEXT NOT NULL,
    act TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- activation

CREATE TABLE request (
    tenant TEXT NOT NULL,
    request TEXT NOT NULL,
    service TEXT NOT NULL,
    cadastral_code TEXT NOT NULL,
    application TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, request)
);
CREATE INDEX request_received ON request (tenant, received_at, request);

CREATE TABLE request_event (
    tenant TEXT NOT NULL,
    request TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, request, seq)
);

CREATE TABLE outbox (
    tenant TEXT NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    once_key TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (tenant, message)
);
CREATE UNIQUE INDEX outbox_once ON outbox (tenant, once_key);
CREATE INDEX outbox_due ON outbox (done_at, due_at);

CREATE TABLE local_mail (
    tenant TEXT NOT NULL,
    message TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, message)
);

-- fleet

CREATE TABLE authority (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    certificate TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind)
);

CREATE TABLE enrol_token (
    tenant TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    label TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    device TEXT,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE UNIQUE INDEX enrol_token_secret ON enrol_token (secret_hash);

CREATE TABLE policy (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, version)
);

CREATE TABLE device (
    tenant TEXT NOT NULL,
    device TEXT NOT NULL,
    hostname TEXT NOT NULL,
    os TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    state TEXT NOT NULL,
    coverage TEXT NOT NULL,
    coverage_note TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    acked_seq BIGINT NOT NULL,
    policy_version BIGINT NOT NULL,
    PRIMARY KEY (tenant, device)
);

CREATE TABLE device_order (
    tenant TEXT NOT NULL,
    device TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    body TEXT NOT NULL,
    signature TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    outcome TEXT,
    note TEXT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant, device, order_id)
);
CREATE INDEX device_order_target ON device_order (tenant, target);

CREATE TABLE refusal (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    count BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    last_detail TEXT NOT NULL,
    PRIMARY KEY (tenant, code)
);

-- protection

CREATE TABLE finding (
    tenant TEXT NOT NULL,
    finding TEXT NOT NULL,
    device TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT,
    files_touched BIGINT NOT NULL,
    files_lost BIGINT NOT NULL,
    stopped BOOLEAN NOT NULL,
    quarantined BOOLEAN NOT NULL,
    detected_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT,
    handled_by TEXT,
    handled_note TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, finding)
);
CREATE INDEX finding_received ON finding (tenant, received_at, finding);
CREATE INDEX finding_open ON finding (tenant, handled_at, severity);
CREATE INDEX finding_sha256 ON finding (sha256, tenant);

CREATE TABLE finding_step (
    tenant TEXT NOT NULL,
    finding TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    files BIGINT NOT NULL,
    PRIMARY KEY (tenant, finding, seq)
);

CREATE TABLE quarantine (
    tenant TEXT NOT NULL,
    item TEXT NOT NULL,
    device TEXT NOT NULL,
    finding TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    pending_order TEXT,
    PRIMARY KEY (tenant, item)
);
CREATE INDEX quarantine_finding ON quarantine (tenant, finding);
