//! Time as a parameter. Nothing else in the house may ask what time it is or wait for it, so that a test
//! can run an eight-hour deadline in a millisecond, and a jump of the wall clock is just another input.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::{Instant, SystemTime},
};

use tokio::sync::Notify;

use crate::model::{Millis, Timestamp};

#[async_trait::async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The wall clock: for draft deadlines and for times shown to people. It may jump.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment. Never jumps, never goes back.
    fn monotonic(&self) -> Millis;
    /// Returns after `length` of this clock's time, or earlier: callers look again.
    async fn sleep(&self, length: Millis);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Millis {
        self.start.elapsed().into()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that waits")]
    async fn sleep(&self, length: Millis) {
        tokio::time::sleep(length.into()).await;
    }
}

/// The machine's clock with an offset that a test moves. Real processes and sockets go on in real time;
/// what is measured in minutes and hours is jumped over.
#[derive(Debug, Default)]
pub struct ShiftedClock {
    real: SystemClock,
    /// Added to the wall clock, in milliseconds; may be negative.
    wall: AtomicI64,
    /// Added to monotonic time, in milliseconds.
    spent: AtomicU64,
    moved: Notify,
}

impl ShiftedClock {
    /// Lets `length` pass, on both clocks, and wakes whoever sleeps.
    pub fn advance(&self, length: Millis) {
        self.spent.fetch_add(length.0, Ordering::SeqCst);
        self.jump(i64::try_from(length.0).unwrap_or(i64::MAX));
    }

    /// Moves the wall clock alone, as a correction by the administrator or NTP does.
    pub fn jump(&self, millis: i64) {
        self.wall.fetch_add(millis, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

#[async_trait::async_trait]
impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        let micros = self.wall.load(Ordering::SeqCst).saturating_mul(1000);
        Timestamp::from_micros(self.real.now().micros().saturating_add(micros))
    }

    fn monotonic(&self) -> Millis {
        self.real.monotonic().saturating_add(Millis(self.spent.load(Ordering::SeqCst)))
    }

    async fn sleep(&self, length: Millis) {
        tokio::select! {
            () = self.real.sleep(length) => {}
            () = self.moved.notified() => {}
        }
    }
}
