//! Cpu and memory of a replica, read from the kernel's accounts of its processes. Reported, not enforced.
//!
//! Known limitations: a process that ended between two looks takes its cpu time with it, and memory shared
//! between processes is counted once for each.

use super::{
    procfs::{self, Stat},
    unit::Unit,
};
use crate::model::Millis;

/// Shorter spans than this say little about cpu.
const SPAN: Millis = Millis::seconds(1);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) cpu_millis: Option<u64>,
    pub(super) memory_bytes: Option<u64>,
}

/// The last look at a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    at: Millis,
    /// None before the first look.
    ticks: Option<u64>,
    used: Used,
}

impl Meter {
    fn read(&mut self, members: &[Stat], now: Millis) -> Used {
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

/// What the unit uses; nothing while it does not run.
pub(super) fn look(unit: &Unit, table: &[Stat], now: Millis) -> Used {
    unit.with_meter(|run, meter| {
        let members: Vec<Stat> =
            procfs::members(table, run.shim.pid, run.child.pid).copied().collect();
        meter.read(&members, now)
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Meter, Used};
    use crate::{engine::process::procfs::Stat, model::Millis};

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
        assert_eq!(meter.read(&[stat(50)], Millis(500)), Used { cpu_millis: None, memory_bytes });
        let half = Used { cpu_millis: Some(500), memory_bytes };
        assert_eq!(meter.read(&[stat(50 + ticks)], Millis(2500)), half);
        assert_eq!(meter.read(&[stat(50 + 9 * ticks)], Millis(2600)), half, "too soon to say");
    }
}
