//! What this host has: cores and memory, within the limits that were set for this process.

use std::{fs, thread::available_parallelism};

use crate::model::Capacity;

const MEMINFO: &str = "/proc/meminfo";
/// The limit of the control group that a container or a service runs in; absent or `max` without one.
const GROUP_LIMIT: &str = "/sys/fs/cgroup/memory.max";

pub(super) fn of_host() -> Capacity {
    // Affinity and the quota of the control group are counted in.
    let cores = available_parallelism().map_or(1, usize::from);
    let text = |path| fs::read_to_string(path).unwrap_or_default();
    let total = installed(&text(MEMINFO)).unwrap_or(0);
    let limit = text(GROUP_LIMIT).trim().parse().unwrap_or(u64::MAX);
    #[expect(clippy::cast_precision_loss, reason = "no machine has that many cores")]
    Capacity { cpu: cores as f64, memory_bytes: total.min(limit) }
}

fn installed(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::{installed, of_host};

    #[test]
    fn a_host_has_something() {
        assert_eq!(installed("MemTotal:        1024 kB\nMemFree: 1 kB\n"), Some(1_048_576));
        assert_eq!(installed("MemTotal: lots\n"), None);
        let host = of_host();
        assert!(host.cpu >= 1.0 && host.memory_bytes > 16_000_000, "{host:?}");
    }
}
