//! Cpu and memory of a replica, read from the kernel's accounts of its processes. Reported, not enforced.
//!
//! Known limitations: a process that ended between two looks takes its cpu time with it, and memory shared
//! between processes is counted once for each.

use super::procfs::Stat;
use crate::{engine::supervised::runner::Used, model::Millis};

/// Shorter spans than this say little about cpu.
const SPAN: Millis = Millis::seconds(1);

/// The last look at a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    at: Millis,
    /// None before the first look.
    ticks: Option<u64>,
    used: Used,
}

impl Meter {
    pub(super) fn read(&mut self, members: &[Stat], now: Millis) -> Used {
        if members.is_empty() {
            // The table is older than the run.
            return Used::default();
        }
        let ticks: u64 = members.iter().map(|stat| stat.cpu_ticks).sum();
        let pages: u64 = members.iter().map(|stat| stat.resident_pages).sum();
        let passed = now.saturating_sub(self.at);
        self.used.memory_bytes = Some(pages * rustix::param::page_size() as u64);
        match self.ticks {
            Some(before) if passed >= SPAN => {
                let per_second = rustix::param::clock_ticks_per_second().max(1);
                let millis = ticks.saturating_sub(before) * 1000 / per_second;
                self.used.cpu_millis = Some(millis * 1000 / passed.0);
                (self.at, self.ticks) = (now, Some(ticks));
            }
            Some(_) => {}
            None => (self.at, self.ticks) = (now, Some(ticks)),
        }
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::Meter;
    use crate::{
        engine::{process::procfs::Stat, supervised::runner::Used},
        model::Millis,
    };

    #[test]
    fn cpu_is_the_share_of_a_core_since_the_last_look() {
        let ticks = rustix::param::clock_ticks_per_second();
        let stat = |cpu_ticks| Stat {
            pid: 1,
            group: 1,
            session: 1,
            ended: false,
            cpu_ticks,
            start: 0,
            resident_pages: 3,
        };
        let memory_bytes = Some(3 * rustix::param::page_size() as u64);
        let mut meter = Meter::default();
        assert_eq!(meter.read(&[stat(50)], Millis(500)), Used { memory_bytes, ..Used::default() });
        let half = Used { cpu_millis: Some(500), memory_bytes, ..Used::default() };
        assert_eq!(meter.read(&[stat(50 + ticks)], Millis(2500)), half);
        assert_eq!(meter.read(&[stat(50 + 9 * ticks)], Millis(2600)), half, "too soon to say");
    }
}
