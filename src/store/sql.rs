//! One statement for both databases. Everything database-specific about running a statement is here, so
//! that the files of the aggregates hold nothing but SQL and rows.
//!
//! Arguments are one enum of the few types that both databases agree on; a statement therefore always
//! binds the same types, which PostgreSQL's cached statements need.

use sqlx::{
    AssertSqlSafe, FromRow, PgConnection, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite,
    SqliteConnection, SqlitePool, postgres::PgRow, sqlite::SqliteRow,
};

use crate::model::{
    ArtifactId, BuildId, CatalogId, CatalogVersionId, ChangeRequestId, CredentialId, DeploymentId,
    EventId, GroupId, OrgId, ProtonId, ReplacementId, RepositoryId, StageId, TagId, Timestamp,
    TokenHash, TokenId, UserId, WorkloadId,
};

/// Where a statement runs: on any connection of a pool, or inside a transaction.
pub(super) enum Link<'a> {
    SqlitePool(&'a SqlitePool),
    PgPool(&'a PgPool),
    Sqlite(&'a mut SqliteConnection),
    Pg(&'a mut PgConnection),
}

/// A row type that both databases can give.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
    Bytes(Vec<u8>),
}

pub(super) struct Statement {
    text: SqlStr,
    args: Vec<Arg>,
}

pub(super) fn sql(text: &'static str) -> Statement {
    Statement { text: text.into_sql_str(), args: Vec::new() }
}

/// A statement put together from our own constants; every value is an argument.
pub(super) fn composed(text: String, args: Vec<Arg>) -> Statement {
    Statement { text: AssertSqlSafe(text).into_sql_str(), args }
}

macro_rules! bound {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Text(value) => query.bind(value),
                Arg::Int(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

macro_rules! on {
    ($link:expr, |$db:ident, $kind:ident| $body:expr) => {
        match $link {
            Link::SqlitePool($db) => {
                type $kind = Sqlite;
                $body
            }
            Link::PgPool($db) => {
                type $kind = Postgres;
                $body
            }
            Link::Sqlite($db) => {
                type $kind = Sqlite;
                $body
            }
            Link::Pg($db) => {
                type $kind = Postgres;
                $body
            }
        }
    };
}

impl Statement {
    pub(super) fn bind(mut self, arg: impl Into<Arg>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Runs it and says how many rows it touched.
    pub(super) async fn run(self, link: Link<'_>) -> Result<u64, sqlx::Error> {
        let Self { text, args } = self;
        Ok(on!(link, |db, Db| bound!(sqlx::query::<Db>(text), args)
            .execute(db)
            .await?
            .rows_affected()))
    }

    pub(super) async fn all<T: Row>(self, link: Link<'_>) -> Result<Vec<T>, sqlx::Error> {
        let Self { text, args } = self;
        on!(link, |db, Db| bound!(sqlx::query_as::<Db, T>(text), args).fetch_all(db).await)
    }

    pub(super) async fn one<T: Row>(self, link: Link<'_>) -> Result<Option<T>, sqlx::Error> {
        let Self { text, args } = self;
        on!(link, |db, Db| bound!(sqlx::query_as::<Db, T>(text), args).fetch_optional(db).await)
    }

    /// The one number of a row that always comes, such as a count.
    pub(super) async fn number(self, link: Link<'_>) -> Result<i64, sqlx::Error> {
        let row: Option<(i64,)> = self.one(link).await?;
        row.map(|(n,)| n).ok_or(sqlx::Error::RowNotFound)
    }
}

/// PostgreSQL can't hold the character NUL in text and SQLite's functions stop at it, so it is shown as
/// what it is: not a character.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(Some(storable(text)))
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Option<String>> for Arg {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.as_deref().map(storable))
    }
}

impl From<Option<&'static str>> for Arg {
    fn from(text: Option<&'static str>) -> Self {
        Self::Text(text.map(storable))
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

/// Counters stop at the largest number a column holds, which no counter reaches.
impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        Self::Int(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<Option<i64>> for Arg {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Arg {
    fn from(flag: bool) -> Self {
        Self::Int(Some(i64::from(flag)))
    }
}

impl From<Timestamp> for Arg {
    fn from(at: Timestamp) -> Self {
        Self::Int(Some(at.micros()))
    }
}

impl From<Option<Timestamp>> for Arg {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Int(at.map(Timestamp::micros))
    }
}

impl From<Vec<u8>> for Arg {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&TokenHash> for Arg {
    fn from(hash: &TokenHash) -> Self {
        Self::Bytes(hash.0.to_vec())
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl From<&$id> for Arg {
            fn from(id: &$id) -> Self {
                Self::Text(Some(id.as_str().to_owned()))
            }
        }

        impl From<&Option<$id>> for Arg {
            fn from(id: &Option<$id>) -> Self {
                Self::Text(id.as_ref().map(|id| id.as_str().to_owned()))
            }
        }
    )*};
}

ids!(
    ArtifactId,
    BuildId,
    CatalogId,
    CatalogVersionId,
    ChangeRequestId,
    CredentialId,
    DeploymentId,
    EventId,
    GroupId,
    OrgId,
    ProtonId,
    ReplacementId,
    RepositoryId,
    StageId,
    TagId,
    TokenId,
    UserId,
    WorkloadId
);
