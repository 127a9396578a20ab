//! Console sessions, and the links that let a person in without a password once.

use super::{
    Store, StoreError, Write,
    cell::{Origin, moment},
    sql::{Link, sql},
};
use crate::model::{OrgId, Timestamp, TokenHash, UserId};

/// A session as the session layer keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    /// What the session layer wrote; not read here.
    pub data: String,
    /// None before somebody has signed in.
    pub user_id: Option<UserId>,
    pub created_at: Timestamp,
    /// When it was last used; written now and then, see [`crate::people::SignedIn`].
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// Where somebody signed in from.
    pub address: Option<String>,
    /// What their browser calls itself.
    pub client: Option<String>,
}

/// A link that signs a person in, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLink {
    pub hash: TokenHash,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, data, user_id, created_at, seen_at, expires_at, address, client"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    data: String,
    user_id: Option<String>,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    address: Option<String>,
    client: Option<String>,
}

impl TryFrom<Row> for Session {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        // The id of a session is a secret, so the error must not carry it.
        let from = Origin { table: "sessions", id: "(secret)" };
        Ok(Self {
            user_id: from.maybe("user_id", row.user_id.as_deref())?,
            id: row.id,
            data: row.data,
            created_at: Timestamp::from_micros(row.created_at),
            seen_at: Timestamp::from_micros(row.seen_at),
            expires_at: Timestamp::from_micros(row.expires_at),
            address: row.address,
            client: row.client,
        })
    }
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    org_id: String,
    user_id: String,
    expires_at: i64,
    used_at: Option<i64>,
}

async fn find_link(link: Link<'_>, hash: &TokenHash) -> Result<Option<SignInLink>, StoreError> {
    let row: Option<LinkRow> =
        sql("SELECT org_id, user_id, expires_at, used_at FROM sign_in_links WHERE hash = $1")
            .bind(hash)
            .one(link)
            .await?;
    row.map(|row| {
        let from = Origin { table: "sign_in_links", id: "(secret)" };
        Ok(SignInLink {
            hash: *hash,
            org_id: from.text("org_id", &row.org_id)?,
            user_id: from.text("user_id", &row.user_id)?,
            expires_at: Timestamp::from_micros(row.expires_at),
            used_at: moment(row.used_at),
        })
    })
    .transpose()
}

impl Store {
    /// A session that has not expired.
    pub async fn session(&self, id: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row: Option<Row> =
            sql(concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1 AND expires_at > $2"))
                .bind(id)
                .bind(now)
                .one(self.link())
                .await?;
        row.map(Session::try_from).transpose()
    }

    /// Every session that has not expired.
    pub async fn all_sessions(&self, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<Row> =
            sql(concat!("SELECT ", columns!(), " FROM sessions WHERE expires_at > $1 ORDER BY id"))
                .bind(now)
                .all(self.link())
                .await?;
        rows.into_iter().map(Session::try_from).collect()
    }

    /// A person's sessions that have not expired, newest first.
    pub async fn sessions_of(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id"
        ))
        .bind(user)
        .bind(now)
        .all(self.link())
        .await?;
        rows.into_iter().map(Session::try_from).collect()
    }

    /// A sign-in link, used or not, expired or not.
    pub async fn link_by_hash(&self, hash: &TokenHash) -> Result<Option<SignInLink>, StoreError> {
        find_link(self.link(), hash).await
    }
}

impl Write<'_> {
    /// A new session; says false when the id is taken, so that another is made.
    pub async fn insert_session(&mut self, session: &Session) -> Result<bool, StoreError> {
        let touched = sql(concat!(
            "INSERT INTO sessions (",
            columns!(),
            ", org_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
             (SELECT org_id FROM users WHERE id = $3)) ON CONFLICT (id) DO NOTHING"
        ))
        .bind(&session.id)
        .bind(&session.data)
        .bind(&session.user_id)
        .bind(session.created_at)
        .bind(session.seen_at)
        .bind(session.expires_at)
        .bind(&session.address)
        .bind(&session.client)
        .run(self.link())
        .await?;
        Ok(touched == 1)
    }

    /// Writes the session over what is there; when it began stays. Says false when it is not there any more: whoever
    /// has signed out is not signed in again by what a page that was still being made has to remember.
    pub async fn save_session(&mut self, session: &Session) -> Result<bool, StoreError> {
        let touched = sql("UPDATE sessions SET data = $2, user_id = $3, seen_at = $4, \
             expires_at = $5, address = $6, client = $7, \
             org_id = (SELECT org_id FROM users WHERE id = $3) WHERE id = $1")
        .bind(&session.id)
        .bind(&session.data)
        .bind(&session.user_id)
        .bind(session.seen_at)
        .bind(session.expires_at)
        .bind(&session.address)
        .bind(&session.client)
        .run(self.link())
        .await?;
        Ok(touched == 1)
    }

    /// The session was used at this moment.
    pub async fn session_seen(&mut self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        sql("UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2")
            .bind(id)
            .bind(at)
            .run(self.link())
            .await?;
        Ok(())
    }

    pub async fn delete_session(&mut self, id: &str) -> Result<(), StoreError> {
        sql("DELETE FROM sessions WHERE id = $1").bind(id).run(self.link()).await?;
        Ok(())
    }

    /// Signs a person out everywhere.
    pub async fn delete_sessions_of(&mut self, user: &UserId) -> Result<(), StoreError> {
        sql("DELETE FROM sessions WHERE user_id = $1").bind(user).run(self.link()).await?;
        Ok(())
    }

    /// Forgets expired sessions and links; says how many.
    pub async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let sessions =
            sql("DELETE FROM sessions WHERE expires_at <= $1").bind(now).run(self.link()).await?;
        let links = sql("DELETE FROM sign_in_links WHERE expires_at <= $1")
            .bind(now)
            .run(self.link())
            .await?;
        Ok(sessions + links)
    }

    pub async fn insert_link(&mut self, link: &SignInLink) -> Result<(), StoreError> {
        sql("INSERT INTO sign_in_links (hash, org_id, user_id, expires_at, used_at) \
             VALUES ($1, $2, $3, $4, $5)")
        .bind(&link.hash)
        .bind(&link.org_id)
        .bind(&link.user_id)
        .bind(link.expires_at)
        .bind(link.used_at)
        .run(self.link())
        .await
        .map_err(StoreError::naming("sign-in link"))?;
        Ok(())
    }

    /// Uses a link up. Gives the person only when it had neither been used nor expired.
    pub async fn use_link(
        &mut self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let row: Option<(String,)> = sql("UPDATE sign_in_links SET used_at = $2 \
             WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING user_id")
        .bind(hash)
        .bind(now)
        .one(self.link())
        .await?;
        let from = Origin { table: "sign_in_links", id: "(secret)" };
        row.map(|(user,)| from.text("user_id", &user)).transpose()
    }
}
