//! Catalogs of uploaded files and their versions.

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json},
    list::{Conditions, Source, page},
    sql::{Link, sql},
};
use crate::model::{
    Catalog, CatalogId, CatalogVersion, CatalogVersionId, FileDigest, OrgId, Page, StoredFile,
    Timestamp,
};

#[derive(sqlx::FromRow)]
struct CatalogRow {
    id: String,
    org_id: String,
    name: String,
    creator_id: String,
    created_at: i64,
}

impl TryFrom<CatalogRow> for Catalog {
    type Error = StoreError;
    fn try_from(row: CatalogRow) -> Result<Self, StoreError> {
        let from = Origin { table: "catalogs", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            created_at: Timestamp::from_micros(row.created_at),
            name: row.name,
        })
    }
}

macro_rules! columns {
    () => {
        "id, org_id, catalog_id, number, num_files, size, creator_id, created_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    catalog_id: String,
    number: i64,
    num_files: i64,
    size: i64,
    creator_id: String,
    created_at: i64,
}

impl TryFrom<Row> for CatalogVersion {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "catalog_versions", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            catalog_id: from.text("catalog_id", &row.catalog_id)?,
            number: row.number,
            num_files: from.count("num_files", row.num_files)?,
            size: from.count("size", row.size)?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Which versions of a catalog, and in which order.
#[derive(Debug, Clone)]
pub struct VersionFilter {
    pub catalog: CatalogId,
    pub newest_first: bool,
}

async fn catalog(
    link: Link<'_>,
    org: &OrgId,
    id: &CatalogId,
) -> Result<Option<Catalog>, StoreError> {
    let row: Option<CatalogRow> =
        sql("SELECT id, org_id, name, creator_id, created_at FROM catalogs \
         WHERE org_id = $1 AND id = $2")
        .bind(org)
        .bind(id)
        .one(link)
        .await?;
    row.map(Catalog::try_from).transpose()
}

async fn version(
    link: Link<'_>,
    org: &OrgId,
    id: &CatalogVersionId,
) -> Result<Option<CatalogVersion>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM catalog_versions WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(CatalogVersion::try_from).transpose()
}

async fn newest(link: Link<'_>, catalog: &CatalogId) -> Result<Option<CatalogVersion>, StoreError> {
    let row: Option<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM catalog_versions WHERE catalog_id = $1 ORDER BY number DESC LIMIT 1"
    ))
    .bind(catalog)
    .one(link)
    .await?;
    row.map(CatalogVersion::try_from).transpose()
}

async fn files(link: Link<'_>, id: &CatalogVersionId) -> Result<Vec<StoredFile>, StoreError> {
    let row: Option<(String,)> =
        sql("SELECT files FROM catalog_versions WHERE id = $1").bind(id).one(link).await?;
    let from = Origin { table: "catalog_versions", id: id.as_str() };
    row.map_or_else(|| Ok(Vec::new()), |(text,)| from.json("files", &text))
}

impl Store {
    pub async fn catalog(
        &self,
        org: &OrgId,
        id: &CatalogId,
    ) -> Result<Option<Catalog>, StoreError> {
        catalog(self.link(), org, id).await
    }

    pub async fn catalog_version(
        &self,
        org: &OrgId,
        id: &CatalogVersionId,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        version(self.link(), org, id).await
    }

    /// Every catalog has one from its beginning.
    pub async fn newest_version(
        &self,
        catalog: &CatalogId,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        newest(self.link(), catalog).await
    }

    /// In the order of their paths.
    pub async fn files(&self, version: &CatalogVersionId) -> Result<Vec<StoredFile>, StoreError> {
        files(self.link(), version).await
    }

    pub async fn catalog_versions(
        &self,
        org: &OrgId,
        filter: &VersionFilter,
        paging: Paging,
    ) -> Result<Page<CatalogVersion>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("catalog_id =", Some(&filter.catalog));
        let order = if filter.newest_first { "number DESC" } else { "number ASC" };
        let order = order.to_owned();
        let source = Source { columns: columns!(), tables: "catalog_versions", order };
        page::<Row, CatalogVersion>(self, source, wanted, paging).await
    }

    /// The versions that came after `after` in the order of ids, and the contents each needs. For finding
    /// out which contents nobody needs any more.
    pub async fn contents_of_versions(
        &self,
        after: &str,
        limit: u64,
    ) -> Result<Vec<(CatalogVersionId, Vec<FileDigest>)>, StoreError> {
        let rows: Vec<(String, String)> =
            sql("SELECT id, files FROM catalog_versions WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(limit)
                .all(self.link())
                .await?;
        rows.into_iter()
            .map(|(id, text)| {
                let from = Origin { table: "catalog_versions", id: &id };
                let files: Vec<StoredFile> = from.json("files", &text)?;
                Ok((from.text("id", &id)?, files.into_iter().map(|file| file.digest).collect()))
            })
            .collect()
    }
}

impl Write<'_> {
    pub async fn catalog(
        &mut self,
        org: &OrgId,
        id: &CatalogId,
    ) -> Result<Option<Catalog>, StoreError> {
        catalog(self.link(), org, id).await
    }

    pub async fn catalog_version(
        &mut self,
        org: &OrgId,
        id: &CatalogVersionId,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        version(self.link(), org, id).await
    }

    pub async fn newest_version(
        &mut self,
        catalog: &CatalogId,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        newest(self.link(), catalog).await
    }

    pub async fn files(
        &mut self,
        version: &CatalogVersionId,
    ) -> Result<Vec<StoredFile>, StoreError> {
        files(self.link(), version).await
    }

    pub async fn insert_catalog(&mut self, catalog: &Catalog) -> Result<(), StoreError> {
        sql("INSERT INTO catalogs (id, org_id, name, creator_id, created_at) \
             VALUES ($1, $2, $3, $4, $5)")
        .bind(&catalog.id)
        .bind(&catalog.org_id)
        .bind(&catalog.name)
        .bind(&catalog.creator_id)
        .bind(catalog.created_at)
        .run(self.link())
        .await?;
        Ok(())
    }

    /// A version never changes, and neither do its files.
    pub async fn insert_version(
        &mut self,
        version: &CatalogVersion,
        files: &[StoredFile],
    ) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO catalog_versions (",
            columns!(),
            ", files) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ))
        .bind(&version.id)
        .bind(&version.org_id)
        .bind(&version.catalog_id)
        .bind(version.number)
        .bind(version.num_files)
        .bind(version.size)
        .bind(&version.creator_id)
        .bind(version.created_at)
        .bind(json(&files)?)
        .run(self.link())
        .await
        .map_err(StoreError::naming("version of this catalog"))?;
        Ok(())
    }
}
