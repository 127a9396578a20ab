-- Tags of workloads, artifacts and repositories. `entity_kind` says of which; names are compared as they are.
CREATE TABLE tags (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    entity_kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entity_kind, entity_id, name)
);
CREATE INDEX tags_name ON tags (org_id, name);
CREATE INDEX tags_value ON tags (org_id, value);
