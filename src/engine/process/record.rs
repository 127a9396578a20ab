//! What the process engine keeps beside the records of [`supervised`](crate::engine::supervised):
//!
//! ```text
//! <data>/replicas/<proton>/<n>/<container>/launch.json  that the shim may start something
//!                                          shim.lock    locked as long as a shim lives here
//!                                          run.json     what the shim has started
//!                                          exit.json    how that ended
//!                                          work/        its working directory
//! ```
//!
//! What is to be started, with its environment, is told to the shim over a pipe and never written down: it
//! may hold secrets.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::procfs::Identity;
pub(super) use crate::engine::supervised::record::{create_folder, load, save};
use crate::model::Timestamp;

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

pub(super) const LAUNCH: &str = "launch.json";
pub(super) const LOCK: &str = "shim.lock";
pub(super) const RUN: &str = "run.json";
pub(super) const EXIT: &str = "exit.json";
pub(super) const WORK: &str = "work";
