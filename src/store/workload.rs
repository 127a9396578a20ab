//! Workloads as they are stored: read, listed and written.

use std::{collections::HashMap, sync::Arc};

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json, key, moment, search_text},
    list::Conditions,
    sql::{Link, composed, sql},
    workload_filter::{WorkloadFilter, WorkloadKey},
};
use crate::model::{
    ArtifactId, EntityKind, Grant, OrgId, Page, Timestamp, Wanted, Workload, WorkloadId,
};

macro_rules! columns {
    () => {
        "w.id, w.org_id, w.name, w.description, w.importance, w.wanted, w.artifact_id, w.runtime, \
         w.active_proton, w.expires_at, w.ended_at, w.creator_id, w.created_at, w.updated_at, \
         w.revision"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    name: String,
    description: String,
    importance: String,
    wanted: String,
    artifact_id: String,
    runtime: String,
    active_proton: Option<String>,
    expires_at: Option<i64>,
    ended_at: Option<i64>,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
    revision: i64,
}

impl TryFrom<Row> for Workload {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "workloads", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            importance: from.text("importance", &row.importance)?,
            wanted: from.text("wanted", &row.wanted)?,
            artifact_id: from.text("artifact_id", &row.artifact_id)?,
            runtime: from.json("runtime", &row.runtime)?,
            active_proton: from.maybe("active_proton", row.active_proton.as_deref())?,
            expires_at: moment(row.expires_at),
            ended_at: moment(row.ended_at),
            creator_id: from.text("creator_id", &row.creator_id)?,
            name: row.name,
            description: row.description,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            revision: row.revision,
        })
    }
}

async fn find(
    link: Link<'_>,
    org: &OrgId,
    id: &WorkloadId,
) -> Result<Option<Workload>, StoreError> {
    let row: Option<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM workloads w WHERE w.org_id = $1 AND w.id = $2 AND w.wanted <> 'deleted'"
    ))
    .bind(org)
    .bind(id)
    .one(link)
    .await?;
    row.map(Workload::try_from).transpose()
}

async fn find_any(link: Link<'_>, id: &WorkloadId) -> Result<Option<Workload>, StoreError> {
    let row: Option<Row> = sql(concat!("SELECT ", columns!(), " FROM workloads w WHERE w.id = $1"))
        .bind(id)
        .one(link)
        .await?;
    row.map(Workload::try_from).transpose()
}

async fn using(
    link: Link<'_>,
    org: &OrgId,
    artifact: &ArtifactId,
) -> Result<Vec<WorkloadId>, StoreError> {
    let rows = sql("SELECT id FROM workloads WHERE org_id = $1 \
         AND wanted <> 'deleted' AND wanted <> 'terminated' \
         AND (artifact_id = $2 OR id IN (SELECT workload_id FROM replacements WHERE stage <> 'done' \
            AND (candidate_artifact = $2 OR previous_artifact = $2))) \
         ORDER BY id")
    .bind(org)
    .bind(artifact)
    .all(link)
    .await?;
    ids(&rows)
}

/// A workload as the gateway must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    pub workload: WorkloadId,
    pub org: OrgId,
    pub grants: Vec<Grant>,
    pub wanted: Wanted,
}

fn ids(rows: &[(String,)]) -> Result<Vec<WorkloadId>, StoreError> {
    rows.iter().map(|(id,)| Origin { table: "workloads", id }.text("id", id)).collect()
}

fn searched(workload: &Workload) -> String {
    search_text(&[&workload.name, &workload.description, workload.id.as_str()])
}

impl Store {
    /// One that is not deleted.
    pub async fn workload(
        &self,
        org: &OrgId,
        id: &WorkloadId,
    ) -> Result<Option<Workload>, StoreError> {
        find(self.link(), org, id).await
    }

    /// Of any organisation, and also when it is deleted but not yet purged.
    pub async fn workload_any(&self, id: &WorkloadId) -> Result<Option<Workload>, StoreError> {
        find_any(self.link(), id).await
    }

    pub async fn workloads(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
        paging: Paging,
    ) -> Result<Page<Workload>, StoreError> {
        let wanted = filter.conditions(org);
        let order = filter.order.by();
        let (tables, (conditions, mut args)) = (filter.tables(), wanted.into_parts());
        let count = format!("SELECT COUNT(*) FROM {tables} WHERE {conditions}");
        let total = self.counts::<(i64,)>(org, count, args.clone()).await?;
        let total = total.first().map_or(0, |(total,)| u64::try_from(*total).unwrap_or(0));
        let (limit, offset) = (args.len() + 1, args.len() + 2);
        let page = format!(
            "SELECT w.id FROM {tables} WHERE {conditions} ORDER BY {order} \
             LIMIT ${limit} OFFSET ${offset}"
        );
        args.extend([paging.limit.into(), paging.offset.into()]);
        // Traffic moves no number.
        let ids = if filter.order.key == WorkloadKey::LastResponse {
            Arc::new(composed(page, args).all(self.link()).await?)
        } else {
            self.counts::<(String,)>(org, page, args).await?
        };
        Ok(Page { items: self.workloads_of(&ids).await?, total })
    }

    /// In the order of their ids.
    async fn workloads_of(&self, ids: &[(String,)]) -> Result<Vec<Workload>, StoreError> {
        let (wanted, args) = Conditions::among("w.id", ids.iter().map(|(id,)| id)).into_parts();
        let text = format!("SELECT {} FROM workloads w WHERE {wanted}", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        let mut rows: HashMap<String, Row> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        ids.iter().filter_map(|(id,)| rows.remove(id)).map(Workload::try_from).collect()
    }

    /// Those the controller has to look after, of all organisations: wanted running, or with something of
    /// theirs still there, or with a moment to wait for.
    pub async fn managed_workloads(&self) -> Result<Vec<WorkloadId>, StoreError> {
        let rows = sql("SELECT id FROM workloads w WHERE wanted = 'running' \
             OR expires_at IS NOT NULL OR (ended_at IS NOT NULL AND wanted <> 'deleted') \
             OR EXISTS (SELECT 1 FROM protons p WHERE p.workload_id = w.id \
                AND p.status <> 'stopped' AND p.status <> 'terminated') \
             OR EXISTS (SELECT 1 FROM replacements r WHERE r.workload_id = w.id AND r.stage <> 'done') \
             ORDER BY id")
        .all(self.link())
        .await?;
        ids(&rows)
    }

    /// Every workload that is not deleted, of all organisations, with who may use it and what is wanted of it:
    /// what the gateway must know before the first request.
    pub async fn doors(&self) -> Result<Vec<Door>, StoreError> {
        let mut grants = self.all_grants(EntityKind::Workload).await?;
        let rows: Vec<(String, String, String)> =
            sql("SELECT id, org_id, wanted FROM workloads WHERE wanted <> 'deleted'")
                .all(self.link())
                .await?;
        rows.iter()
            .map(|(id, org, wanted)| {
                let row = Origin { table: "workloads", id };
                Ok(Door {
                    workload: row.text("id", id)?,
                    org: row.text("org_id", org)?,
                    grants: grants.remove(id).unwrap_or_default(),
                    wanted: row.text("wanted", wanted)?,
                })
            })
            .collect()
    }

    /// Those that run the artifact, are about to or may go back to it, and are neither deleted nor terminated.
    pub async fn workloads_using(
        &self,
        org: &OrgId,
        artifact: &ArtifactId,
    ) -> Result<Vec<WorkloadId>, StoreError> {
        using(self.link(), org, artifact).await
    }
}

impl Write<'_> {
    /// One that is not deleted.
    pub async fn workload(
        &mut self,
        org: &OrgId,
        id: &WorkloadId,
    ) -> Result<Option<Workload>, StoreError> {
        find(self.link(), org, id).await
    }

    /// How many of an organisation's workloads are to run.
    pub async fn running_workloads(&mut self, org: &OrgId) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM workloads WHERE org_id = $1 AND wanted = 'running'")
            .bind(org)
            .number(self.link())
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    pub async fn workload_any(&mut self, id: &WorkloadId) -> Result<Option<Workload>, StoreError> {
        find_any(self.link(), id).await
    }

    /// The one that has this name, whatever the case; deleted and terminated ones have given theirs up.
    pub async fn workload_by_name(
        &mut self,
        org: &OrgId,
        name: &str,
    ) -> Result<Option<Workload>, StoreError> {
        let row: Option<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM workloads w WHERE w.org_id = $1 AND w.name_key = $2 \
             AND w.wanted <> 'deleted' AND w.wanted <> 'terminated'"
        ))
        .bind(org)
        .bind(key(name))
        .one(self.link())
        .await?;
        row.map(Workload::try_from).transpose()
    }

    pub async fn workloads_using(
        &mut self,
        org: &OrgId,
        artifact: &ArtifactId,
    ) -> Result<Vec<WorkloadId>, StoreError> {
        using(self.link(), org, artifact).await
    }

    pub async fn insert_workload(&mut self, workload: &Workload) -> Result<(), StoreError> {
        sql("INSERT INTO workloads (id, org_id, name, description, importance, wanted, \
             artifact_id, runtime, active_proton, expires_at, ended_at, creator_id, created_at, \
             updated_at, revision, name_key, search_text, importance_rank) VALUES ($1, $2, $3, $4, \
             $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)")
        .bind(&workload.id)
        .bind(&workload.org_id)
        .bind(&workload.name)
        .bind(&workload.description)
        .bind(workload.importance.word())
        .bind(workload.wanted.word())
        .bind(&workload.artifact_id)
        .bind(json(&workload.runtime)?)
        .bind(&workload.active_proton)
        .bind(workload.expires_at)
        .bind(workload.ended_at)
        .bind(&workload.creator_id)
        .bind(workload.created_at)
        .bind(workload.updated_at)
        .bind(workload.revision)
        .bind(key(&workload.name))
        .bind(searched(workload))
        .bind(workload.importance.rank())
        .run(self.link())
        .await
        .map_err(StoreError::naming("workload name"))?;
        self.recounts(&workload.org_id);
        Ok(())
    }

    /// Everything but the id, the organisation and the creation; the revision moves on.
    pub async fn update_workload(&mut self, workload: &mut Workload) -> Result<(), StoreError> {
        let touched = sql("UPDATE workloads SET name = $3, description = $4, importance = $5, \
             wanted = $6, artifact_id = $7, runtime = $8, active_proton = $9, expires_at = $10, \
             ended_at = $11, updated_at = $12, name_key = $13, search_text = $14, \
             importance_rank = $15, revision = revision + 1 WHERE id = $1 AND revision = $2")
        .bind(&workload.id)
        .bind(workload.revision)
        .bind(&workload.name)
        .bind(&workload.description)
        .bind(workload.importance.word())
        .bind(workload.wanted.word())
        .bind(&workload.artifact_id)
        .bind(json(&workload.runtime)?)
        .bind(&workload.active_proton)
        .bind(workload.expires_at)
        .bind(workload.ended_at)
        .bind(workload.updated_at)
        .bind(key(&workload.name))
        .bind(searched(workload))
        .bind(workload.importance.rank())
        .run(self.link())
        .await
        .map_err(StoreError::naming("workload name"))?;
        if touched != 1 {
            return Err(StoreError::Conflict { what: "workload" });
        }
        workload.revision += 1;
        self.recounts(&workload.org_id);
        Ok(())
    }

    /// Removes the record, its protons and its counters. Its history and its events stay for ever.
    pub async fn purge_workload(&mut self, id: &WorkloadId) -> Result<(), StoreError> {
        sql("DELETE FROM minutes WHERE workload_id = $1").bind(id).run(self.link()).await?;
        sql("DELETE FROM days WHERE workload_id = $1").bind(id).run(self.link()).await?;
        sql("DELETE FROM usage_minutes WHERE workload_id = $1").bind(id).run(self.link()).await?;
        self.delete_workload_token(id).await?;
        sql("DELETE FROM protons WHERE workload_id = $1").bind(id).run(self.link()).await?;
        self.forget_tags(EntityKind::Workload, id.as_str()).await?;
        sql("DELETE FROM workloads WHERE id = $1").bind(id).run(self.link()).await?;
        self.forget_grants(EntityKind::Workload, id.as_str()).await
    }
}
