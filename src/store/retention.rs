//! What is old enough to be forgotten. The rule, how long what is kept, is the caller's (rules.md L11); a
//! draft and a locked version differ by their artifact's present status.

use super::{Store, StoreError, cell::Origin, sql::sql};
use crate::model::{ArtifactStatus, Timestamp, WorkloadId};

/// Nothing from before these moments is kept.
#[derive(Debug, Clone, Copy)]
pub struct Cutoffs {
    pub draft: Timestamp,
    pub locked: Timestamp,
}

impl Store {
    /// Workloads with statistics from before the moment that goes for them.
    pub async fn workloads_with_old_stats(
        &self,
        before: Cutoffs,
    ) -> Result<Vec<(WorkloadId, ArtifactStatus)>, StoreError> {
        let rows: Vec<(String, Option<String>)> = sql(
            "SELECT w.id, a.status FROM workloads w LEFT JOIN artifacts a ON a.id = w.artifact_id \
             WHERE EXISTS (SELECT 1 FROM minutes m WHERE m.workload_id = w.id AND m.at < \
                CASE WHEN a.status = 'locked' THEN CAST($1 AS BIGINT) ELSE CAST($2 AS BIGINT) END) \
             ORDER BY w.id",
        )
        .bind(before.locked)
        .bind(before.draft)
        .all(self.link())
        .await?;
        rows.iter()
            .map(|(id, artifact)| {
                let from = Origin { table: "workloads", id };
                Ok((from.text("id", id)?, class(from, artifact.as_deref())?))
            })
            .collect()
    }
}

/// What has lost its artifact can't be locked.
fn class(from: Origin<'_>, artifact: Option<&str>) -> Result<ArtifactStatus, StoreError> {
    Ok(from.maybe("artifact_id", artifact)?.unwrap_or(ArtifactStatus::Draft))
}
