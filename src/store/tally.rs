//! Workloads added up: how many are how, who made them and how they are tagged. Counted in the database, so
//! that what comes back is as short for ten thousand workloads as for ten, and kept ([`super::counted`]), so that it
//! comes back as soon.

use std::collections::HashSet;

use super::{
    Store, StoreError, WorkloadFilter,
    cell::Origin,
    sql::composed,
    workload_filter::{STATUS, TABLES},
};
use crate::model::{ArtifactStatus, Importance, OrgId, UserId, WorkloadId, WorkloadStatus};

/// As many ids as one statement asks about: both databases limit its arguments.
const AT_ONCE: usize = 500;

/// How many workloads share all of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub status: WorkloadStatus,
    pub importance: Importance,
    /// Of what it runs; none when that is gone.
    pub artifact: Option<ArtifactStatus>,
    pub count: u64,
}

impl Store {
    /// What matches, by status, importance and the status of the artifact.
    pub async fn workload_tally(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
    ) -> Result<Vec<Tally>, StoreError> {
        let (wanted, args) = filter.conditions(org).into_parts();
        let text = format!(
            "SELECT {STATUS}, w.importance, a.status, COUNT(*) FROM {TABLES} WHERE {wanted} \
             GROUP BY 1, 2, 3"
        );
        self.counts::<(String, String, Option<String>, i64)>(org, text, args)
            .await?
            .iter()
            .map(|(status, importance, artifact, count)| {
                let row = Origin { table: "workloads", id: status };
                Ok(Tally {
                    status: row.text("status", status)?,
                    importance: row.text("importance", importance)?,
                    artifact: row.maybe("artifact_id", artifact.as_deref())?,
                    count: row.count("count", *count)?,
                })
            })
            .collect()
    }

    /// The ids of all that match, in no order.
    pub async fn workload_ids(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
    ) -> Result<Vec<WorkloadId>, StoreError> {
        let (wanted, args) = filter.conditions(org).into_parts();
        let text = format!("SELECT w.id FROM {} WHERE {wanted}", filter.tables());
        let rows: Vec<(String,)> = composed(text, args).all(self.link()).await?;
        rows.iter().map(|(id,)| Origin { table: "workloads", id }.text("id", id)).collect()
    }

    /// Which of these workloads match.
    pub async fn matching_among(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
        ids: &[WorkloadId],
    ) -> Result<HashSet<WorkloadId>, StoreError> {
        let mut found = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut wanted = filter.conditions(org);
            wanted.any("w.id", ids);
            let (wanted, args) = wanted.into_parts();
            let text = format!("SELECT w.id FROM {} WHERE {wanted}", filter.tables());
            let rows: Vec<(String,)> = composed(text, args).all(self.link()).await?;
            for (id,) in &rows {
                found.insert(Origin { table: "workloads", id }.text("id", id)?);
            }
        }
        Ok(found)
    }

    /// How many there are in each status, of all organisations.
    pub async fn workload_counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let text = format!(
            "SELECT {STATUS} AS status, COUNT(*) FROM workloads w \
             LEFT JOIN protons p ON p.id = w.active_proton \
             WHERE w.wanted <> 'deleted' GROUP BY 1 ORDER BY 1"
        );
        let rows: Vec<(String, i64)> = composed(text, Vec::new()).all(self.link()).await?;
        Ok(rows.into_iter().map(|(status, n)| (status, u64::try_from(n).unwrap_or(0))).collect())
    }

    /// Who made what matches, and how much of it each.
    pub async fn workload_creators(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
    ) -> Result<Vec<(UserId, u64)>, StoreError> {
        let (wanted, args) = filter.conditions(org).into_parts();
        let text = format!(
            "SELECT w.creator_id, COUNT(*) FROM {} WHERE {wanted} GROUP BY 1 ORDER BY 2 DESC, 1",
            filter.tables()
        );
        self.counts::<(String, i64)>(org, text, args)
            .await?
            .iter()
            .map(|(id, count)| {
                let row = Origin { table: "workloads", id };
                Ok((row.text("creator_id", id)?, row.count("count", *count)?))
            })
            .collect()
    }

    /// Name, value and number of the tags on what matches, the most used first.
    pub async fn workload_tags(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
        most: u64,
    ) -> Result<Vec<(String, String, u64)>, StoreError> {
        let (wanted, args) = filter.conditions(org).into_parts();
        let text = format!(
            "SELECT t.name, t.value, COUNT(*) FROM {} JOIN tags t \
             ON t.entity_kind = 'workload' AND t.entity_id = w.id WHERE {wanted} \
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {most}",
            filter.tables()
        );
        let rows = self.counts::<(String, String, i64)>(org, text, args).await?;
        let rows = rows.iter();
        Ok(rows
            .map(|(name, value, n)| (name.clone(), value.clone(), (*n).max(0).unsigned_abs()))
            .collect())
    }
}
