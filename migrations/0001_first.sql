-- One text for SQLite and PostgreSQL, in what the two share: TEXT, BIGINT, BYTEA; moments are microseconds
-- since 1970, flags 0 or 1, structures JSON as text. Every row names its organisation; a lease alone belongs
-- to the installation, and so has none.
--
-- `name_key` is the folded name as bytes: text is ordered by the database's locale, bytes are not.
-- `search_text` is what a search looks in, folded. Both are made in Rust, because the databases fold
-- differently.
--
-- Replacements and events have no foreign key to their workload: they outlive it.

CREATE TABLE orgs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The number of each organisation's newest event. One row each, updated last in a transaction.
CREATE TABLE heads (
    org_id TEXT NOT NULL PRIMARY KEY REFERENCES orgs (id),
    seq BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    username TEXT NOT NULL,
    name_key BYTEA NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT,
    is_admin BIGINT NOT NULL CHECK (is_admin IN (0, 1)),
    created_at BIGINT NOT NULL
);
CREATE INDEX users_org ON users (org_id, name_key);

CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

-- A session has no person, and so no organisation, before somebody has signed in.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT REFERENCES orgs (id),
    user_id TEXT REFERENCES users (id),
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CHECK ((org_id IS NULL) = (user_id IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
    hash BYTEA NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE repositories (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    search_text TEXT NOT NULL,
    kind TEXT NOT NULL,
    last_version BIGINT NOT NULL CHECK (last_version >= 0),
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX repositories_created ON repositories (org_id, created_at, id);
CREATE INDEX repositories_name ON repositories (org_id, name_key, id);

CREATE TABLE artifacts (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    repository_id TEXT NOT NULL REFERENCES repositories (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    description TEXT NOT NULL,
    search_text TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT,
    spec TEXT NOT NULL,
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    CHECK ((status = 'locked') = (version IS NOT NULL))
);
CREATE INDEX artifacts_created ON artifacts (org_id, created_at, id);
CREATE INDEX artifacts_name ON artifacts (org_id, name_key, id);
CREATE UNIQUE INDEX artifacts_version ON artifacts (repository_id, version) WHERE version IS NOT NULL;
CREATE INDEX artifacts_repository ON artifacts (repository_id);

CREATE TABLE workloads (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    description TEXT NOT NULL,
    search_text TEXT NOT NULL,
    importance TEXT NOT NULL,
    importance_rank BIGINT NOT NULL,
    wanted TEXT NOT NULL,
    artifact_id TEXT NOT NULL,
    runtime TEXT NOT NULL,
    active_proton TEXT,
    expires_at BIGINT,
    ended_at BIGINT,
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    -- Kept by the gateway's counters, apart from the revision: traffic is no change of the workload.
    last_response_at BIGINT
);
CREATE UNIQUE INDEX workloads_one_name ON workloads (org_id, name_key)
    WHERE wanted <> 'deleted' AND wanted <> 'terminated';
CREATE INDEX workloads_created ON workloads (org_id, created_at, id);
CREATE INDEX workloads_name ON workloads (org_id, name_key, id);
CREATE INDEX workloads_artifact ON workloads (artifact_id);

CREATE TABLE protons (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    workload_id TEXT NOT NULL REFERENCES workloads (id),
    artifact_id TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    role TEXT,
    snapshot TEXT NOT NULL,
    running_since BIGINT,
    restarts BIGINT NOT NULL CHECK (restarts >= 0),
    message TEXT,
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX protons_workload ON protons (workload_id, created_at, id);
CREATE UNIQUE INDEX protons_one_role ON protons (workload_id, role) WHERE role IS NOT NULL;
CREATE INDEX protons_live ON protons (workload_id, id)
    WHERE status <> 'stopped' AND status <> 'terminated';

CREATE TABLE replacements (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    workload_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    candidate_artifact TEXT NOT NULL,
    previous_artifact TEXT,
    candidate TEXT,
    previous TEXT,
    config TEXT NOT NULL,
    start_budget BIGINT NOT NULL CHECK (start_budget >= 0),
    runtime TEXT NOT NULL,
    previous_runtime TEXT NOT NULL,
    stage TEXT NOT NULL,
    progress TEXT NOT NULL,
    note TEXT,
    receipt TEXT NOT NULL,
    flight TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ready_at BIGINT,
    switched_at BIGINT,
    retired_at BIGINT,
    ended_at BIGINT,
    revision BIGINT NOT NULL
);
CREATE INDEX replacements_workload ON replacements (workload_id, created_at, id);
CREATE UNIQUE INDEX replacements_one_running ON replacements (workload_id) WHERE stage <> 'done';
CREATE INDEX replacements_candidate ON replacements (candidate_artifact) WHERE stage <> 'done';

CREATE TABLE events (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    seq BIGINT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    workload_id TEXT,
    artifact_id TEXT,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    details TEXT,
    actor_id TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX events_workload ON events (workload_id, seq);
CREATE INDEX events_artifact ON events (artifact_id, seq);

-- What the gateway counted. `latencies` is a JSON list of [class, count], without the empty classes.
CREATE TABLE minutes (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    workload_id TEXT NOT NULL REFERENCES workloads (id),
    proton_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    user_errors BIGINT NOT NULL,
    server_errors BIGINT NOT NULL,
    peak BIGINT NOT NULL,
    latencies TEXT NOT NULL,
    PRIMARY KEY (proton_id, at)
);
CREATE INDEX minutes_workload ON minutes (workload_id, at);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT,
    fencing BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
