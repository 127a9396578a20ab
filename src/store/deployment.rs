//! Governed deployments, and the changes that wait for an approval.

use super::{
    Paging, Store, StoreError, Viewer, Write,
    cell::{Origin, json, key, search_text},
    list::{Conditions, Source, ordered, page},
    sql::{Link, sql},
};
use crate::model::{
    ArtifactId, ChangeRequest, ChangeStatus, Deployment, DeploymentId, EntityKind, Grant,
    Importance, OrgId, Page, Timestamp, UserId, WorkloadId,
};

macro_rules! columns {
    () => {
        "id, org_id, workload_id, name, description, importance, approval, approvers, creator_id, \
         created_at, updated_at, revision"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    workload_id: String,
    name: String,
    description: String,
    importance: String,
    approval: String,
    approvers: String,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
    revision: i64,
}

impl TryFrom<Row> for Deployment {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "deployments", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            workload_id: from.text("workload_id", &row.workload_id)?,
            importance: from.text("importance", &row.importance)?,
            approval: from.text("approval", &row.approval)?,
            approvers: from.json("approvers", &row.approvers)?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            name: row.name,
            description: row.description,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            revision: row.revision,
        })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeploymentKey {
    Name,
    #[default]
    CreatedAt,
    UpdatedAt,
    Importance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentOrder {
    pub key: DeploymentKey,
    pub descending: bool,
}

/// Newest first.
impl Default for DeploymentOrder {
    fn default() -> Self {
        Self { key: DeploymentKey::default(), descending: true }
    }
}

/// Which deployments are wanted, and in which order; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct DeploymentFilter {
    pub created_by: Option<UserId>,
    pub ids: Vec<DeploymentId>,
    /// In name, description or id, whatever the case.
    pub search: Option<String>,
    pub importance: Vec<Importance>,
    pub workload_id: Option<WorkloadId>,
    /// Those whose workload is on this artifact.
    pub artifact_id: Option<ArtifactId>,
    /// Through whose eyes; none sees the whole organisation.
    pub viewer: Option<Viewer>,
    pub order: DeploymentOrder,
}

/// A deployment as the gateway must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governed {
    pub deployment: DeploymentId,
    pub workload: WorkloadId,
    pub grants: Vec<Grant>,
}

async fn find(
    link: Link<'_>,
    org: &OrgId,
    id: &DeploymentId,
) -> Result<Option<Deployment>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM deployments WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(Deployment::try_from).transpose()
}

fn searched(deployment: &Deployment) -> String {
    search_text(&[&deployment.name, &deployment.description, deployment.id.as_str()])
}

impl Store {
    pub async fn deployment(
        &self,
        org: &OrgId,
        id: &DeploymentId,
    ) -> Result<Option<Deployment>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn deployments(
        &self,
        org: &OrgId,
        filter: &DeploymentFilter,
        paging: Paging,
    ) -> Result<Page<Deployment>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("creator_id =", filter.created_by.as_ref());
        wanted.when("workload_id =", filter.workload_id.as_ref());
        if let Some(artifact) = &filter.artifact_id {
            let place = wanted.place(artifact.into());
            wanted.push(format!(
                "workload_id IN (SELECT w.id FROM workloads w WHERE w.artifact_id = {place})"
            ));
        }
        wanted.any("id", &filter.ids);
        wanted.any("importance", filter.importance.iter().map(|importance| importance.word()));
        wanted.search("search_text", filter.search.as_deref());
        wanted.granted(EntityKind::Deployment, "deployments.id", filter.viewer.as_ref());
        let by = match filter.order.key {
            DeploymentKey::Name => "name_key",
            DeploymentKey::CreatedAt => "created_at",
            DeploymentKey::UpdatedAt => "updated_at",
            DeploymentKey::Importance => "importance_rank",
        };
        let order = ordered(by, "id", filter.order.descending);
        let source = Source { columns: columns!(), tables: "deployments", order };
        page::<Row, Deployment>(self, source, wanted, paging).await
    }

    /// Every deployment of all organisations: what the gateway must know before the first request.
    pub async fn governed(&self) -> Result<Vec<Governed>, StoreError> {
        let mut grants = self.all_grants(EntityKind::Deployment).await?;
        let rows: Vec<(String, String)> =
            sql("SELECT id, workload_id FROM deployments").all(self.link()).await?;
        rows.iter()
            .map(|(id, workload)| {
                let row = Origin { table: "deployments", id };
                Ok(Governed {
                    deployment: row.text("id", id)?,
                    workload: row.text("workload_id", workload)?,
                    grants: grants.remove(id).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// What a deployment was asked to change, newest first.
    pub async fn change_requests(
        &self,
        deployment: &DeploymentId,
        status: &[ChangeStatus],
        paging: Paging,
    ) -> Result<Page<ChangeRequest>, StoreError> {
        let mut wanted = Conditions::belonging("deployment_id", deployment);
        wanted.any("status", status.iter().map(|status| status.word()));
        let columns = "id, org_id, deployment_id, kind, status, change, requester_id, reviewer_id, \
             comment, created_at, updated_at";
        let order = ordered("created_at", "id", true);
        let source = Source { columns, tables: "change_requests", order };
        page::<ChangeRow, ChangeRequest>(self, source, wanted, paging).await
    }
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    id: String,
    org_id: String,
    deployment_id: String,
    kind: String,
    status: String,
    change: String,
    requester_id: String,
    reviewer_id: Option<String>,
    comment: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ChangeRow> for ChangeRequest {
    type Error = StoreError;
    fn try_from(row: ChangeRow) -> Result<Self, StoreError> {
        let from = Origin { table: "change_requests", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            deployment_id: from.text("deployment_id", &row.deployment_id)?,
            kind: from.text("kind", &row.kind)?,
            status: from.text("status", &row.status)?,
            change: from.json("change", &row.change)?,
            requester_id: from.text("requester_id", &row.requester_id)?,
            reviewer_id: from.maybe("reviewer_id", row.reviewer_id.as_deref())?,
            comment: row.comment,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl Write<'_> {
    pub async fn deployment(
        &mut self,
        org: &OrgId,
        id: &DeploymentId,
    ) -> Result<Option<Deployment>, StoreError> {
        find(self.link(), org, id).await
    }

    /// The one that governs this workload.
    pub async fn deployment_of(
        &mut self,
        workload: &WorkloadId,
    ) -> Result<Option<Deployment>, StoreError> {
        let row: Option<Row> =
            sql(concat!("SELECT ", columns!(), " FROM deployments WHERE workload_id = $1"))
                .bind(workload)
                .one(self.link())
                .await?;
        row.map(Deployment::try_from).transpose()
    }

    pub async fn insert_deployment(&mut self, deployment: &Deployment) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO deployments (",
            columns!(),
            ", name_key, search_text, importance_rank) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ))
        .bind(&deployment.id)
        .bind(&deployment.org_id)
        .bind(&deployment.workload_id)
        .bind(&deployment.name)
        .bind(&deployment.description)
        .bind(deployment.importance.word())
        .bind(deployment.approval.word())
        .bind(json(&deployment.approvers)?)
        .bind(&deployment.creator_id)
        .bind(deployment.created_at)
        .bind(deployment.updated_at)
        .bind(deployment.revision)
        .bind(key(&deployment.name))
        .bind(searched(deployment))
        .bind(deployment.importance.rank())
        .run(self.link())
        .await
        .map_err(StoreError::naming("deployment of this workload"))?;
        Ok(())
    }

    /// Name, description, importance and approval; the revision moves on.
    pub async fn update_deployment(
        &mut self,
        deployment: &mut Deployment,
    ) -> Result<(), StoreError> {
        let touched = sql("UPDATE deployments SET name = $3, description = $4, importance = $5, \
             approval = $6, approvers = $7, updated_at = $8, name_key = $9, search_text = $10, \
             importance_rank = $11, revision = revision + 1 WHERE id = $1 AND revision = $2")
        .bind(&deployment.id)
        .bind(deployment.revision)
        .bind(&deployment.name)
        .bind(&deployment.description)
        .bind(deployment.importance.word())
        .bind(deployment.approval.word())
        .bind(json(&deployment.approvers)?)
        .bind(deployment.updated_at)
        .bind(key(&deployment.name))
        .bind(searched(deployment))
        .bind(deployment.importance.rank())
        .run(self.link())
        .await?;
        if touched != 1 {
            return Err(StoreError::Conflict { what: "deployment" });
        }
        deployment.revision += 1;
        Ok(())
    }

    pub async fn delete_deployment(&mut self, id: &DeploymentId) -> Result<(), StoreError> {
        sql("DELETE FROM deployments WHERE id = $1").bind(id).run(self.link()).await?;
        self.forget_grants(EntityKind::Deployment, id.as_str()).await
    }
}
