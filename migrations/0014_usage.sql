-- What the replicas of a proton used, minute by minute: sums over the looks that were taken in the minute, so
-- that minutes can be added up to any longer time. Cores are counted in thousandths.
CREATE TABLE usage_minutes (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    workload_id TEXT NOT NULL REFERENCES workloads (id),
    proton_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    looks BIGINT NOT NULL,
    ready BIGINT NOT NULL,
    wanted BIGINT NOT NULL,
    restarts BIGINT NOT NULL,
    -- Looks at which the use of every replica was known.
    cpu_looks BIGINT NOT NULL,
    cpu_used BIGINT NOT NULL,
    cpu_asked BIGINT NOT NULL,
    memory_looks BIGINT NOT NULL,
    memory_used BIGINT NOT NULL,
    memory_asked BIGINT NOT NULL,
    PRIMARY KEY (proton_id, at)
);
CREATE INDEX usage_minutes_workload ON usage_minutes (workload_id, at);
CREATE INDEX usage_minutes_at ON usage_minutes (at);
