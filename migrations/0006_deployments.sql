-- Governed deployments. One per workload; what they are asked to change waits in `change_requests`.
CREATE TABLE deployments (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    workload_id TEXT NOT NULL REFERENCES workloads (id),
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    description TEXT NOT NULL,
    search_text TEXT NOT NULL,
    importance TEXT NOT NULL,
    importance_rank BIGINT NOT NULL,
    approval TEXT NOT NULL,
    approvers TEXT NOT NULL,
    creator_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX deployments_workload ON deployments (workload_id);
CREATE INDEX deployments_created ON deployments (org_id, created_at, id);

CREATE TABLE change_requests (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    deployment_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    change TEXT NOT NULL,
    requester_id TEXT NOT NULL,
    reviewer_id TEXT,
    comment TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX change_requests_deployment ON change_requests (deployment_id, created_at, id);
