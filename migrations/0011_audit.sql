-- Who did what. Rows are only ever added. `entry` is the whole of it, and what the mark is about together with
-- the mark before; the columns beside it repeat what is searched for. `mark` names its key.

CREATE TABLE audit (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_id TEXT,
    outcome TEXT NOT NULL,
    entry TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_entity ON audit (org_id, entity_id, seq);
CREATE INDEX audit_actor ON audit (org_id, actor_id, seq);

-- Which workloads an entry concerns.
CREATE TABLE audit_workloads (
    org_id TEXT NOT NULL,
    workload_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (org_id, workload_id, seq)
);

ALTER TABLE heads ADD COLUMN audit_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE heads ADD COLUMN audit_mark TEXT;
