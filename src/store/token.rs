//! API tokens, by the hash of their secret.

use std::collections::HashMap;

use super::{
    Store, StoreError, Write,
    cell::{Origin, moment},
    sql::{Link, sql},
};
use crate::model::{ApiToken, OrgId, Scope, Timestamp, TokenHash, TokenId, UserId};

macro_rules! columns {
    () => {
        "id, org_id, user_id, name, hash, created_at, scopes, expires_at"
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
    scopes: String,
    expires_at: Option<i64>,
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
            scopes: row
                .scopes
                .split_ascii_whitespace()
                .map(|word| from.text("scopes", word))
                .collect::<Result<_, _>>()?,
            expires_at: moment(row.expires_at),
        })
    }
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(" ")
}

async fn find(link: Link<'_>, org: &OrgId, id: &TokenId) -> Result<Option<ApiToken>, StoreError> {
    let row: Option<Row> = sql(concat!(
        "SELECT ",
        columns!(),
        " FROM tokens WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL"
    ))
    .bind(org)
    .bind(id)
    .one(link)
    .await?;
    row.map(ApiToken::try_from).transpose()
}

impl Store {
    /// One that has not been revoked.
    pub async fn token(&self, org: &OrgId, id: &TokenId) -> Result<Option<ApiToken>, StoreError> {
        find(self.link(), org, id).await
    }

    /// A person's tokens that have not been revoked, newest first.
    pub async fn tokens_of(&self, user: &UserId) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM tokens WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC"
        ))
        .bind(user)
        .all(self.link())
        .await?;
        rows.into_iter().map(ApiToken::try_from).collect()
    }

    /// When a person's tokens were last used, as far as they were; written now and then, see
    /// [`crate::people::SignedIn`].
    pub async fn tokens_used(
        &self,
        user: &UserId,
    ) -> Result<HashMap<TokenId, Timestamp>, StoreError> {
        let rows: Vec<(String, i64)> = sql("SELECT id, used_at FROM tokens \
             WHERE user_id = $1 AND revoked_at IS NULL AND used_at IS NOT NULL")
        .bind(user)
        .all(self.link())
        .await?;
        rows.iter()
            .map(|(id, at)| {
                let from = Origin { table: "tokens", id };
                Ok((from.text("id", id)?, Timestamp::from_micros(*at)))
            })
            .collect()
    }

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
    /// One that has not been revoked.
    pub async fn token(
        &mut self,
        org: &OrgId,
        id: &TokenId,
    ) -> Result<Option<ApiToken>, StoreError> {
        find(self.link(), org, id).await
    }

    /// The token was used at this moment.
    pub async fn token_used(&mut self, id: &TokenId, at: Timestamp) -> Result<(), StoreError> {
        sql("UPDATE tokens SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)")
            .bind(id)
            .bind(at)
            .run(self.link())
            .await?;
        Ok(())
    }

    /// Everything a person could come in with.
    pub async fn revoke_tokens_of(
        &mut self,
        user: &UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sql("UPDATE tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL")
            .bind(user)
            .bind(at)
            .run(self.link())
            .await?;
        Ok(())
    }

    pub async fn insert_token(&mut self, token: &ApiToken) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO tokens (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ))
        .bind(&token.id)
        .bind(&token.org_id)
        .bind(&token.user_id)
        .bind(&token.name)
        .bind(&token.hash)
        .bind(token.created_at)
        .bind(words(&token.scopes))
        .bind(token.expires_at)
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
