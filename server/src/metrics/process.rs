//! What the kernel knows of this process, under the names that all Prometheus clients use.

use std::fs;

/// None is what this kernel does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Process {
    /// Seconds.
    pub(super) cpu: Option<f64>,
    /// Bytes.
    pub(super) resident: Option<f64>,
    pub(super) virtual_memory: Option<f64>,
    /// Seconds since 1970.
    pub(super) started: Option<f64>,
    pub(super) open_files: Option<f64>,
    pub(super) most_files: Option<f64>,
    pub(super) threads: Option<f64>,
}

pub(super) fn look() -> Process {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let boot = fs::read_to_string("/proc/stat").unwrap_or_default();
    let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    #[expect(clippy::cast_precision_loss, reason = "a count of files")]
    let (open_files, most_files) = (
        fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64),
        limits.current.map(|most| most as f64),
    );
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let (page, ticks) =
        (rustix::param::page_size() as f64, rustix::param::clock_ticks_per_second() as f64);
    Process { open_files, most_files, ..read(&stat, &boot, page, ticks) }
}

/// `stat` is the line of this process, `boot` the file with the time of the boot.
fn read(stat: &str, boot: &str, page: f64, ticks: f64) -> Process {
    // The name in brackets may hold anything, brackets too.
    let Some((_, fields)) = stat.rsplit_once(')') else { return Process::default() };
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // Numbered as in proc(5), where the field after the name is the third.
    let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    let booted = boot.lines().find_map(|line| line.strip_prefix("btime "));
    let booted = booted.and_then(|text| text.trim().parse::<f64>().ok());
    Process {
        cpu: number(14).zip(number(15)).map(|(user, system)| (user + system) / ticks),
        resident: number(24).map(|pages| pages * page),
        virtual_memory: number(23),
        started: booted.zip(number(22)).map(|(boot, start)| boot + start / ticks),
        threads: number(20),
        open_files: None,
        most_files: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{look, read};

    #[test]
    fn the_fields_are_those_of_proc() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 250 50 7 8 20 0 9 0 1000 \
                    8192 3 18446744073709551615 1 1";
        let found = read(stat, "cpu 1\nbtime 1700000000\n", 4096.0, 100.0);
        assert_eq!((found.cpu, found.threads), (Some(3.0), Some(9.0)));
        assert_eq!((found.resident, found.virtual_memory), (Some(12288.0), Some(8192.0)));
        assert_eq!(found.started, Some(1_700_000_010.0));
        assert!(read("", "", 1.0, 1.0).cpu.is_none());
        let own = look();
        assert!(own.resident.is_some_and(|bytes| bytes > 1e6) && own.open_files.is_some());
    }
}
