//! One word that answers both "may I come in?" and "is anybody still inside?".
//!
//! Two variables could not: between reading *open* and counting oneself, the gate could be closed and seen
//! to be empty. With the flag and the count in one word, entering is a single atomic add whose result says
//! whether the gate was closed at that very moment.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

const CLOSED: u64 = 1 << 63;

/// Counts who is inside, and can be closed to newcomers.
#[derive(Debug, Default)]
pub struct Gate {
    word: AtomicU64,
    /// Woken when the word may have become "closed, and nobody inside".
    idle: Notify,
}

impl Gate {
    /// Enters, and says how many are inside now; `None` when the gate is closed. Whoever entered must
    /// [`Gate::leave`].
    pub fn enter(&self) -> Option<u64> {
        let before = self.word.fetch_add(1, Ordering::AcqRel);
        if before & CLOSED == 0 {
            return Some(before + 1);
        }
        self.leave();
        None
    }

    pub fn leave(&self) {
        if self.word.fetch_sub(1, Ordering::AcqRel) == CLOSED | 1 {
            self.idle.notify_waiters();
        }
    }

    /// Lets nobody else in. Those inside stay.
    pub fn close(&self) {
        self.word.fetch_or(CLOSED, Ordering::AcqRel);
        self.idle.notify_waiters();
    }

    pub fn reopen(&self) {
        self.word.fetch_and(!CLOSED, Ordering::AcqRel);
    }

    pub fn is_closed(&self) -> bool {
        self.word.load(Ordering::Acquire) & CLOSED != 0
    }

    /// How many are inside. A newcomer who is being refused counts for an instant.
    pub fn inside(&self) -> u64 {
        self.word.load(Ordering::Acquire) & !CLOSED
    }

    /// Closed, and nobody inside: until it is reopened, nobody will be.
    pub fn is_idle(&self) -> bool {
        self.word.load(Ordering::Acquire) == CLOSED
    }

    /// Returns once the gate has been seen closed with nobody inside.
    pub async fn wait_idle(&self) {
        loop {
            let mut changed = std::pin::pin!(self.idle.notified());
            // Listening must begin before looking, or a change between the two is missed.
            changed.as_mut().enable();
            if self.is_idle() {
                return;
            }
            changed.await;
        }
    }
}
