-- How the mail domains of comuni stand, by what the DNS says of them. Nothing of any message.

CREATE TABLE domain_health (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    mark TEXT NOT NULL,
    fallen_from TEXT NOT NULL,
    looked_at BIGINT,
    tried_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    checks TEXT NOT NULL,
    PRIMARY KEY (tenant, domain)
);

CREATE TABLE domain_mark (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (tenant, domain, given_at)
);

CREATE TABLE domain_selector (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    selector TEXT NOT NULL,
    named BOOLEAN NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, domain, selector)
);
