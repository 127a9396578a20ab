-- How often something has changed that lists count or are narrowed by: counts that are kept are true as long as it
-- stands (store/counted.rs).
ALTER TABLE heads ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;

-- Lists that are narrowed by a tag begin with those that have it.
CREATE INDEX tags_of_kind ON tags (org_id, entity_kind, name, value, entity_id);
DROP INDEX tags_name;
CREATE INDEX workloads_importance ON workloads (org_id, importance_rank, id);
CREATE INDEX workloads_updated ON workloads (org_id, updated_at, id);
CREATE INDEX workloads_last_response ON workloads (org_id, COALESCE(last_response_at, 0), id);
