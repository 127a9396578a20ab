//! What replicas used, minute by minute. The recorder adds to the present minute what it has seen since the
//! last time.
//!
//! Protons that run side by side are added up within a minute, where the one that was looked at most often
//! says how many looks there were; minutes are then added up to longer times. Days in UTC are the coarsest
//! that is needed, so there is no table of sums as [`super::minute`] has: a month has 43,200 minutes at most.
//!
//! Known limitation: every minute of every proton that runs is one row for as long as it is kept.

use super::{
    Cutoffs, Store, StoreError, Write,
    cell::Origin,
    minute::Whose,
    sql::{composed, sql},
};
use crate::model::{Millis, ProtonId, Timestamp, Usage, WorkloadId};

#[derive(sqlx::FromRow)]
struct Row {
    at: i64,
    looks: i64,
    ready: i64,
    wanted: i64,
    restarts: i64,
    cpu_looks: i64,
    cpu_used: i64,
    cpu_asked: i64,
    memory_looks: i64,
    memory_used: i64,
    memory_asked: i64,
}

impl Row {
    fn usage(&self) -> Result<Usage, StoreError> {
        let from = Origin { table: "usage_minutes", id: "" };
        Ok(Usage {
            at: Timestamp::from_micros(self.at),
            looks: from.count("looks", self.looks)?,
            ready: from.count("ready", self.ready)?,
            wanted: from.count("wanted", self.wanted)?,
            restarts: from.count("restarts", self.restarts)?,
            cpu_looks: from.count("cpu_looks", self.cpu_looks)?,
            cpu_used: from.count("cpu_used", self.cpu_used)?,
            cpu_asked: from.count("cpu_asked", self.cpu_asked)?,
            memory_looks: from.count("memory_looks", self.memory_looks)?,
            memory_used: from.count("memory_used", self.memory_used)?,
            memory_asked: from.count("memory_asked", self.memory_asked)?,
        })
    }
}

/// The sums of several columns, as whole numbers: PostgreSQL adds those up to another type.
fn sums(columns: &[&str]) -> String {
    let each = columns.iter().map(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}"));
    each.collect::<Vec<_>>().join(", ")
}

const SUMMED: [&str; 7] =
    ["ready", "wanted", "restarts", "cpu_used", "cpu_asked", "memory_used", "memory_asked"];
const LOOKS: [&str; 3] = ["looks", "cpu_looks", "memory_looks"];

impl Store {
    /// What was used from one moment to before another, oldest first, minutes added up to steps of this length
    /// that are counted from the epoch.
    pub async fn used(
        &self,
        whose: Whose<'_>,
        from: Timestamp,
        to: Timestamp,
        step: Millis,
    ) -> Result<Vec<Usage>, StoreError> {
        let mut wanted = whose.conditions();
        wanted.when("at >=", Some(from));
        wanted.when("at <", Some(to));
        let step = wanted.place(step.0.saturating_mul(1000).max(1).into());
        let (wanted, args) = wanted.into_parts();
        let most = LOOKS.map(|name| format!("MAX({name}) AS {name}")).join(", ");
        let text = format!(
            "SELECT MIN(m.at) AS at, {}, {} FROM \
             (SELECT at, {most}, {} FROM usage_minutes WHERE {wanted} GROUP BY at) m \
             GROUP BY m.at / {step} ORDER BY 1",
            sums(&LOOKS),
            sums(&SUMMED),
            sums(&SUMMED),
        );
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.iter().map(Row::usage).collect()
    }
}

impl Write<'_> {
    /// Adds to a minute. What is told of a workload that has been purged is dropped.
    pub async fn add_usage(
        &mut self,
        workload: &WorkloadId,
        proton: &ProtonId,
        usage: &Usage,
    ) -> Result<(), StoreError> {
        sql(
            "INSERT INTO usage_minutes (org_id, workload_id, proton_id, at, looks, ready, wanted, \
             restarts, cpu_looks, cpu_used, cpu_asked, memory_looks, memory_used, memory_asked) \
             SELECT w.org_id, w.id, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), \
             CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), \
             CAST($9 AS BIGINT), CAST($10 AS BIGINT), CAST($11 AS BIGINT), CAST($12 AS BIGINT), \
             CAST($13 AS BIGINT) FROM workloads w WHERE w.id = $1 \
             ON CONFLICT (proton_id, at) DO UPDATE SET \
             looks = usage_minutes.looks + excluded.looks, \
             ready = usage_minutes.ready + excluded.ready, \
             wanted = usage_minutes.wanted + excluded.wanted, \
             restarts = usage_minutes.restarts + excluded.restarts, \
             cpu_looks = usage_minutes.cpu_looks + excluded.cpu_looks, \
             cpu_used = usage_minutes.cpu_used + excluded.cpu_used, \
             cpu_asked = usage_minutes.cpu_asked + excluded.cpu_asked, \
             memory_looks = usage_minutes.memory_looks + excluded.memory_looks, \
             memory_used = usage_minutes.memory_used + excluded.memory_used, \
             memory_asked = usage_minutes.memory_asked + excluded.memory_asked",
        )
        .bind(workload)
        .bind(proton)
        .bind(usage.at)
        .bind(usage.looks)
        .bind(usage.ready)
        .bind(usage.wanted)
        .bind(usage.restarts)
        .bind(usage.cpu_looks)
        .bind(usage.cpu_used)
        .bind(usage.cpu_asked)
        .bind(usage.memory_looks)
        .bind(usage.memory_used)
        .bind(usage.memory_asked)
        .run(self.link())
        .await?;
        Ok(())
    }

    /// Forgets what is older than it is kept.
    pub async fn forget_usage(&mut self, before: Cutoffs) -> Result<(), StoreError> {
        sql("DELETE FROM usage_minutes WHERE at < $1 OR (at < $2 AND workload_id IN \
                (SELECT w.id FROM workloads w JOIN artifacts a ON a.id = w.artifact_id \
                 WHERE a.status = 'draft'))")
        .bind(before.locked)
        .bind(before.draft)
        .run(self.link())
        .await?;
        Ok(())
    }
}
