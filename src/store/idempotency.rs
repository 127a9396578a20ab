//! Requests that were sent under a key, and what was answered.

use super::{StoreError, Write, cell::Origin, sql::sql};
use crate::{
    model::{OrgId, Timestamp, UserId, words},
    secrets::Sealed,
};

words! {
    /// How far a request has come.
    KeyState {
        Running = "running",
        Done = "done",
        /// The server ended while it was being carried out.
        Lost = "lost",
    }
}

/// A key, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedBy {
    pub org: OrgId,
    pub user: UserId,
    pub name: String,
}

/// A key that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// Of the request it was first used for.
    pub fingerprint: Vec<u8>,
    pub state: KeyState,
    /// None unless it is done.
    pub answer: Option<Sealed>,
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: Vec<u8>,
    state: String,
    answer: Vec<u8>,
    key_id: String,
}

impl Write<'_> {
    /// The use of a key that is not over yet.
    pub async fn keyed(
        &mut self,
        by: &KeyedBy,
        now: Timestamp,
    ) -> Result<Option<Keyed>, StoreError> {
        let row: Option<Row> = sql("SELECT fingerprint, state, answer, key_id \
             FROM idempotency_keys WHERE user_id = $1 AND name = $2 AND expires_at > $3")
        .bind(&by.user)
        .bind(&by.name)
        .bind(now)
        .one(self.link())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let from = Origin { table: "idempotency_keys", id: &by.name };
        let state = from.text("state", &row.state)?;
        let answer = match state {
            KeyState::Done => {
                Some(Sealed { key: from.text("key_id", &row.key_id)?, bytes: row.answer })
            }
            KeyState::Running | KeyState::Lost => None,
        };
        Ok(Some(Keyed { fingerprint: row.fingerprint, state, answer }))
    }

    /// Takes a key into use, and forgets all whose time is over.
    pub async fn begin_keyed(
        &mut self,
        by: &KeyedBy,
        fingerprint: Vec<u8>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        sql("DELETE FROM idempotency_keys WHERE expires_at <= $1")
            .bind(now)
            .run(self.link())
            .await?;
        sql("INSERT INTO idempotency_keys (user_id, name, org_id, fingerprint, state, answer, \
             key_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(&by.user)
        .bind(&by.name)
        .bind(&by.org)
        .bind(fingerprint)
        .bind(KeyState::Running.word())
        .bind(Vec::new())
        .bind("")
        .bind(until)
        .run(self.link())
        .await
        .map_err(StoreError::naming("idempotency key"))?;
        Ok(())
    }

    pub async fn finish_keyed(&mut self, by: &KeyedBy, answer: Sealed) -> Result<(), StoreError> {
        sql("UPDATE idempotency_keys SET state = $3, answer = $4, key_id = $5 \
             WHERE user_id = $1 AND name = $2")
        .bind(&by.user)
        .bind(&by.name)
        .bind(KeyState::Done.word())
        .bind(answer.bytes)
        .bind(answer.key.as_str())
        .run(self.link())
        .await?;
        Ok(())
    }

    /// Gives a key back, as if it had not been used.
    pub async fn forget_keyed(&mut self, by: &KeyedBy) -> Result<(), StoreError> {
        sql("DELETE FROM idempotency_keys WHERE user_id = $1 AND name = $2")
            .bind(&by.user)
            .bind(&by.name)
            .run(self.link())
            .await?;
        Ok(())
    }

    /// Nobody carries out any more what a former server had begun. Says how many there were.
    pub async fn lose_keyed(&mut self) -> Result<u64, StoreError> {
        let lost = sql("UPDATE idempotency_keys SET state = $1 WHERE state = $2")
            .bind(KeyState::Lost.word())
            .bind(KeyState::Running.word())
            .run(self.link())
            .await?;
        Ok(lost)
    }
}
