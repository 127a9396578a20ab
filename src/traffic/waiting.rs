//! Requests that wait until a sleeping workload has a replica.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, futures::Notified};

/// Each holds a connection and the head of a request. More than this is an attack or a mistake.
const MOST: u64 = 1024;

/// The waiting room of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    inside: AtomicU64,
    bell: Notify,
    news: Notify,
}

/// A place in it, given up when dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Waiting);

impl Waiting {
    /// Takes a place and rings the bell; none when all are taken.
    pub(super) fn enter(&self) -> Option<Place<'_>> {
        if self.inside.fetch_add(1, Ordering::AcqRel) >= MOST {
            self.inside.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        let place = Place(self);
        // Kept for one who listens later, and rings once however many come.
        self.bell.notify_one();
        Some(place)
    }

    pub(super) fn count(&self) -> u64 {
        self.inside.load(Ordering::Acquire).min(MOST)
    }

    pub(super) fn call(&self) {
        self.news.notify_waiters();
    }

    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Place<'_> {
    /// Becomes ready at the next call.
    pub(super) fn news(&self) -> Notified<'_> {
        self.0.news.notified()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
    }
}
