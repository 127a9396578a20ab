//! Credentials: what may be known of them, and beside it what is sealed.

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json, key},
    list::{Conditions, Source, ordered, page},
    sql::{Link, sql},
};
use crate::{
    model::{
        ArtifactId, Credential, CredentialId, CredentialKind, OrgId, Page, Timestamp, TokenId,
        UserId, WorkloadId,
    },
    secrets::{KeyId, Sealed},
};

macro_rules! columns {
    () => {
        "id, org_id, name, kind, description, fields, creator_id, created_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    name: String,
    kind: String,
    description: String,
    fields: String,
    creator_id: String,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct WithSecret {
    #[sqlx(flatten)]
    row: Row,
    sealed: Vec<u8>,
    key_id: String,
}

impl TryFrom<Row> for Credential {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "credentials", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            kind: from.text("kind", &row.kind)?,
            fields: from.json("fields", &row.fields)?,
            creator_id: from.text("creator_id", &row.creator_id)?,
            name: row.name,
            description: row.description,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Which credentials are wanted; what is empty does not narrow. The newest come first.
#[derive(Debug, Clone, Default)]
pub struct CredentialFilter {
    pub created_by: Option<UserId>,
    pub kinds: Vec<CredentialKind>,
}

/// The token of a workload, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadToken {
    pub workload: WorkloadId,
    pub org: OrgId,
    pub token: TokenId,
    pub secret: Sealed,
}

type SealedRow = (String, Vec<u8>, String);

fn sealed(table: &'static str, row: SealedRow) -> Result<(String, Sealed), StoreError> {
    let (id, bytes, key) = row;
    let key = Origin { table, id: &id }.text("key_id", &key)?;
    Ok((id, Sealed { key, bytes }))
}

async fn find(
    link: Link<'_>,
    org: &OrgId,
    id: &CredentialId,
) -> Result<Option<Credential>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM credentials WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(Credential::try_from).transpose()
}

async fn find_token(
    link: Link<'_>,
    workload: &WorkloadId,
) -> Result<Option<WorkloadToken>, StoreError> {
    let row: Option<(String, String, Vec<u8>, String)> =
        sql("SELECT org_id, token_id, sealed, key_id FROM workload_tokens WHERE workload_id = $1")
            .bind(workload)
            .one(link)
            .await?;
    let Some((org, token, bytes, key)) = row else { return Ok(None) };
    let from = Origin { table: "workload_tokens", id: workload.as_str() };
    Ok(Some(WorkloadToken {
        workload: workload.clone(),
        org: from.text("org_id", &org)?,
        token: from.text("token_id", &token)?,
        secret: Sealed { key: from.text("key_id", &key)?, bytes },
    }))
}

/// Workloads whose artifact names the credential, or whose running copy of it does. Ids are unique wherever
/// they stand, so the text of a specification is searched for it.
async fn naming(
    link: Link<'_>,
    org: &OrgId,
    credential: &CredentialId,
) -> Result<Vec<WorkloadId>, StoreError> {
    let rows: Vec<(String,)> = sql("SELECT w.id FROM workloads w \
         JOIN artifacts a ON a.id = w.artifact_id \
         WHERE w.org_id = $1 AND w.wanted IN ('running', 'stopped') \
         AND (a.spec LIKE $2 OR EXISTS (SELECT 1 FROM protons p WHERE p.workload_id = w.id \
            AND p.status <> 'stopped' AND p.status <> 'terminated' AND p.snapshot LIKE $2)) \
         ORDER BY w.id")
    .bind(org)
    .bind(named(credential))
    .all(link)
    .await?;
    rows.iter().map(|(id,)| Origin { table: "workloads", id }.text("id", id)).collect()
}

/// The id as it stands in a specification.
fn named(credential: &CredentialId) -> String {
    format!("%\"{}\"%", credential.as_str())
}

impl Store {
    /// Workloads that need the credential when they start anew.
    pub async fn workloads_naming(
        &self,
        org: &OrgId,
        credential: &CredentialId,
    ) -> Result<Vec<WorkloadId>, StoreError> {
        naming(self.link(), org, credential).await
    }

    /// The newest artifacts that name the credential.
    pub async fn artifacts_naming(
        &self,
        org: &OrgId,
        credential: &CredentialId,
        limit: u64,
    ) -> Result<Vec<ArtifactId>, StoreError> {
        let rows: Vec<(String,)> = sql("SELECT id FROM artifacts \
             WHERE org_id = $1 AND spec LIKE $2 ORDER BY created_at DESC, id DESC LIMIT $3")
        .bind(org)
        .bind(named(credential))
        .bind(limit)
        .all(self.link())
        .await?;
        rows.iter().map(|(id,)| Origin { table: "artifacts", id }.text("id", id)).collect()
    }

    pub async fn credential(
        &self,
        org: &OrgId,
        id: &CredentialId,
    ) -> Result<Option<Credential>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn credentials(
        &self,
        org: &OrgId,
        filter: &CredentialFilter,
        paging: Paging,
    ) -> Result<Page<Credential>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("creator_id =", filter.created_by.as_ref());
        wanted.any("kind", filter.kinds.iter().map(|kind| kind.word()));
        let order = ordered("created_at", "id", true);
        let source = Source { columns: columns!(), tables: "credentials", order };
        page::<Row, Credential>(self, source, wanted, paging).await
    }

    /// Its sealed fields.
    pub async fn credential_secret(
        &self,
        org: &OrgId,
        id: &CredentialId,
    ) -> Result<Option<Sealed>, StoreError> {
        let row: Option<SealedRow> =
            sql("SELECT id, sealed, key_id FROM credentials WHERE org_id = $1 AND id = $2")
                .bind(org)
                .bind(id)
                .one(self.link())
                .await?;
        row.map(|row| sealed("credentials", row).map(|(_, sealed)| sealed)).transpose()
    }

    /// Those for registries of images, with their sealed fields, the newest first.
    pub async fn registry_credentials(
        &self,
        org: &OrgId,
    ) -> Result<Vec<(Credential, Sealed)>, StoreError> {
        let rows: Vec<WithSecret> = sql(concat!(
            "SELECT ",
            columns!(),
            ", sealed, key_id FROM credentials WHERE org_id = $1 AND kind = $2 \
             ORDER BY created_at DESC, id DESC"
        ))
        .bind(org)
        .bind(CredentialKind::Registry.word())
        .all(self.link())
        .await?;
        rows.into_iter()
            .map(|WithSecret { row, sealed: bytes, key_id }| {
                let key = Origin { table: "credentials", id: &row.id }.text("key_id", &key_id)?;
                Ok((Credential::try_from(row)?, Sealed { key, bytes }))
            })
            .collect()
    }

    pub async fn workload_token(
        &self,
        workload: &WorkloadId,
    ) -> Result<Option<WorkloadToken>, StoreError> {
        find_token(self.link(), workload).await
    }

    /// The keys that something in this database is sealed with.
    pub async fn sealing_keys(&self) -> Result<Vec<KeyId>, StoreError> {
        let rows: Vec<(String,)> = sql(
            "SELECT key_id FROM credentials UNION SELECT key_id FROM workload_tokens ORDER BY key_id",
        )
        .all(self.link())
        .await?;
        let named =
            |(key,): &(String,)| Origin { table: "credentials", id: key }.text("key_id", key);
        rows.iter().map(named).collect()
    }
}

impl Write<'_> {
    pub async fn credential(
        &mut self,
        org: &OrgId,
        id: &CredentialId,
    ) -> Result<Option<Credential>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn insert_credential(
        &mut self,
        credential: &Credential,
        secret: Sealed,
    ) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO credentials (",
            columns!(),
            ", name_key, sealed, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ))
        .bind(&credential.id)
        .bind(&credential.org_id)
        .bind(&credential.name)
        .bind(credential.kind.word())
        .bind(&credential.description)
        .bind(json(&credential.fields)?)
        .bind(&credential.creator_id)
        .bind(credential.created_at)
        .bind(key(&credential.name))
        .bind(secret.bytes)
        .bind(secret.key.as_str())
        .run(self.link())
        .await
        .map_err(StoreError::naming("credential name"))?;
        Ok(())
    }

    pub async fn delete_credential(&mut self, id: &CredentialId) -> Result<(), StoreError> {
        sql("DELETE FROM credentials WHERE id = $1").bind(id).run(self.link()).await?;
        Ok(())
    }

    /// Workloads that need the credential when they start anew.
    pub async fn workloads_naming(
        &mut self,
        org: &OrgId,
        credential: &CredentialId,
    ) -> Result<Vec<WorkloadId>, StoreError> {
        naming(self.link(), org, credential).await
    }

    /// Its name, its description and the names of its fields; what is sealed, when there is a new one.
    pub async fn update_credential(
        &mut self,
        credential: &Credential,
        secret: Option<Sealed>,
    ) -> Result<(), StoreError> {
        sql("UPDATE credentials SET name = $2, name_key = $3, description = $4, fields = $5 \
             WHERE id = $1")
        .bind(&credential.id)
        .bind(&credential.name)
        .bind(key(&credential.name))
        .bind(&credential.description)
        .bind(json(&credential.fields)?)
        .run(self.link())
        .await
        .map_err(StoreError::naming("credential name"))?;
        match secret {
            Some(secret) => self.reseal_credential(&credential.id, secret).await,
            None => Ok(()),
        }
    }

    pub async fn workload_token(
        &mut self,
        workload: &WorkloadId,
    ) -> Result<Option<WorkloadToken>, StoreError> {
        find_token(self.link(), workload).await
    }

    pub async fn insert_workload_token(&mut self, token: WorkloadToken) -> Result<(), StoreError> {
        sql("INSERT INTO workload_tokens (workload_id, org_id, token_id, sealed, key_id) \
             VALUES ($1, $2, $3, $4, $5)")
        .bind(&token.workload)
        .bind(&token.org)
        .bind(&token.token)
        .bind(token.secret.bytes)
        .bind(token.secret.key.as_str())
        .run(self.link())
        .await?;
        Ok(())
    }

    pub async fn delete_workload_token(&mut self, workload: &WorkloadId) -> Result<(), StoreError> {
        sql("DELETE FROM workload_tokens WHERE workload_id = $1")
            .bind(workload)
            .run(self.link())
            .await?;
        Ok(())
    }

    /// Every credential with its sealed fields, of all organisations.
    pub async fn sealed_credentials(&mut self) -> Result<Vec<(CredentialId, Sealed)>, StoreError> {
        let rows: Vec<SealedRow> =
            sql("SELECT id, sealed, key_id FROM credentials ORDER BY id").all(self.link()).await?;
        rows.into_iter()
            .map(|row| {
                let (id, secret) = sealed("credentials", row)?;
                Ok((Origin { table: "credentials", id: &id }.text("id", &id)?, secret))
            })
            .collect()
    }

    /// The same for the tokens of workloads.
    pub async fn sealed_workload_tokens(
        &mut self,
    ) -> Result<Vec<(WorkloadId, Sealed)>, StoreError> {
        let rows: Vec<SealedRow> =
            sql("SELECT workload_id, sealed, key_id FROM workload_tokens ORDER BY 1")
                .all(self.link())
                .await?;
        rows.into_iter()
            .map(|row| {
                let (id, secret) = sealed("workload_tokens", row)?;
                Ok((Origin { table: "workload_tokens", id: &id }.text("workload_id", &id)?, secret))
            })
            .collect()
    }

    pub async fn reseal_credential(
        &mut self,
        id: &CredentialId,
        secret: Sealed,
    ) -> Result<(), StoreError> {
        sql("UPDATE credentials SET sealed = $2, key_id = $3 WHERE id = $1")
            .bind(id)
            .bind(secret.bytes)
            .bind(secret.key.as_str())
            .run(self.link())
            .await?;
        Ok(())
    }

    pub async fn reseal_workload_token(
        &mut self,
        id: &WorkloadId,
        secret: Sealed,
    ) -> Result<(), StoreError> {
        sql("UPDATE workload_tokens SET sealed = $2, key_id = $3 WHERE workload_id = $1")
            .bind(id)
            .bind(secret.bytes)
            .bind(secret.key.as_str())
            .run(self.link())
            .await?;
        Ok(())
    }
}
