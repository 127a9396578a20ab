//! What is on disk, and how it is written: a temporary file, flushed, then renamed, so that a crash leaves
//! the old text or the new one.
//!
//! ```text
//! <data>/replicas/<proton>/proton.json          what should be: the adoption record
//!                          probes.json          probe attempts for the flight record
//!                          <n>/<container>/unit.json    port, restarts and exits so far
//!                                          launch.json  that the shim may start something
//!                                          shim.lock    locked as long as a shim lives here
//!                                          run.json     what the shim has started
//!                                          exit.json    how that ended
//!                                          log, log.1   what it wrote
//!                                          work/        its working directory
//! ```
//!
//! What is to be started, with its environment, is told to the shim over a pipe and never written down: it
//! may hold secrets. Logs may hold some too, so the folders are for their owner only.

use std::{
    fmt, fs, io,
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{backoff::Backoff, procfs::Identity};
use crate::model::{Exit, Millis, ProtonId, Snapshot, Timestamp, WorkloadId};

/// Why a proton is here, so that a restarted server knows without asking anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProtonRecord {
    pub(super) proton: ProtonId,
    pub(super) workload: WorkloadId,
    pub(super) snapshot: Snapshot,
    pub(super) replicas: u32,
    pub(super) wanted: Wanted,
}

/// What should be of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Wanted {
    Running,
    /// SIGTERM, this grace, SIGKILL.
    Gone {
        grace: Millis,
    },
}

/// One container of one replica, across all its runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnitRecord {
    pub(super) port: Option<u16>,
    /// Number of the latest run.
    pub(super) run: u64,
    /// Number of the latest run whose end has been dealt with.
    pub(super) settled: u64,
    pub(super) restarts: u32,
    pub(super) backoff: Backoff,
    pub(super) exits: Vec<Exit>,
    pub(super) was_ready: bool,
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
}

/// The shim's leave to start run number `run`. Whoever takes the file away withdraws it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Launch {
    pub(super) run: u64,
    pub(super) port: u16,
}

/// What the shim is to start, as it is told over its standard input.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// Where it runs; in the unit's own `work` folder when none is given.
    #[serde(default)]
    pub(super) folder: Option<PathBuf>,
}

/// Arguments and environment may hold secrets.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("program", &self.program).finish_non_exhaustive()
    }
}

/// What the shim has started.
#[expect(clippy::struct_field_names, reason = "the number of the run is called so everywhere")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    pub(super) run: u64,
    pub(super) port: u16,
    pub(super) boot: String,
    pub(super) shim: Identity,
    /// Also the leader of its process group.
    pub(super) child: Identity,
    pub(super) started_at: Timestamp,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExitRecord {
    pub(super) run: u64,
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) at: Timestamp,
    /// Why it could not be started at all.
    pub(super) error: Option<String>,
}

pub(super) const PROTON: &str = "proton.json";
pub(super) const PROBES: &str = "probes.json";
pub(super) const UNIT: &str = "unit.json";
pub(super) const LAUNCH: &str = "launch.json";
pub(super) const LOCK: &str = "shim.lock";
pub(super) const RUN: &str = "run.json";
pub(super) const EXIT: &str = "exit.json";
pub(super) const WORK: &str = "work";
/// The folder of the container that serves; those of helpers begin with a digit.
pub(super) const SERVING: &str = "serving";

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes durably. Two writers of one file never mix: each has a temporary file of its own.
pub(super) fn save<T: Serialize>(folder: &Path, name: &str, value: &T) -> io::Result<()> {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{name}.{}.{number}", std::process::id()));
    let text = serde_json::to_vec(value)?;
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, folder.join(name))?;
        fs::File::open(folder)?.sync_all()
    });
    if written.is_err() {
        drop(fs::remove_file(&temporary));
    }
    written
}

/// None when there is no such file, or nothing that can be read as one: a damaged record is told to the
/// log and treated as missing, because every one of them can be made anew.
pub(super) fn load<T: DeserializeOwned>(folder: &Path, name: &str) -> Option<T> {
    let path = folder.join(name);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(path = %path.display(), %error, "can't read a record");
            }
            return None;
        }
    };
    match serde_json::from_slice(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a record is damaged, and ignored");
            None
        }
    }
}

/// The folders of a proton's units, in order of replica, then container.
pub(super) fn units(proton: &Path) -> Vec<(u32, String, PathBuf)> {
    let names = |folder: &Path| -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        entries
            .filter_map(|entry| {
                entry.ok().filter(|e| e.path().is_dir())?.file_name().into_string().ok()
            })
            .collect()
    };
    let mut found = Vec::new();
    for replica in names(proton) {
        let Ok(number) = replica.parse() else { continue };
        for container in names(&proton.join(&replica)) {
            let path = proton.join(&replica).join(&container);
            found.push((number, container, path));
        }
    }
    found.sort();
    found
}
