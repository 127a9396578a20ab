//! Artifact repositories: the lineages that hand out version numbers.

use super::{
    Paging, Store, StoreError, Viewer, Write,
    cell::{Origin, key, search_text},
    list::{Conditions, Source, ordered, page},
    sql::{Link, sql},
    tag::TagFilter,
};
use crate::model::{
    ArtifactKind, ArtifactRepository, EntityKind, OrgId, Page, RepositoryId, Timestamp, UserId,
};

macro_rules! columns {
    () => {
        "id, org_id, name, kind, last_version, creator_id, created_at, updated_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    name: String,
    kind: String,
    last_version: i64,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for ArtifactRepository {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "repositories", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            kind: from.text("kind", &row.kind)?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            name: row.name,
            last_version: row.last_version,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RepositoryKey {
    Name,
    #[default]
    CreatedAt,
    UpdatedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryOrder {
    pub key: RepositoryKey,
    pub descending: bool,
}

/// Newest first.
impl Default for RepositoryOrder {
    fn default() -> Self {
        Self { key: RepositoryKey::default(), descending: true }
    }
}

/// Which repositories are wanted, and in which order; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct RepositoryFilter {
    pub created_by: Option<UserId>,
    pub ids: Vec<RepositoryId>,
    pub search: Option<String>,
    pub kind: Vec<ArtifactKind>,
    /// Through whose eyes; none sees the whole organisation.
    pub viewer: Option<Viewer>,
    pub tags: TagFilter,
    pub order: RepositoryOrder,
}

async fn find(
    link: Link<'_>,
    org: &OrgId,
    id: &RepositoryId,
) -> Result<Option<ArtifactRepository>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM repositories WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(ArtifactRepository::try_from).transpose()
}

async fn artifact_count(link: Link<'_>, id: &RepositoryId) -> Result<u64, StoreError> {
    let count = sql("SELECT COUNT(*) FROM artifacts WHERE repository_id = $1")
        .bind(id)
        .number(link)
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

impl Store {
    pub async fn repository(
        &self,
        org: &OrgId,
        id: &RepositoryId,
    ) -> Result<Option<ArtifactRepository>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn repositories(
        &self,
        org: &OrgId,
        filter: &RepositoryFilter,
        paging: Paging,
    ) -> Result<Page<ArtifactRepository>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("creator_id =", filter.created_by.as_ref());
        wanted.any("id", &filter.ids);
        wanted.any("kind", filter.kind.iter().map(|kind| kind.word()));
        wanted.tagged(org, EntityKind::Repository, "repositories.id", &filter.tags);
        wanted.search("search_text", filter.search.as_deref());
        wanted.granted(EntityKind::Repository, "repositories.id", filter.viewer.as_ref());
        let by = match filter.order.key {
            RepositoryKey::Name => "name_key",
            RepositoryKey::CreatedAt => "created_at",
            RepositoryKey::UpdatedAt => "updated_at",
        };
        let order = ordered(by, "id", filter.order.descending);
        let source = Source { columns: columns!(), tables: "repositories", order };
        page::<Row, ArtifactRepository>(self, source, wanted, paging).await
    }

    /// How many artifacts, drafts too, belong to it.
    pub async fn artifact_count(&self, id: &RepositoryId) -> Result<u64, StoreError> {
        artifact_count(self.link(), id).await
    }
}

impl Write<'_> {
    pub async fn repository(
        &mut self,
        org: &OrgId,
        id: &RepositoryId,
    ) -> Result<Option<ArtifactRepository>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn artifact_count(&mut self, id: &RepositoryId) -> Result<u64, StoreError> {
        artifact_count(self.link(), id).await
    }

    pub async fn insert_repository(
        &mut self,
        repository: &ArtifactRepository,
    ) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO repositories (",
            columns!(),
            ", name_key, search_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ))
        .bind(&repository.id)
        .bind(&repository.org_id)
        .bind(&repository.name)
        .bind(repository.kind.word())
        .bind(repository.last_version)
        .bind(&repository.creator_id)
        .bind(repository.created_at)
        .bind(repository.updated_at)
        .bind(key(&repository.name))
        .bind(search_text(&[&repository.name, repository.id.as_str()]))
        .run(self.link())
        .await
        .map_err(StoreError::naming("repository"))?;
        Ok(())
    }

    /// Name and kind; version numbers are only ever taken by [`Write::next_version`].
    pub async fn update_repository(
        &mut self,
        repository: &ArtifactRepository,
    ) -> Result<(), StoreError> {
        let touched = sql("UPDATE repositories SET name = $2, kind = $3, updated_at = $4, \
             name_key = $5, search_text = $6 WHERE id = $1")
        .bind(&repository.id)
        .bind(&repository.name)
        .bind(repository.kind.word())
        .bind(repository.updated_at)
        .bind(key(&repository.name))
        .bind(search_text(&[&repository.name, repository.id.as_str()]))
        .run(self.link())
        .await?;
        if touched == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "repository" }) }
    }

    /// Fails as [`StoreError::Referenced`] while artifacts belong to it.
    pub async fn delete_repository(&mut self, id: &RepositoryId) -> Result<(), StoreError> {
        self.forget_tags(EntityKind::Repository, id.as_str()).await?;
        sql("DELETE FROM repositories WHERE id = $1").bind(id).run(self.link()).await?;
        self.forget_grants(EntityKind::Repository, id.as_str()).await
    }

    /// The next version number of the lineage; never given again, whatever becomes of the version.
    pub async fn next_version(&mut self, id: &RepositoryId) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = sql("UPDATE repositories SET last_version = last_version + 1 \
             WHERE id = $1 RETURNING last_version")
        .bind(id)
        .one(self.link())
        .await?;
        row.map(|(version,)| version).ok_or(StoreError::Conflict { what: "repository" })
    }
}
