//! Replacements: what is asked for in queries has columns, the rest is JSON. They outlive their workload.

use std::collections::HashMap;

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json, moment},
    list::{Conditions, Source, ordered, page},
    sql::{Link, composed, sql},
};
use crate::model::{Millis, Page, Replacement, ReplacementId, Timestamp, WorkloadId};

macro_rules! columns {
    () => {
        "id, org_id, workload_id, kind, name, candidate_artifact, previous_artifact, candidate, \
         previous, config, start_budget, runtime, previous_runtime, progress, note, receipt, flight, \
         user_id, created_at, updated_at, ready_at, switched_at, retired_at, ended_at, revision"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    workload_id: String,
    kind: String,
    name: String,
    candidate_artifact: String,
    previous_artifact: Option<String>,
    candidate: Option<String>,
    previous: Option<String>,
    config: String,
    start_budget: i64,
    runtime: String,
    previous_runtime: String,
    progress: String,
    note: Option<String>,
    receipt: String,
    flight: String,
    user_id: String,
    created_at: i64,
    updated_at: i64,
    ready_at: Option<i64>,
    switched_at: Option<i64>,
    retired_at: Option<i64>,
    ended_at: Option<i64>,
    revision: i64,
}

impl TryFrom<Row> for Replacement {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "replacements", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            workload_id: from.text("workload_id", &row.workload_id)?,
            kind: from.text("kind", &row.kind)?,
            candidate_artifact: from.text("candidate_artifact", &row.candidate_artifact)?,
            previous_artifact: from.maybe("previous_artifact", row.previous_artifact.as_deref())?,
            candidate: from.maybe("candidate", row.candidate.as_deref())?,
            previous: from.maybe("previous", row.previous.as_deref())?,
            config: from.json("config", &row.config)?,
            start_budget: Millis(from.count("start_budget", row.start_budget)?),
            runtime: from.json("runtime", &row.runtime)?,
            previous_runtime: from.json("previous_runtime", &row.previous_runtime)?,
            progress: from.json("progress", &row.progress)?,
            receipt: from.json("receipt", &row.receipt)?,
            flight: from.json("flight", &row.flight)?,
            user_id: from.text("user_id", &row.user_id)?,
            name: row.name,
            note: row.note,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            ready_at: moment(row.ready_at),
            switched_at: moment(row.switched_at),
            retired_at: moment(row.retired_at),
            ended_at: moment(row.ended_at),
            revision: row.revision,
        })
    }
}

async fn find(link: Link<'_>, id: &ReplacementId) -> Result<Option<Replacement>, StoreError> {
    let row: Option<Row> = sql(concat!("SELECT ", columns!(), " FROM replacements WHERE id = $1"))
        .bind(id)
        .one(link)
        .await?;
    row.map(Replacement::try_from).transpose()
}

async fn running(link: Link<'_>, workload: &WorkloadId) -> Result<Option<Replacement>, StoreError> {
    let row: Option<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM replacements WHERE workload_id = $1 AND stage <> 'done'"
    ))
    .bind(workload)
    .one(link)
    .await?;
    row.map(Replacement::try_from).transpose()
}

async fn latest(link: Link<'_>, workload: &WorkloadId) -> Result<Option<Replacement>, StoreError> {
    let row: Option<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM replacements WHERE workload_id = $1 AND kind <> 'promote' \
         ORDER BY created_at DESC, id DESC LIMIT 1"
    ))
    .bind(workload)
    .one(link)
    .await?;
    row.map(Replacement::try_from).transpose()
}

impl Store {
    /// How many go on (`running`) and how many ended, by the words of [`Outcome`], of all organisations. The
    /// outcome is not stored beside the progress, whose text says it: a message can't hold these quotes.
    ///
    /// [`Outcome`]: crate::model::Outcome
    pub async fn replacement_counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sql("SELECT CASE \
             WHEN stage <> 'done' THEN 'running' \
             WHEN progress LIKE '%\"course\":{\"to\":\"forward\"%' THEN 'completed' \
             WHEN progress LIKE '%\"course\":{\"to\":\"withdraw\",\"why\":{\"cause\":\"asked\"%' THEN 'cancelled' \
             WHEN progress LIKE '%\"course\":{\"to\":\"back\",\"why\":{\"cause\":\"asked\"%' THEN 'rolled_back' \
             ELSE 'failed' END AS outcome, COUNT(*) FROM replacements GROUP BY 1 ORDER BY 1")
        .all(self.link())
        .await?;
        Ok(rows.into_iter().map(|(outcome, n)| (outcome, u64::try_from(n).unwrap_or(0))).collect())
    }

    pub async fn replacement(&self, id: &ReplacementId) -> Result<Option<Replacement>, StoreError> {
        find(self.link(), id).await
    }

    /// The one that is not over.
    pub async fn running_replacement(
        &self,
        workload: &WorkloadId,
    ) -> Result<Option<Replacement>, StoreError> {
        running(self.link(), workload).await
    }

    /// The newest that moved, or moves, traffic; a promotion does not.
    pub async fn latest_replacement(
        &self,
        workload: &WorkloadId,
    ) -> Result<Option<Replacement>, StoreError> {
        latest(self.link(), workload).await
    }

    /// [`Store::latest_replacement`] of each of a page's workloads, at once.
    pub async fn latest_replacements(
        &self,
        workloads: &[WorkloadId],
    ) -> Result<HashMap<WorkloadId, Replacement>, StoreError> {
        let (wanted, args) = Conditions::among("workload_id", workloads).into_parts();
        let text = format!(
            "SELECT {} FROM replacements r WHERE {wanted} AND id = \
             (SELECT n.id FROM replacements n WHERE n.workload_id = r.workload_id \
              AND n.kind <> 'promote' ORDER BY n.created_at DESC, n.id DESC LIMIT 1)",
            columns!()
        );
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.into_iter()
            .map(|row| Replacement::try_from(row).map(|r| (r.workload_id.clone(), r)))
            .collect()
    }

    /// When each of a page's workloads was last promoted, at once.
    pub async fn last_promotions(
        &self,
        workloads: &[WorkloadId],
    ) -> Result<HashMap<WorkloadId, Timestamp>, StoreError> {
        let mut wanted = Conditions::among("workload_id", workloads);
        wanted.always("kind = 'promote'");
        let (wanted, args) = wanted.into_parts();
        let text = format!(
            "SELECT workload_id, MAX(created_at) FROM replacements WHERE {wanted} GROUP BY workload_id"
        );
        let rows: Vec<(String, i64)> = composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|(id, at)| {
                let from = Origin { table: "replacements", id };
                Ok((from.text("workload_id", id)?, Timestamp::from_micros(*at)))
            })
            .collect()
    }

    /// The history: all kinds, newest first.
    pub async fn replacements_of(
        &self,
        workload: &WorkloadId,
        paging: Paging,
    ) -> Result<Page<Replacement>, StoreError> {
        let wanted = Conditions::belonging("workload_id", workload);
        let order = ordered("created_at", "id", true);
        let source = Source { columns: columns!(), tables: "replacements", order };
        page::<Row, Replacement>(self, source, wanted, paging).await
    }
}

impl Write<'_> {
    pub async fn replacement(
        &mut self,
        id: &ReplacementId,
    ) -> Result<Option<Replacement>, StoreError> {
        find(self.link(), id).await
    }

    /// The one that is not over.
    pub async fn running_replacement(
        &mut self,
        workload: &WorkloadId,
    ) -> Result<Option<Replacement>, StoreError> {
        running(self.link(), workload).await
    }

    pub async fn latest_replacement(
        &mut self,
        workload: &WorkloadId,
    ) -> Result<Option<Replacement>, StoreError> {
        latest(self.link(), workload).await
    }

    /// Fails as a duplicate while another one of the workload is not over.
    pub async fn insert_replacement(
        &mut self,
        replacement: &Replacement,
    ) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO replacements (",
            columns!(),
            ", stage) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
             $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)"
        ))
        .bind(&replacement.id)
        .bind(&replacement.org_id)
        .bind(&replacement.workload_id)
        .bind(replacement.kind.word())
        .bind(&replacement.name)
        .bind(&replacement.candidate_artifact)
        .bind(&replacement.previous_artifact)
        .bind(&replacement.candidate)
        .bind(&replacement.previous)
        .bind(json(&replacement.config)?)
        .bind(replacement.start_budget.0)
        .bind(json(&replacement.runtime)?)
        .bind(json(&replacement.previous_runtime)?)
        .bind(json(&replacement.progress)?)
        .bind(&replacement.note)
        .bind(json(&replacement.receipt)?)
        .bind(json(&replacement.flight)?)
        .bind(&replacement.user_id)
        .bind(replacement.created_at)
        .bind(replacement.updated_at)
        .bind(replacement.ready_at)
        .bind(replacement.switched_at)
        .bind(replacement.retired_at)
        .bind(replacement.ended_at)
        .bind(replacement.revision)
        .bind(replacement.progress.stage.word())
        .run(self.link())
        .await
        .map_err(StoreError::naming("running replacement"))?;
        Ok(())
    }

    /// What may change while it goes on; who asked for what never does. The revision moves on.
    pub async fn update_replacement(
        &mut self,
        replacement: &mut Replacement,
    ) -> Result<(), StoreError> {
        let touched = sql("UPDATE replacements SET name = $3, candidate = $4, previous = $5, \
             config = $6, start_budget = $7, runtime = $8, previous_runtime = $9, progress = $10, \
             note = $11, receipt = $12, flight = $13, updated_at = $14, ready_at = $15, \
             switched_at = $16, retired_at = $17, ended_at = $18, stage = $19, revision = revision + 1 \
             WHERE id = $1 AND revision = $2")
        .bind(&replacement.id)
        .bind(replacement.revision)
        .bind(&replacement.name)
        .bind(&replacement.candidate)
        .bind(&replacement.previous)
        .bind(json(&replacement.config)?)
        .bind(replacement.start_budget.0)
        .bind(json(&replacement.runtime)?)
        .bind(json(&replacement.previous_runtime)?)
        .bind(json(&replacement.progress)?)
        .bind(&replacement.note)
        .bind(json(&replacement.receipt)?)
        .bind(json(&replacement.flight)?)
        .bind(replacement.updated_at)
        .bind(replacement.ready_at)
        .bind(replacement.switched_at)
        .bind(replacement.retired_at)
        .bind(replacement.ended_at)
        .bind(replacement.progress.stage.word())
        .run(self.link())
        .await
        .map_err(StoreError::naming("running replacement"))?;
        if touched != 1 {
            return Err(StoreError::Conflict { what: "replacement" });
        }
        replacement.revision += 1;
        Ok(())
    }
}
