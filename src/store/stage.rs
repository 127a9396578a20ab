//! Stages: files that wait to become a version together.

use super::{
    Store, StoreError, Write,
    cell::Origin,
    sql::{Link, sql},
};
use crate::model::{FileDigest, FileStage, OrgId, StageId, StoredFile, Timestamp};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    catalog_id: String,
    created_at: i64,
}

impl TryFrom<Row> for FileStage {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "stages", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            catalog_id: from.text("catalog_id", &row.catalog_id)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

async fn find(link: Link<'_>, org: &OrgId, id: &StageId) -> Result<Option<FileStage>, StoreError> {
    let row: Option<Row> =
        sql("SELECT id, org_id, catalog_id, created_at FROM stages WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(FileStage::try_from).transpose()
}

/// In the order of their paths.
async fn files_on(link: Link<'_>, id: &StageId) -> Result<Vec<StoredFile>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> =
        sql("SELECT path, digest, size, executable FROM staged_files \
             WHERE stage_id = $1 ORDER BY path_key")
        .bind(id)
        .all(link)
        .await?;
    let from = Origin { table: "staged_files", id: id.as_str() };
    rows.into_iter()
        .map(|(path, digest, size, executable)| {
            Ok(StoredFile {
                path,
                digest: from.text("digest", &digest)?,
                size: from.count("size", size)?,
                executable: executable == 1,
            })
        })
        .collect()
}

impl Store {
    /// What waits on a stage.
    pub async fn staged_files(&self, id: &StageId) -> Result<Vec<StoredFile>, StoreError> {
        files_on(self.link(), id).await
    }

    pub async fn stage(&self, org: &OrgId, id: &StageId) -> Result<Option<FileStage>, StoreError> {
        find(self.link(), org, id).await
    }

    /// The contents that any stage needs.
    pub async fn contents_of_stages(&self) -> Result<Vec<FileDigest>, StoreError> {
        let rows: Vec<(String, String)> =
            sql("SELECT stage_id, digest FROM staged_files").all(self.link()).await?;
        rows.into_iter()
            .map(|(id, digest)| Origin { table: "staged_files", id: &id }.text("digest", &digest))
            .collect()
    }
}

impl Write<'_> {
    pub async fn stage(
        &mut self,
        org: &OrgId,
        id: &StageId,
    ) -> Result<Option<FileStage>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn insert_stage(&mut self, stage: &FileStage) -> Result<(), StoreError> {
        sql("INSERT INTO stages (id, org_id, catalog_id, created_at) VALUES ($1, $2, $3, $4)")
            .bind(&stage.id)
            .bind(&stage.org_id)
            .bind(&stage.catalog_id)
            .bind(stage.created_at)
            .run(self.link())
            .await?;
        Ok(())
    }

    /// Puts a file on a stage, in the place of one with the same path.
    pub async fn stage_file(
        &mut self,
        stage: &FileStage,
        file: &StoredFile,
    ) -> Result<(), StoreError> {
        sql(
            "INSERT INTO staged_files (stage_id, org_id, path_key, path, digest, size, executable) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (stage_id, path_key) DO UPDATE SET digest = excluded.digest, \
             size = excluded.size, executable = excluded.executable",
        )
        .bind(&stage.id)
        .bind(&stage.org_id)
        .bind(file.path.clone().into_bytes())
        .bind(&file.path)
        .bind(file.digest.as_str())
        .bind(file.size)
        .bind(file.executable)
        .run(self.link())
        .await?;
        Ok(())
    }

    /// How many files it holds, and their bytes together.
    pub async fn stage_weight(&mut self, id: &StageId) -> Result<(u64, u64), StoreError> {
        let count = sql("SELECT COUNT(*) FROM staged_files WHERE stage_id = $1").bind(id);
        let count = count.number(self.link()).await?;
        let size = sql("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM staged_files \
             WHERE stage_id = $1")
        .bind(id)
        .number(self.link())
        .await?;
        let from = Origin { table: "stages", id: id.as_str() };
        Ok((from.count("files", count)?, from.count("size", size)?))
    }

    /// In the order of their paths.
    pub async fn staged_files(&mut self, id: &StageId) -> Result<Vec<StoredFile>, StoreError> {
        files_on(self.link(), id).await
    }

    pub async fn delete_stage(&mut self, id: &StageId) -> Result<(), StoreError> {
        sql("DELETE FROM stages WHERE id = $1").bind(id).run(self.link()).await?;
        Ok(())
    }

    /// Forgets stages that nobody has come back to. Says how many.
    pub async fn delete_stages_before(&mut self, moment: Timestamp) -> Result<u64, StoreError> {
        let gone = sql("DELETE FROM stages WHERE created_at < $1").bind(moment);
        Ok(gone.run(self.link()).await?)
    }
}
