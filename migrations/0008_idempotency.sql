-- What was answered to a request that a client may send again under the same key. `answer` is sealed
-- (src/secrets), because an answer may show a token, and empty while the request is being carried out.

CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    fingerprint BYTEA NOT NULL,
    state TEXT NOT NULL,
    answer BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
