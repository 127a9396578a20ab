//! What became of the requests of one proton.
//!
//! Every gateway thread writes its own shard, so that a busy proton does not make the threads pull one
//! cache line back and forth; readers add the shards up. A sum taken while requests end may hold one
//! request's count without its latency. The next sum has both.

use std::{
    cell::Cell,
    iter::Sum,
    ops::{Add, Sub},
    sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use super::{DurationCounts, Durations};
use crate::model::{LATENCY_CLASSES, Minute, Timestamp, latency_class};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The workload answered with this status, and the answer arrived to its last byte.
    Answered(u16),
    /// The answer broke off: the replica died or broke the protocol after its head was sent.
    Cut,
    /// The client left before the answer was complete. Nobody's failure.
    Abandoned,
    /// No answer could be had from the workload.
    Unreachable,
}

/// Sums since this process started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Answers whose head has arrived, finished or not. An open stream counts here at once.
    pub begun: u64,
    /// Complete answers, whatever their status.
    pub answered: u64,
    /// Of those, 4xx.
    pub user_errors: u64,
    /// Of those, 5xx.
    pub server_errors: u64,
    /// Answers that broke off.
    pub cut: u64,
    /// Requests whose client left early.
    pub abandoned: u64,
    /// Requests to which the gateway had to answer itself: no replica ready, unreachable, no answer.
    pub gateway_errors: u64,
}

impl Totals {
    /// Requests without a proper answer, as receipts count them.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.server_errors + self.cut + self.gateway_errors
    }
}

macro_rules! each_field {
    ($($op:ident $method:ident $with:ident),*) => {$(
        impl $op for Totals {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self {
                    begun: self.begun.$with(other.begun),
                    answered: self.answered.$with(other.answered),
                    user_errors: self.user_errors.$with(other.user_errors),
                    server_errors: self.server_errors.$with(other.server_errors),
                    cut: self.cut.$with(other.cut),
                    abandoned: self.abandoned.$with(other.abandoned),
                    gateway_errors: self.gateway_errors.$with(other.gateway_errors),
                }
            }
        }
    )*};
}
each_field!(Add add saturating_add, Sub sub saturating_sub);

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Self::add)
    }
}

/// More threads than this share shards.
pub(super) const SHARDS: usize = 8;

/// The shard that this thread writes.
pub(super) fn shard_of_this_thread() -> usize {
    thread_local! {
        static MINE: Cell<Option<usize>> = const { Cell::new(None) };
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    MINE.with(|mine| {
        mine.get().unwrap_or_else(|| {
            let index = NEXT.fetch_add(1, Relaxed) % SHARDS;
            mine.set(Some(index));
            index
        })
    })
}

/// The counts of one proton.
#[derive(Debug, Default)]
pub struct Counters {
    shards: [Shard; SHARDS],
    /// Most requests open at once since the minute was last taken.
    peak: AtomicU64,
}

/// Aligned so that two shards never share a cache line, nor a pair of lines fetched together.
#[derive(Debug)]
#[repr(align(128))]
struct Shard {
    begun: AtomicU64,
    answered: AtomicU64,
    user_errors: AtomicU64,
    server_errors: AtomicU64,
    cut: AtomicU64,
    abandoned: AtomicU64,
    gateway_errors: AtomicU64,
    last_response: AtomicI64,
    durations: Durations,
    minute: MinuteShard,
}

/// Taken to zero whenever it is read.
#[derive(Debug)]
struct MinuteShard {
    requests: AtomicU64,
    user_errors: AtomicU64,
    server_errors: AtomicU64,
    latencies: [AtomicU64; LATENCY_CLASSES],
}

impl Default for Shard {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self {
            begun: zero(),
            answered: zero(),
            user_errors: zero(),
            server_errors: zero(),
            cut: zero(),
            abandoned: zero(),
            gateway_errors: zero(),
            last_response: AtomicI64::new(i64::MIN),
            durations: Durations::default(),
            minute: MinuteShard {
                requests: zero(),
                user_errors: zero(),
                server_errors: zero(),
                latencies: std::array::from_fn(|_| zero()),
            },
        }
    }
}

impl Counters {
    pub(super) fn opened(&self, inside: u64) {
        // Reading first keeps the line shared while the peak stands.
        if inside > self.peak.load(Relaxed) {
            self.peak.fetch_max(inside, Relaxed);
        }
    }

    pub(super) fn begun(&self, at: Timestamp) {
        let shard = self.mine();
        shard.begun.fetch_add(1, Relaxed);
        shard.last_response.store(at.micros(), Relaxed);
    }

    /// A request that ended, and how long it took.
    pub(super) fn ended(&self, outcome: Outcome, micros: u64) {
        let shard = self.mine();
        let minute = &shard.minute;
        let server_error = |count: &AtomicU64| {
            count.fetch_add(1, Relaxed);
            minute.server_errors.fetch_add(1, Relaxed);
        };
        minute.requests.fetch_add(1, Relaxed);
        match outcome {
            Outcome::Answered(status) => {
                shard.answered.fetch_add(1, Relaxed);
                shard.durations.add(micros);
                minute.latencies[latency_class(micros)].fetch_add(1, Relaxed);
                match status {
                    400..500 => {
                        shard.user_errors.fetch_add(1, Relaxed);
                        minute.user_errors.fetch_add(1, Relaxed);
                    }
                    500.. => server_error(&shard.server_errors),
                    _ => {}
                }
            }
            Outcome::Cut => server_error(&shard.cut),
            Outcome::Unreachable => server_error(&shard.gateway_errors),
            Outcome::Abandoned => {
                shard.abandoned.fetch_add(1, Relaxed);
            }
        }
    }

    /// Sums since this process started.
    pub fn totals(&self) -> Totals {
        self.shards
            .iter()
            .map(|shard| Totals {
                begun: shard.begun.load(Relaxed),
                answered: shard.answered.load(Relaxed),
                user_errors: shard.user_errors.load(Relaxed),
                server_errors: shard.server_errors.load(Relaxed),
                cut: shard.cut.load(Relaxed),
                abandoned: shard.abandoned.load(Relaxed),
                gateway_errors: shard.gateway_errors.load(Relaxed),
            })
            .sum()
    }

    /// How long complete answers took, from the request to their last byte, since this process started.
    pub fn durations(&self) -> DurationCounts {
        let mut all = DurationCounts::default();
        self.shards.iter().for_each(|shard| all += shard.durations.read());
        all
    }

    /// When the head of the latest answer arrived.
    pub fn last_response(&self) -> Option<Timestamp> {
        let latest = self.shards.iter().map(|s| s.last_response.load(Relaxed)).max()?;
        (latest != i64::MIN).then(|| Timestamp::from_micros(latest))
    }

    /// What was counted since this was last called, under the minute that began at `at`; none when there was
    /// nothing. `still_open` is where the next peak starts from.
    pub(super) fn take_minute(&self, at: Timestamp, still_open: u64) -> Option<Minute> {
        let mut taken = Minute {
            at,
            requests: 0,
            user_errors: 0,
            server_errors: 0,
            peak: self.peak.swap(still_open, Relaxed).max(still_open),
            latencies: vec![0; LATENCY_CLASSES],
        };
        for MinuteShard { requests, user_errors, server_errors, latencies } in
            self.shards.iter().map(|shard| &shard.minute)
        {
            taken.requests += requests.swap(0, Relaxed);
            taken.user_errors += user_errors.swap(0, Relaxed);
            taken.server_errors += server_errors.swap(0, Relaxed);
            for (sum, class) in taken.latencies.iter_mut().zip(latencies) {
                *sum += class.swap(0, Relaxed);
            }
        }
        (taken.requests > 0 || taken.peak > 0).then_some(taken)
    }

    fn mine(&self) -> &Shard {
        &self.shards[shard_of_this_thread()]
    }
}
