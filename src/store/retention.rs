//! What is old enough to be forgotten. The rule, how long what is kept, is the caller's (rules.md L11); a
//! draft and a locked version differ by their artifact's present status.

use super::{
    Store, StoreError, Write,
    cell::Origin,
    list::Conditions,
    sql::{composed, sql},
};
use crate::model::{ArtifactStatus, ProtonId, ProtonStatus, Timestamp, WorkloadId};

/// Nothing from before these moments is kept.
#[derive(Debug, Clone, Copy)]
pub struct Cutoffs {
    pub draft: Timestamp,
    pub locked: Timestamp,
}

/// A proton, and which retention its workload has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: ProtonId,
    pub status: ProtonStatus,
    pub updated_at: Timestamp,
    pub artifact: ArtifactStatus,
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

    /// Those of these protons that there are.
    pub async fn kept_protons(&self, ids: &[ProtonId]) -> Result<Vec<Kept>, StoreError> {
        let (wanted, args) = Conditions::among("p.id", ids).into_parts();
        let text = format!(
            "SELECT p.id, p.status, p.updated_at, a.status FROM protons p \
             JOIN workloads w ON w.id = p.workload_id \
             LEFT JOIN artifacts a ON a.id = w.artifact_id WHERE {wanted}"
        );
        let rows: Vec<(String, String, i64, Option<String>)> =
            composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|(id, status, updated_at, artifact)| {
                let from = Origin { table: "protons", id };
                Ok(Kept {
                    id: from.text("id", id)?,
                    status: from.text("status", status)?,
                    updated_at: Timestamp::from_micros(*updated_at),
                    artifact: class(from, artifact.as_deref())?,
                })
            })
            .collect()
    }
}

/// What has lost its artifact can't be locked.
fn class(from: Origin<'_>, artifact: Option<&str>) -> Result<ArtifactStatus, StoreError> {
    Ok(from.maybe("artifact_id", artifact)?.unwrap_or(ArtifactStatus::Draft))
}

impl Write<'_> {
    /// Forgets events; says how many. Those of what is gone are kept as long as those of a locked version.
    pub async fn forget_events(&mut self, before: Cutoffs) -> Result<u64, StoreError> {
        Ok(sql("DELETE FROM events WHERE at < $1 OR (at < $2 AND (workload_id IN \
                (SELECT w.id FROM workloads w JOIN artifacts a ON a.id = w.artifact_id \
                 WHERE a.status = 'draft') \
             OR (workload_id IS NULL AND artifact_id IN \
                (SELECT id FROM artifacts WHERE status = 'draft'))))")
        .bind(before.locked)
        .bind(before.draft)
        .run(self.link())
        .await?)
    }
}
