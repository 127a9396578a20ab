//! Artifacts: drafts and locked versions.

use std::collections::HashMap;

use super::{
    Paging, Store, StoreError, Viewer, Write,
    cell::{Origin, json, key, search_text},
    list::{Conditions, Source, ordered, page},
    sql::{Link, composed, sql},
    tag::TagFilter,
};
use crate::model::{
    Artifact, ArtifactId, ArtifactKind, ArtifactState, ArtifactStatus, EntityKind, OrgId, Page,
    RepositoryId, Timestamp, UserId,
};

macro_rules! columns {
    () => {
        "id, org_id, repository_id, name, description, kind, status, version, spec, creator_id, \
         created_at, updated_at, revision"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    repository_id: String,
    name: String,
    description: String,
    kind: String,
    status: String,
    version: Option<i64>,
    spec: String,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
    revision: i64,
}

impl TryFrom<Row> for Artifact {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "artifacts", id: &row.id };
        let state = match (from.text("status", &row.status)?, row.version) {
            (ArtifactStatus::Draft, None) => ArtifactState::Draft,
            (ArtifactStatus::Locked, Some(version)) => ArtifactState::Locked { version },
            _ => return Err(from.corrupt("version")),
        };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            repository_id: from.text("repository_id", &row.repository_id)?,
            kind: from.text("kind", &row.kind)?,
            state,
            spec: from.json("spec", &row.spec)?,
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
pub enum ArtifactKey {
    Name,
    #[default]
    CreatedAt,
    UpdatedAt,
    Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactOrder {
    pub key: ArtifactKey,
    pub descending: bool,
}

/// Newest first.
impl Default for ArtifactOrder {
    fn default() -> Self {
        Self { key: ArtifactKey::default(), descending: true }
    }
}

/// Which artifacts are wanted, and in which order; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ArtifactFilter {
    pub created_by: Option<UserId>,
    pub ids: Vec<ArtifactId>,
    pub search: Option<String>,
    pub kind: Vec<ArtifactKind>,
    pub status: Vec<ArtifactStatus>,
    pub repository_id: Option<RepositoryId>,
    /// Through whose eyes; none sees the whole organisation.
    pub viewer: Option<Viewer>,
    pub tags: TagFilter,
    pub order: ArtifactOrder,
}

async fn find(
    link: Link<'_>,
    org: &OrgId,
    id: &ArtifactId,
) -> Result<Option<Artifact>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM artifacts WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(Artifact::try_from).transpose()
}

fn searched(artifact: &Artifact) -> String {
    search_text(&[&artifact.name, &artifact.description, artifact.id.as_str()])
}

impl Store {
    pub async fn artifact(
        &self,
        org: &OrgId,
        id: &ArtifactId,
    ) -> Result<Option<Artifact>, StoreError> {
        find(self.link(), org, id).await
    }

    /// Whether any artifact, of any organisation, names this image. It looks at all of them.
    pub async fn is_image_named(&self, image: &str) -> Result<bool, StoreError> {
        let named = sql("SELECT COUNT(*) FROM artifacts WHERE spec LIKE $1")
            .bind(format!("%\"{image}\"%"))
            .number(self.link())
            .await?;
        Ok(named > 0)
    }

    /// Those of a page's workloads, at once.
    pub async fn artifacts_by_id(
        &self,
        ids: &[ArtifactId],
    ) -> Result<HashMap<ArtifactId, Artifact>, StoreError> {
        let (wanted, args) = Conditions::among("id", ids).into_parts();
        let text = format!("SELECT {} FROM artifacts WHERE {wanted}", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.into_iter()
            .map(|row| Artifact::try_from(row).map(|artifact| (artifact.id.clone(), artifact)))
            .collect()
    }

    pub async fn artifacts(
        &self,
        org: &OrgId,
        filter: &ArtifactFilter,
        paging: Paging,
    ) -> Result<Page<Artifact>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("creator_id =", filter.created_by.as_ref());
        wanted.when("repository_id =", filter.repository_id.as_ref());
        wanted.any("id", &filter.ids);
        wanted.any("kind", filter.kind.iter().map(|kind| kind.word()));
        wanted.any("status", filter.status.iter().map(|status| status.word()));
        wanted.tagged(org, EntityKind::Artifact, "artifacts.id", &filter.tags);
        wanted.search("search_text", filter.search.as_deref());
        wanted.granted_or_run("artifacts.id", filter.viewer.as_ref());
        let by = match filter.order.key {
            ArtifactKey::Name => "name_key",
            ArtifactKey::CreatedAt => "created_at",
            ArtifactKey::UpdatedAt => "updated_at",
            ArtifactKey::Status => "status",
        };
        let order = ordered(by, "id", filter.order.descending);
        let source = Source { columns: columns!(), tables: "artifacts", order };
        page::<Row, Artifact>(self, source, wanted, paging).await
    }
}

impl Write<'_> {
    pub async fn artifact(
        &mut self,
        org: &OrgId,
        id: &ArtifactId,
    ) -> Result<Option<Artifact>, StoreError> {
        find(self.link(), org, id).await
    }

    /// All of one repository, drafts and versions, oldest first.
    pub async fn artifacts_of(&mut self, id: &RepositoryId) -> Result<Vec<Artifact>, StoreError> {
        let rows: Vec<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM artifacts WHERE repository_id = $1 ORDER BY created_at, id"
        ))
        .bind(id)
        .all(self.link())
        .await?;
        rows.into_iter().map(Artifact::try_from).collect()
    }

    pub async fn insert_artifact(&mut self, artifact: &Artifact) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO artifacts (",
            columns!(),
            ", name_key, search_text) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ))
        .bind(&artifact.id)
        .bind(&artifact.org_id)
        .bind(&artifact.repository_id)
        .bind(&artifact.name)
        .bind(&artifact.description)
        .bind(artifact.kind.word())
        .bind(artifact.state.status().word())
        .bind(artifact.state.version())
        .bind(json(&artifact.spec)?)
        .bind(&artifact.creator_id)
        .bind(artifact.created_at)
        .bind(artifact.updated_at)
        .bind(artifact.revision)
        .bind(key(&artifact.name))
        .bind(searched(artifact))
        .run(self.link())
        .await
        .map_err(StoreError::naming("artifact"))?;
        self.recounts(&artifact.org_id);
        Ok(())
    }

    /// Everything but the id, the organisation, the lineage and the creation; the revision moves on.
    pub async fn update_artifact(&mut self, artifact: &mut Artifact) -> Result<(), StoreError> {
        let touched = sql("UPDATE artifacts SET name = $3, description = $4, kind = $5, \
             status = $6, version = $7, spec = $8, updated_at = $9, name_key = $10, \
             search_text = $11, revision = revision + 1 WHERE id = $1 AND revision = $2")
        .bind(&artifact.id)
        .bind(artifact.revision)
        .bind(&artifact.name)
        .bind(&artifact.description)
        .bind(artifact.kind.word())
        .bind(artifact.state.status().word())
        .bind(artifact.state.version())
        .bind(json(&artifact.spec)?)
        .bind(artifact.updated_at)
        .bind(key(&artifact.name))
        .bind(searched(artifact))
        .run(self.link())
        .await
        .map_err(StoreError::naming("version of this artifact"))?;
        if touched != 1 {
            return Err(StoreError::Conflict { what: "artifact" });
        }
        artifact.revision += 1;
        self.recounts(&artifact.org_id);
        Ok(())
    }

    /// What ran from it keeps its snapshot. Whether it may go is the use case's decision.
    pub async fn delete_artifact(
        &mut self,
        org: &OrgId,
        id: &ArtifactId,
    ) -> Result<(), StoreError> {
        self.forget_tags(EntityKind::Artifact, id.as_str()).await?;
        sql("DELETE FROM artifacts WHERE id = $1").bind(id).run(self.link()).await?;
        self.recounts(org);
        self.forget_grants(EntityKind::Artifact, id.as_str()).await
    }
}
