//! Protons. They carry no revision: only the controller and the use case that makes one write them, and
//! both hold the workload's revision in the same transaction.

use std::collections::HashMap;

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json, moment},
    list::{Conditions, Source, ordered, page},
    sql::{Link, composed, sql},
};
use crate::model::{
    ArtifactId, Images, Page, Proton, ProtonId, Role, Snapshot, Timestamp, WorkloadId,
};

macro_rules! columns {
    () => {
        "id, org_id, workload_id, artifact_id, name, status, role, snapshot, running_since, \
         restarts, message, creator_id, created_at, updated_at, replicas, images"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    workload_id: String,
    artifact_id: String,
    name: String,
    status: String,
    role: Option<String>,
    snapshot: String,
    running_since: Option<i64>,
    restarts: i64,
    message: Option<String>,
    creator_id: String,
    created_at: i64,
    updated_at: i64,
    /// None in a row from before there was scaling.
    replicas: Option<i64>,
    /// None when nothing is known of them.
    images: Option<String>,
}

impl TryFrom<Row> for Proton {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "protons", id: &row.id };
        let snapshot: Snapshot = from.json("snapshot", &row.snapshot)?;
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            workload_id: from.text("workload_id", &row.workload_id)?,
            artifact_id: from.text("artifact_id", &row.artifact_id)?,
            status: from.text("status", &row.status)?,
            role: from.maybe("role", row.role.as_deref())?,
            replicas: match row.replicas {
                Some(number) => u32::try_from(number).map_err(|_| from.corrupt("replicas"))?,
                None => snapshot.runtime.replicas(),
            },
            snapshot,
            images: images(&from, row.images.as_deref())?,
            running_since: moment(row.running_since),
            restarts: u32::try_from(row.restarts).map_err(|_| from.corrupt("restarts"))?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            name: row.name,
            message: row.message,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

fn images(from: &Origin<'_>, text: Option<&str>) -> Result<Images, StoreError> {
    text.map_or_else(|| Ok(Images::new()), |text| from.json("images", text))
}

async fn find(link: Link<'_>, id: &ProtonId) -> Result<Option<Proton>, StoreError> {
    let row: Option<Row> = sql(concat!("SELECT ", columns!(), " FROM protons WHERE id = $1"))
        .bind(id)
        .one(link)
        .await?;
    row.map(Proton::try_from).transpose()
}

async fn live_of(link: Link<'_>, workload: &WorkloadId) -> Result<Vec<Proton>, StoreError> {
    let rows: Vec<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM protons WHERE workload_id = $1 AND status <> 'stopped' AND status <> 'terminated' \
         ORDER BY created_at, id"
    ))
    .bind(workload)
    .all(link)
    .await?;
    rows.into_iter().map(Proton::try_from).collect()
}

impl Store {
    pub async fn proton(&self, id: &ProtonId) -> Result<Option<Proton>, StoreError> {
        find(self.link(), id).await
    }

    /// Those of a page's workloads, at once.
    pub async fn protons_by_id(
        &self,
        ids: &[ProtonId],
    ) -> Result<HashMap<ProtonId, Proton>, StoreError> {
        let (wanted, args) = Conditions::among("id", ids).into_parts();
        let text = format!("SELECT {} FROM protons WHERE {wanted}", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.into_iter()
            .map(|row| Proton::try_from(row).map(|proton| (proton.id.clone(), proton)))
            .collect()
    }

    /// Newest first.
    pub async fn protons_of(
        &self,
        workload: &WorkloadId,
        paging: Paging,
    ) -> Result<Page<Proton>, StoreError> {
        let wanted = Conditions::belonging("workload_id", workload);
        let order = ordered("created_at", "id", true);
        let source = Source { columns: columns!(), tables: "protons", order };
        page::<Row, Proton>(self, source, wanted, paging).await
    }

    /// Those of one workload of which something may still run, oldest first.
    pub async fn live_protons_of(&self, workload: &WorkloadId) -> Result<Vec<Proton>, StoreError> {
        live_of(self.link(), workload).await
    }

    /// Every proton that ran this artifact for this workload, oldest first.
    pub async fn protons_with(
        &self,
        workload: &WorkloadId,
        artifact: &ArtifactId,
    ) -> Result<Vec<ProtonId>, StoreError> {
        let rows: Vec<(String,)> = sql("SELECT id FROM protons \
             WHERE workload_id = $1 AND artifact_id = $2 ORDER BY created_at, id")
        .bind(workload)
        .bind(artifact)
        .all(self.link())
        .await?;
        rows.iter().map(|(id,)| Origin { table: "protons", id }.text("id", id)).collect()
    }

    /// The images of what may still run, and of the `last` newest protons of each workload that is not deleted.
    pub async fn images_needed(&self, last: u64) -> Result<Vec<Images>, StoreError> {
        let rows: Vec<(String, String)> = sql("SELECT id, images FROM (\
                 SELECT p.id, p.images, p.status, w.wanted, ROW_NUMBER() OVER \
                     (PARTITION BY p.workload_id ORDER BY p.created_at DESC, p.id DESC) AS place \
                 FROM protons p JOIN workloads w ON w.id = p.workload_id \
                 WHERE p.images IS NOT NULL) AS kept \
             WHERE (status <> 'stopped' AND status <> 'terminated') \
                 OR (place <= $1 AND wanted <> 'deleted') ORDER BY id")
        .bind(last)
        .all(self.link())
        .await?;
        rows.iter().map(|(id, text)| images(&Origin { table: "protons", id }, Some(text))).collect()
    }

    /// All of which something may still run, of all organisations.
    pub async fn live_protons(&self) -> Result<Vec<(ProtonId, WorkloadId)>, StoreError> {
        let rows: Vec<(String, String)> = sql("SELECT id, workload_id FROM protons \
             WHERE status <> 'stopped' AND status <> 'terminated' ORDER BY workload_id, id")
        .all(self.link())
        .await?;
        rows.iter()
            .map(|(id, workload)| {
                let from = Origin { table: "protons", id };
                Ok((from.text("id", id)?, from.text("workload_id", workload)?))
            })
            .collect()
    }
}

fn images_cell(proton: &Proton) -> Result<Option<String>, StoreError> {
    (!proton.images.is_empty()).then(|| json(&proton.images)).transpose()
}

impl Write<'_> {
    /// What the names of an artifact's images meant when it ran last, in any workload.
    pub async fn images_of(&mut self, artifact: &ArtifactId) -> Result<Images, StoreError> {
        let row: Option<(String, String)> = sql("SELECT id, images FROM protons \
             WHERE artifact_id = $1 AND images IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1")
        .bind(artifact)
        .one(self.link())
        .await?;
        let Some((id, text)) = row else { return Ok(Images::new()) };
        images(&Origin { table: "protons", id: &id }, Some(&text))
    }

    pub async fn proton(&mut self, id: &ProtonId) -> Result<Option<Proton>, StoreError> {
        find(self.link(), id).await
    }

    pub async fn live_protons_of(
        &mut self,
        workload: &WorkloadId,
    ) -> Result<Vec<Proton>, StoreError> {
        live_of(self.link(), workload).await
    }

    /// Fails as a duplicate when the workload already has a proton in that role.
    pub async fn insert_proton(&mut self, proton: &Proton) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO protons (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        ))
        .bind(&proton.id)
        .bind(&proton.org_id)
        .bind(&proton.workload_id)
        .bind(&proton.artifact_id)
        .bind(&proton.name)
        .bind(proton.status.word())
        .bind(proton.role.map(Role::word))
        .bind(json(&proton.snapshot)?)
        .bind(proton.running_since)
        .bind(i64::from(proton.restarts))
        .bind(&proton.message)
        .bind(&proton.creator_id)
        .bind(proton.created_at)
        .bind(proton.updated_at)
        .bind(i64::from(proton.replicas))
        .bind(&images_cell(proton)?)
        .run(self.link())
        .await
        .map_err(StoreError::naming("proton in that role"))?;
        self.recounts(&proton.org_id);
        Ok(())
    }

    /// Everything but the id, the workload and the creation. In a swap of roles the one that gives its
    /// role up is written first, because at no moment may two have the same.
    pub async fn update_proton(&mut self, proton: &Proton) -> Result<(), StoreError> {
        let touched = sql("UPDATE protons SET artifact_id = $2, name = $3, status = $4, \
             role = $5, snapshot = $6, running_since = $7, restarts = $8, message = $9, \
             updated_at = $10, replicas = $11, images = $12 WHERE id = $1")
        .bind(&proton.id)
        .bind(&proton.artifact_id)
        .bind(&proton.name)
        .bind(proton.status.word())
        .bind(proton.role.map(Role::word))
        .bind(json(&proton.snapshot)?)
        .bind(proton.running_since)
        .bind(i64::from(proton.restarts))
        .bind(&proton.message)
        .bind(proton.updated_at)
        .bind(i64::from(proton.replicas))
        .bind(&images_cell(proton)?)
        .run(self.link())
        .await
        .map_err(StoreError::naming("proton in that role"))?;
        if touched != 1 {
            return Err(StoreError::Conflict { what: "proton" });
        }
        self.recounts(&proton.org_id);
        Ok(())
    }
}
