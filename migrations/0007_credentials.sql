-- Secrets that containers are given. `sealed` is a JSON object of them under the key `key_id`
-- (src/secrets); `fields` is the JSON list of its keys, which are no secret.

CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    fields TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    creator_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX credentials_name ON credentials (org_id, name_key);

-- The API token that a workload's containers may be given; its secret is sealed, because a replica that
-- starts anew needs the same one again.
CREATE TABLE workload_tokens (
    workload_id TEXT NOT NULL PRIMARY KEY REFERENCES workloads (id),
    org_id TEXT NOT NULL REFERENCES orgs (id),
    token_id TEXT NOT NULL REFERENCES tokens (id),
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL
);
