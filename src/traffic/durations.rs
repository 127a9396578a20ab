//! How long requests took since this process started, in a few fixed classes: what a scraper needs, who adds up
//! the same classes of many servers. The statistics on the pages have finer ones, by the minute.

use std::{
    ops::AddAssign,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Upper bounds of the classes in microseconds, the usual ones of Prometheus and two below; the last class has none.
pub const DURATION_BOUNDS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

const CLASSES: usize = DURATION_BOUNDS.len() + 1;

/// Counts, written by many threads.
#[derive(Debug, Default)]
pub struct Durations {
    counts: [AtomicU64; CLASSES],
    micros: AtomicU64,
}

impl Durations {
    pub fn add(&self, micros: u64) {
        let class = DURATION_BOUNDS.partition_point(|bound| *bound < micros);
        self.counts[class].fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    pub fn read(&self) -> DurationCounts {
        DurationCounts {
            counts: self.counts.each_ref().map(|count| count.load(Relaxed)),
            micros: self.micros.load(Relaxed),
        }
    }
}

/// What was counted up to a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DurationCounts {
    /// Requests in each class.
    pub counts: [u64; CLASSES],
    /// All of them together took so long.
    pub micros: u64,
}

impl AddAssign for DurationCounts {
    fn add_assign(&mut self, other: Self) {
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
        self.micros += other.micros;
    }
}

#[cfg(test)]
mod tests {
    use super::{DURATION_BOUNDS, DurationCounts, Durations};

    #[test]
    fn a_class_holds_what_is_not_above_its_bound() {
        let durations = Durations::default();
        let times = [0, 1_000, 1_001, 10_000_000, 10_000_001, u64::from(u32::MAX)];
        for micros in times {
            durations.add(micros);
        }
        let mut seen = durations.read();
        let mut counts = [0; DURATION_BOUNDS.len() + 1];
        (counts[0], counts[1], counts[12], counts[13]) = (2, 1, 1, 2);
        assert_eq!(seen, DurationCounts { counts, micros: times.iter().sum() });
        seen += durations.read();
        assert_eq!((seen.counts[0], seen.micros), (4, 2 * times.iter().sum::<u64>()));
    }
}
