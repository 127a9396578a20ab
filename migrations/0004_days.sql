-- `minutes` added up by day (UTC), so that long spans are read in few rows. A day always holds the sum of
-- its minutes: whatever changes the one changes the other in the same transaction.
CREATE TABLE days (
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
CREATE INDEX days_workload ON days (workload_id, at);

-- Retention looks for what is old.
CREATE INDEX events_at ON events (at);
