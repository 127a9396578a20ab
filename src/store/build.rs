//! Builds and their logs.

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json},
    list::{Conditions, Source, ordered, page},
    sql::{Link, sql},
};
use crate::model::{ArtifactId, Build, BuildId, BuildLine, OrgId, Page, Timestamp};

macro_rules! columns {
    () => {
        "id, org_id, artifact_id, name, code, targets, status, attempts, creator_id, created_at, \
         updated_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    artifact_id: String,
    name: String,
    code: String,
    targets: String,
    status: String,
    attempts: i64,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Build {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "builds", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            artifact_id: from.text("artifact_id", &row.artifact_id)?,
            code: from.json("code", &row.code)?,
            targets: from.json("targets", &row.targets)?,
            status: from.text("status", &row.status)?,
            attempts: row.attempts,
            creator_id: from.text("creator_id", &row.creator_id)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            name: row.name,
        })
    }
}

async fn find(link: Link<'_>, org: &OrgId, id: &BuildId) -> Result<Option<Build>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM builds WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(Build::try_from).transpose()
}

fn all(rows: Vec<Row>) -> Result<Vec<Build>, StoreError> {
    rows.into_iter().map(Build::try_from).collect()
}

impl Store {
    pub async fn build(&self, org: &OrgId, id: &BuildId) -> Result<Option<Build>, StoreError> {
        find(self.link(), org, id).await
    }

    /// Newest first.
    pub async fn builds(
        &self,
        org: &OrgId,
        artifact: &ArtifactId,
        paging: Paging,
    ) -> Result<Page<Build>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("artifact_id =", Some(artifact));
        let order = ordered("created_at", "id", true);
        page::<Row, Build>(
            self,
            Source { columns: columns!(), tables: "builds", order },
            wanted,
            paging,
        )
        .await
    }

    /// Whether there is such a build in any organisation.
    pub async fn is_build_known(&self, id: &BuildId) -> Result<bool, StoreError> {
        let known =
            sql("SELECT COUNT(*) FROM builds WHERE id = $1").bind(id).number(self.link()).await?;
        Ok(known > 0)
    }

    /// Of all organisations, oldest first.
    pub async fn unfinished_builds(&self) -> Result<Vec<Build>, StoreError> {
        all(sql(concat!(
            "SELECT ",
            columns!(),
            " FROM builds WHERE status <> 'COMPLETED' AND status <> 'FAILED' \
             AND status <> 'CANCELLED' ORDER BY created_at, id"
        ))
        .all(self.link())
        .await?)
    }

    /// Oldest first.
    pub async fn build_lines(&self, id: &BuildId) -> Result<Vec<BuildLine>, StoreError> {
        let rows: Vec<(i64, String, String)> =
            sql("SELECT at, level, message FROM build_lines WHERE build_id = $1 ORDER BY seq")
                .bind(id)
                .all(self.link())
                .await?;
        let from = Origin { table: "build_lines", id: id.as_str() };
        rows.into_iter()
            .map(|(at, level, message)| {
                let at = Timestamp::from_micros(at);
                Ok(BuildLine { at, level: from.text("level", &level)?, message })
            })
            .collect()
    }
}

impl Write<'_> {
    pub async fn build(&mut self, org: &OrgId, id: &BuildId) -> Result<Option<Build>, StoreError> {
        find(self.link(), org, id).await
    }

    /// All of them, newest first.
    pub async fn builds_of(&mut self, artifact: &ArtifactId) -> Result<Vec<Build>, StoreError> {
        all(sql(concat!(
            "SELECT ",
            columns!(),
            " FROM builds WHERE artifact_id = $1 ORDER BY created_at DESC, id DESC"
        ))
        .bind(artifact)
        .all(self.link())
        .await?)
    }

    pub async fn insert_build(&mut self, build: &Build) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO builds (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ))
        .bind(&build.id)
        .bind(&build.org_id)
        .bind(&build.artifact_id)
        .bind(&build.name)
        .bind(json(&build.code)?)
        .bind(json(&build.targets)?)
        .bind(build.status.word())
        .bind(build.attempts)
        .bind(&build.creator_id)
        .bind(build.created_at)
        .bind(build.updated_at)
        .run(self.link())
        .await
        .map_err(StoreError::naming("build"))?;
        Ok(())
    }

    /// Its progress: targets, status and attempts.
    pub async fn update_build(&mut self, build: &Build) -> Result<(), StoreError> {
        let touched = sql("UPDATE builds SET targets = $2, status = $3, attempts = $4, \
             updated_at = $5 WHERE id = $1")
        .bind(&build.id)
        .bind(json(&build.targets)?)
        .bind(build.status.word())
        .bind(build.attempts)
        .bind(build.updated_at)
        .run(self.link())
        .await?;
        if touched == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "build" }) }
    }

    /// Adds to the log of a build, which keeps its first `most` lines.
    pub async fn add_build_lines(
        &mut self,
        build: &Build,
        lines: &[BuildLine],
        most: i64,
    ) -> Result<(), StoreError> {
        let last = sql("SELECT COALESCE(MAX(seq), 0) FROM build_lines WHERE build_id = $1")
            .bind(&build.id)
            .number(self.link())
            .await?;
        for (seq, line) in (last + 1..=most).zip(lines) {
            sql("INSERT INTO build_lines (build_id, org_id, seq, at, level, message) \
                 VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&build.id)
            .bind(&build.org_id)
            .bind(seq)
            .bind(line.at)
            .bind(line.level.word())
            .bind(&line.message)
            .run(self.link())
            .await?;
        }
        Ok(())
    }
}
