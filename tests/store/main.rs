//! The store, on SQLite and on PostgreSQL: every test runs on both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "the numbers that tests count with are small"
)]

mod any;
mod make;
mod postgres;

mod audit;
mod counted;
mod counters;
mod deployments;
mod events;
mod lists;
mod many;
mod people;
mod round_trips;
mod rules;
mod sealed;
mod uploads;
mod usage;

use handover::store::Store;

/// A database of its own for one test.
pub(crate) struct Place {
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("handover.db").display());
        Self { url, _folder: Some(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        Self { url: postgres::new_database().await, _folder: None }
    }

    /// Opens it, as one more process would.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }
}

/// Declares a test that runs on both databases; its parameter is the [`Place`] it may use.
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($place:ident) $body:block) => {
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($place: $crate::Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                run($crate::Place::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                run($crate::Place::postgres().await).await;
            }
        }
    };
}
pub(crate) use on_both;
