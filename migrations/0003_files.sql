-- Uploaded code and what is built from it. File contents are on disk, under their SHA-256; here is which
-- files make up a version. `files`, `code` and `targets` are JSON.

CREATE TABLE catalogs (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE catalog_versions (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    catalog_id TEXT NOT NULL REFERENCES catalogs (id),
    number BIGINT NOT NULL CHECK (number > 0),
    files TEXT NOT NULL,
    num_files BIGINT NOT NULL CHECK (num_files >= 0),
    size BIGINT NOT NULL CHECK (size >= 0),
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX catalog_versions_number ON catalog_versions (catalog_id, number);

CREATE TABLE stages (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    catalog_id TEXT NOT NULL REFERENCES catalogs (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX stages_created ON stages (created_at);

-- `path_key` is the path as bytes: text is compared by the database's locale, bytes are not.
CREATE TABLE staged_files (
    stage_id TEXT NOT NULL REFERENCES stages (id) ON DELETE CASCADE,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    path_key BYTEA NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    executable BIGINT NOT NULL CHECK (executable IN (0, 1)),
    PRIMARY KEY (stage_id, path_key)
);

-- Builds go with their artifact, and the log of a build with it.
CREATE TABLE builds (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    artifact_id TEXT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    targets TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX builds_artifact ON builds (artifact_id, created_at, id);
CREATE INDEX builds_unfinished ON builds (created_at, id)
    WHERE status <> 'COMPLETED' AND status <> 'FAILED' AND status <> 'CANCELLED';

CREATE TABLE build_lines (
    build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (build_id, seq)
);
