//! What is on disk, and how it is written: a temporary file, flushed, then renamed, so that a crash leaves
//! the old text or the new one.
//!
//! ```text
//! <folder of the engine>/<proton>/proton.json          what should be: the adoption record
//!                                 probes.json          probe attempts for the flight record
//!                                 <n>/<container>/unit.json    restarts and exits so far
//!                                                 log, log.1   what it wrote
//! ```
//!
//! An engine keeps more in these folders. Logs may hold secrets, so they are for their owner only.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::backoff::Backoff;
use crate::model::{Exit, Images, Millis, ProtonId, Snapshot, WorkloadId};

/// Why a proton is here, so that a restarted server knows without asking anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtonRecord {
    pub(in crate::engine) proton: ProtonId,
    pub(in crate::engine) workload: WorkloadId,
    pub(in crate::engine) snapshot: Snapshot,
    /// What was known of its images when it was told to run.
    #[serde(default)]
    pub(in crate::engine) images: Images,
    pub(in crate::engine) replicas: u32,
    pub(in crate::engine) wanted: Wanted,
}

/// What should be of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::engine) enum Wanted {
    Running,
    /// SIGTERM, this grace, SIGKILL.
    Gone {
        grace: Millis,
    },
}

/// One container of one replica, across all its runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitRecord {
    /// Of engines that give each container a port of the host.
    pub(in crate::engine) port: Option<u16>,
    /// Number of the latest run.
    pub(in crate::engine) run: u64,
    /// Number of the latest run whose end has been dealt with.
    pub(in crate::engine) settled: u64,
    pub(in crate::engine) restarts: u32,
    pub(in crate::engine::supervised) backoff: Backoff,
    pub(in crate::engine) exits: Vec<Exit>,
    pub(in crate::engine) was_ready: bool,
    pub(in crate::engine) reason: Option<String>,
    pub(in crate::engine) message: Option<String>,
}

pub(in crate::engine) const PROTON: &str = "proton.json";
pub(in crate::engine) const PROBES: &str = "probes.json";
pub(in crate::engine) const UNIT: &str = "unit.json";
/// The folder of the container that serves; those of helpers begin with a digit.
pub(in crate::engine) const SERVING: &str = "serving";

pub(in crate::engine) fn create_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes durably. Two writers of one file never mix: each has a temporary file of its own.
pub(in crate::engine) fn save<T: Serialize>(
    folder: &Path,
    name: &str,
    value: &T,
) -> io::Result<()> {
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
pub(in crate::engine) fn load<T: DeserializeOwned>(folder: &Path, name: &str) -> Option<T> {
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
pub(in crate::engine) fn units(proton: &Path) -> Vec<(u32, String, PathBuf)> {
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
