//! What the kernel says about processes. A process is known by its pid *and* its start time *and* the boot
//! it started in, because pids are used again.

use std::{fs, io, path::PathBuf};

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::{Deserialize, Serialize};
use tokio::io::{Interest, unix::AsyncFd};

use crate::model::Millis;

/// Names one process for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) pid: i32,
    /// Clock ticks from boot to its start.
    pub(super) start: u64,
}

impl Identity {
    pub(super) fn of(pid: i32) -> Option<Self> {
        Stat::read(pid).map(|stat| Self { pid, start: stat.start })
    }

    /// It exists and has not ended; one that nobody has waited for yet has ended.
    pub(super) fn is_alive(self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| stat.start == self.start && !stat.ended)
    }

    pub(super) fn raw(self) -> Option<Pid> {
        Pid::from_raw(self.pid)
    }

    /// Time since it started, by the kernel's clock.
    pub(super) fn age(self) -> Millis {
        let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
        let (seconds, rest) = uptime.split_once('.').unwrap_or(("0", "0"));
        let hundredths = rest.get(..2).and_then(|text| text.parse().ok()).unwrap_or(0_u64);
        let now = seconds.parse::<u64>().unwrap_or(0) * 1000 + hundredths * 10;
        let start = self.start * 1000 / rustix::param::clock_ticks_per_second().max(1);
        Millis(now.saturating_sub(start))
    }
}

/// Waits for the end of a process that need not be a child.
pub(super) struct Watch(AsyncFd<std::os::fd::OwnedFd>);

impl Watch {
    /// None when it has already ended.
    #[expect(deprecated, reason = "sound for an OwnedFd; the new call is unsafe for all types")]
    pub(super) fn open(process: Identity) -> io::Result<Option<Self>> {
        let Some(pid) = process.raw() else { return Ok(None) };
        let fd = match pidfd_open(pid, PidfdFlags::NONBLOCK) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Checked after opening: the descriptor now can't come to mean another process.
        if !process.is_alive() {
            return Ok(None);
        }
        AsyncFd::with_interest(fd, Interest::READABLE).map(|fd| Some(Self(fd)))
    }

    pub(super) async fn ended(&self) {
        // An error means that the runtime goes down, and this task with it.
        drop(self.0.readable().await);
    }
}

/// Changes with every boot of the machine.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// The interesting fields of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) ended: bool,
    /// User and system time together, in clock ticks.
    pub(super) cpu_ticks: u64,
    pub(super) start: u64,
    pub(super) resident_pages: u64,
}

impl Stat {
    pub(super) fn read(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name in brackets may hold spaces and brackets.
        let (pid, _) = line.split_once(' ')?;
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            pid: pid.parse().ok()?,
            ended: matches!(*fields.first()?, "Z" | "X"),
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            cpu_ticks: number(11)? + number(12)?,
            start: number(19)?,
            resident_pages: fields.get(21)?.parse().unwrap_or(0),
        })
    }
}

/// Every process there is right now.
pub(super) fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Stat::read)
        .collect()
}

/// The processes that belong to a replica: its process group, and what left the group but not the session
/// that its shim opened.
pub(super) fn members(all: &[Stat], shim: i32, child: i32) -> impl Iterator<Item = &Stat> {
    all.iter().filter(move |stat| stat.group == child || (stat.session == shim && stat.pid != shim))
}

/// The inodes of the sockets that a process has open; none when it may not be looked at.
pub(super) fn sockets(pid: i32) -> io::Result<Vec<u64>> {
    let links = fs::read_dir(PathBuf::from(format!("/proc/{pid}/fd")))?;
    Ok(links
        .filter_map(|link| {
            let target = fs::read_link(link.ok()?.path()).ok()?;
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Identity, Stat};

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let line =
            "42 (a) b (c)) S 1 42 41 0 -1 4194304 100 0 0 0 7 5 0 0 20 0 1 0 9876 1000 321 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.pid, stat.group, stat.session, stat.ended), (42, 42, 41, false));
        assert_eq!((stat.cpu_ticks, stat.start, stat.resident_pages), (12, 9876, 321));
    }

    #[test]
    fn another_start_time_is_another_process() {
        let own = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(own.is_alive());
        assert!(!Identity { start: own.start + 1, ..own }.is_alive());
    }
}
