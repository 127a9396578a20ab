//! What replicas used, as it was seen again and again (rules.md §16).

use super::{Timestamp, words};

words! {
    /// What is kept over time.
    UsageMetric { Replicas = "replicas", Cpu = "cpu", Memory = "memory" }
}

/// Sums over looks at the replicas of one proton, or of several: divided by the looks, they are means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// When the time begins that the looks were taken in.
    pub at: Timestamp,
    pub looks: u64,
    /// Replicas that were ready, and those that there should have been.
    pub ready: u64,
    pub wanted: u64,
    /// Restarts since the look before; a number of them, not a sum over looks.
    pub restarts: u64,
    /// Looks at which the cpu use of every replica was known.
    pub cpu_looks: u64,
    /// Thousandths of a core that were used, and that were asked for; the second is zero when nothing was.
    pub cpu_used: u64,
    pub cpu_asked: u64,
    /// The same for resident memory, in bytes.
    pub memory_looks: u64,
    pub memory_used: u64,
    pub memory_asked: u64,
}

impl Usage {
    /// Adds what was seen at other moments.
    pub fn add(&mut self, more: &Self) {
        self.looks += more.looks;
        self.ready += more.ready;
        self.wanted += more.wanted;
        self.restarts += more.restarts;
        self.cpu_looks += more.cpu_looks;
        self.cpu_used += more.cpu_used;
        self.cpu_asked += more.cpu_asked;
        self.memory_looks += more.memory_looks;
        self.memory_used += more.memory_used;
        self.memory_asked += more.memory_asked;
    }

    /// Replicas that were ready, on average; none without a look.
    #[must_use]
    pub fn mean_ready(&self) -> Option<f64> {
        ratio(self.ready, self.looks)
    }

    /// Replicas that there should have been, on average.
    #[must_use]
    pub fn mean_wanted(&self) -> Option<f64> {
        ratio(self.wanted, self.looks)
    }

    /// Cores that all replicas used together, on average; none when it was never known.
    #[must_use]
    pub fn cores(&self) -> Option<f64> {
        ratio(self.cpu_used, self.cpu_looks).map(|millis| millis / 1000.0)
    }

    /// Bytes that all replicas held together, on average.
    #[must_use]
    pub fn memory(&self) -> Option<f64> {
        ratio(self.memory_used, self.memory_looks)
    }

    /// Cpu use as a share of what was asked for, in percent; none when nothing was.
    #[must_use]
    pub fn cpu_share(&self) -> Option<f64> {
        ratio(self.cpu_used, self.cpu_asked).map(|share| share * 100.0)
    }

    /// The same of memory.
    #[must_use]
    pub fn memory_share(&self) -> Option<f64> {
        ratio(self.memory_used, self.memory_asked).map(|share| share * 100.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no more than 52 bits")]
fn ratio(sum: u64, number: u64) -> Option<f64> {
    (number > 0).then(|| sum as f64 / number as f64)
}

#[cfg(test)]
mod tests {
    use super::Usage;

    #[test]
    fn what_was_not_known_is_no_zero() {
        let mut usage = Usage { looks: 2, ready: 3, wanted: 4, ..Usage::default() };
        assert_eq!((usage.mean_ready(), usage.mean_wanted()), (Some(1.5), Some(2.0)));
        assert_eq!((usage.cores(), usage.memory(), usage.cpu_share()), (None, None, None));
        let known = Usage { looks: 2, cpu_looks: 1, cpu_used: 250, cpu_asked: 500, ..usage };
        usage.add(&known);
        assert_eq!((usage.looks, usage.cores(), usage.cpu_share()), (4, Some(0.25), Some(50.0)));
        assert_eq!(Usage::default().mean_ready(), None);
    }
}
