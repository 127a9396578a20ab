//! Where everything that must outlive the process is kept: SQLite by default, PostgreSQL by URL.
//!
//! Both run the same SQL text. An enum of two native pools keeps what differs (how a connection is opened
//! and a write begins) in this file and [`sql`]; the rest has one file per aggregate.
//!
//! Writes take turns: a [`Write`] is one transaction, and at any moment one of them is open, on SQLite by
//! `BEGIN IMMEDIATE` on a single writing connection, on PostgreSQL by an advisory lock that the transaction
//! holds. What a use case reads inside its transaction is therefore still true when it commits ("one
//! workload per draft" needs that; revisions alone do not give it), READ COMMITTED is enough, and there is
//! no serialisation failure or deadlock to retry. Revisions still matter: they catch what changed between
//! reading outside of a transaction and writing inside one.
//!
//! Limitation: one writer at a time is a ceiling of some hundred use cases per second on a disk that syncs
//! every commit. Reads are not held up by writes on either database.

mod artifact;
mod audit;
mod build;
mod catalog;
mod cell;
mod counted;
mod credential;
mod deployment;
mod error;
mod event;
mod grant;
mod group;
mod idempotency;
mod lease;
mod list;
mod minute;
mod proton;
mod replacement;
mod repository;
mod retention;
mod session;
mod sql;
mod stage;
mod tag;
mod tally;
mod token;
mod usage;
mod user;
mod workload;
mod workload_filter;
mod write;

use std::{
    path::Path,
    str::FromStr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

pub use artifact::{ArtifactFilter, ArtifactKey, ArtifactOrder};
pub use audit::{AuditFilter, AuditRow, TrailHead, Witness};
pub use catalog::VersionFilter;
pub use credential::{CredentialFilter, WorkloadToken};
pub use deployment::{DeploymentFilter, DeploymentKey, DeploymentOrder, Governed};
pub use error::StoreError;
pub use event::EventFilter;
pub use grant::Viewer;
pub use group::GroupFilter;
pub use idempotency::{KeyState, Keyed, KeyedBy};
pub use list::Paging;
pub use minute::{DayCount, Grain, Hour, Whose, day_of};
pub use repository::{RepositoryFilter, RepositoryKey, RepositoryOrder};
pub use retention::{Cutoffs, Kept};
pub use session::{Session, SignInLink};
pub use tag::TagFilter;
pub use tally::Tally;
pub use user::UserFilter;
pub use workload::Door;
pub use workload_filter::{WorkloadFilter, WorkloadKey, WorkloadOrder};
pub use write::Write;

use sql::Link;

/// How long a statement or a turn to write is waited for before it counts as [`StoreError::Busy`].
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that read at the same time.
const READERS: u32 = 8;

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    newest: watch::Sender<i64>,
    counted: counted::Counted,
    witness: OnceLock<Arc<dyn Witness>>,
}

/// Readers and the writer have connections of their own, so that writers waiting for their turn never keep
/// a page from being read. The writer has one: a process's own writers queue for it, first come first served.
#[derive(Debug)]
enum Pools {
    Sqlite { reader: SqlitePool, writer: SqlitePool },
    Pg { reader: PgPool, writer: PgPool },
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("pools", &self.pools).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens `sqlite:<path>` (made when missing) or `postgres://…`, and brings the tables up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
            Self::over(Pools::sqlite(options).await?).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
            Self::over(Pools::postgres(options).await?).await
        } else {
            Err(StoreError::Url)
        }
    }

    /// Opens a SQLite file, whatever characters its path holds.
    pub async fn open_file(path: &Path) -> Result<Self, StoreError> {
        Self::over(Pools::sqlite(SqliteConnectOptions::new().filename(path)).await?).await
    }

    async fn over(pools: Pools) -> Result<Self, StoreError> {
        let store = Self {
            inner: Arc::new(Inner {
                pools,
                newest: watch::Sender::new(0),
                counted: counted::Counted::default(),
                witness: OnceLock::new(),
            }),
        };
        let head = sql::sql("SELECT COALESCE(MAX(seq), 0) FROM heads").number(store.link()).await?;
        store.inner.newest.send_replace(head);
        Ok(store)
    }

    /// The newest event number that was committed through this process, as a reason to look. Numbers are
    /// per organisation and this is the highest of all; what other processes commit does not show here.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.inner.newest.subscribe()
    }

    /// Finishes what runs and closes the connections; on SQLite this also empties the write-ahead log.
    pub async fn close(&self) {
        match &self.inner.pools {
            Pools::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Pg { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
        }
    }

    fn link(&self) -> Link<'_> {
        match &self.inner.pools {
            Pools::Sqlite { reader, .. } => Link::SqlitePool(reader),
            Pools::Pg { reader, .. } => Link::PgPool(reader),
        }
    }
}

impl Pools {
    async fn sqlite(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        // FULL: a commit is on the disk when it returns, so a power cut loses no answer that was given.
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        let pool = |connections| {
            SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&writer).await.map_err(StoreError::Migrate)?;
        let reader = pool(READERS).connect_with(options.pragma("query_only", "1")).await?;
        Ok(Self::Sqlite { reader, writer })
    }

    async fn postgres(options: PgConnectOptions) -> Result<Self, StoreError> {
        let options = options.application_name("handover").disable_statement_logging();
        let pool = |connections| {
            PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&writer).await.map_err(StoreError::Migrate)?;
        let reader = pool(READERS).connect_with(options).await?;
        Ok(Self::Pg { reader, writer })
    }
}
