//! API tokens, by the hash of their secret.

use super::{Store, StoreError, Write, cell::Origin, sql::sql};
use crate::model::{ApiToken, OrgId, Timestamp, TokenHash, TokenId};

macro_rules! columns {
    () => {
        "id, org_id, user_id, name, hash, created_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    user_id: String,
    name: String,
    hash: Vec<u8>,
    created_at: i64,
}

impl TryFrom<Row> for ApiToken {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "tokens", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            user_id: from.text("user_id", &row.user_id)?,
            name: row.name,
            hash: TokenHash(row.hash.try_into().map_err(|_| from.corrupt("hash"))?),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

impl Store {
    /// Every token of the installation that has not been revoked.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM tokens WHERE revoked_at IS NULL ORDER BY created_at, id"
        ))
        .all(self.link())
        .await?;
        rows.into_iter().map(ApiToken::try_from).collect()
    }
}

impl Write<'_> {
    pub async fn insert_token(&mut self, token: &ApiToken) -> Result<(), StoreError> {
        sql(concat!("INSERT INTO tokens (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6)"))
            .bind(&token.id)
            .bind(&token.org_id)
            .bind(&token.user_id)
            .bind(&token.name)
            .bind(&token.hash)
            .bind(token.created_at)
            .run(self.link())
            .await
            .map_err(StoreError::naming("token"))?;
        Ok(())
    }

    /// Says whether there was such a token that still worked.
    pub async fn revoke_token(
        &mut self,
        org: &OrgId,
        id: &TokenId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let touched = sql("UPDATE tokens SET revoked_at = $3 \
             WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL")
        .bind(org)
        .bind(id)
        .bind(at)
        .run(self.link())
        .await?;
        Ok(touched == 1)
    }
}
