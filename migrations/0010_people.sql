-- Roles, groups, and what tokens may be used for.

ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
UPDATE users SET role = 'admin' WHERE is_admin = 1;
ALTER TABLE users DROP COLUMN is_admin;
ALTER TABLE users ADD COLUMN deactivated_at BIGINT;

-- Tokens of before may do what their person may; `scopes` are words with blanks between them.
ALTER TABLE tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read operate invoke';
ALTER TABLE tokens ADD COLUMN expires_at BIGINT;

CREATE TABLE user_groups (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_groups_name ON user_groups (org_id, name_key);

CREATE TABLE group_members (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    group_id TEXT NOT NULL REFERENCES user_groups (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

-- Who may do what with an entity. `recipient` is the kind and the id with a colon between: lists are
-- narrowed to what a caller may see by looking for the few texts that mean them.
CREATE TABLE grants (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    entity_kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (entity_id, entity_kind, recipient)
);
CREATE INDEX grants_recipient ON grants (recipient);

-- Until now the creator alone could use an entity.
INSERT INTO grants (org_id, entity_kind, entity_id, recipient, role, granted_at)
    SELECT org_id, 'workload', id, 'user:' || creator_id, 'OWNER', created_at FROM workloads;
INSERT INTO grants (org_id, entity_kind, entity_id, recipient, role, granted_at)
    SELECT org_id, 'artifact', id, 'user:' || creator_id, 'OWNER', created_at FROM artifacts;
INSERT INTO grants (org_id, entity_kind, entity_id, recipient, role, granted_at)
    SELECT org_id, 'artifact_repository', id, 'user:' || creator_id, 'OWNER', created_at FROM repositories;
