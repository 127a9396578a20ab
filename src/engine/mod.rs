//! What really runs the containers, behind one trait.
//!
//! The trait is declarative: say what should be, look at what is. Every call may be repeated, so a crash
//! between any two of them is repaired by asking again, and a restarted server adopts what still runs.

mod attempts;
mod capacity;
pub mod docker;
mod engines;
mod probe;
pub mod process;
mod supervised;
mod values;

use std::collections::BTreeSet;

use tokio::sync::broadcast;

pub use engines::{Engines, Prefer};
pub use values::{Given, Login, NoValue, Values};

use crate::model::{
    Capacity, FlightRecord, LogLevel, LogLine, Millis, Observed, Proton, ProtonId, Timestamp,
};

/// The engine could not do or see something. Never the workload's own fault: that is in [`Observed`].
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct EngineError {
    pub what: String,
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Which log lines to read; what is empty does not narrow.
#[derive(Debug, Clone)]
pub struct LogQuery {
    pub lowest: LogLevel,
    /// Both are included.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Each of these texts is in the line, in any case.
    pub includes: Vec<String>,
    /// None of these is.
    pub excludes: Vec<String>,
    pub span_id: Option<String>,
    pub trace_id: Option<String>,
    /// Attribute and value: `replica`, `level`, or a field that the line names itself.
    pub attributes: Vec<(String, String)>,
    /// The newest lines that match are wanted, and no more than this.
    pub limit: usize,
    /// About how much may be read.
    pub bytes: u64,
}

impl LogQuery {
    /// The last lines, whatever they say.
    #[must_use]
    pub fn last(limit: usize) -> Self {
        Self {
            lowest: LogLevel::Debug,
            from: None,
            to: None,
            includes: Vec::new(),
            excludes: Vec::new(),
            span_id: None,
            trace_id: None,
            attributes: Vec::new(),
            limit,
            bytes: 1024 * 1024,
        }
    }
}

/// Lines of log, newest first, none left out between two of them.
#[derive(Debug, Clone, Default)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// Older lines than this have not been looked at; none when all have.
    pub complete_since: Option<Timestamp>,
}

#[async_trait::async_trait]
pub trait Engine: Send + Sync + 'static {
    /// `process`, `docker`, `kubernetes`: where new protons go.
    fn name(&self) -> &'static str;

    /// The one that this proton is with.
    fn name_of(&self, _proton: &ProtonId) -> &'static str {
        self.name()
    }

    /// Why this proton is with that one: a sentence for people.
    fn why_of(&self, _proton: &ProtonId) -> Option<String> {
        None
    }

    /// The most that one replica can be given here.
    fn capacity(&self) -> Capacity;

    /// Makes it so that as many replicas as `proton.replicas` says run, those with the lowest numbers.
    /// Idempotent; returns before they are ready. With a smaller number than before, those beyond it are
    /// stopped: whoever lowers it has let their requests end.
    async fn apply(&self, proton: &Proton) -> Result<(), EngineError>;

    /// What is. An unknown proton is observed as having no replicas.
    async fn observe(&self, proton: &ProtonId) -> Result<Observed, EngineError>;

    /// Begins to take it away: SIGTERM, `grace`, SIGKILL. Idempotent; [`Engine::observe`] shows no replica
    /// once it is gone. Its logs and its flight record stay.
    async fn remove(&self, proton: &ProtonId, grace: Millis) -> Result<(), EngineError>;

    /// Every proton of which something still exists here, for adoption and for finding orphans.
    async fn owned(&self) -> Result<Vec<ProtonId>, EngineError>;

    async fn logs(&self, proton: &ProtonId, query: &LogQuery) -> Result<LogPage, EngineError>;

    /// Every proton of which logs or a flight record are still kept, also long after it has gone.
    async fn kept(&self) -> Result<Vec<ProtonId>, EngineError>;

    /// Deletes the logs and the flight record of a proton that is gone. Idempotent; an error while some of
    /// it still runs.
    async fn forget(&self, proton: &ProtonId) -> Result<(), EngineError>;

    /// Gives up images that were fetched here, that nothing needs and that have been unused for long, or take
    /// too much space. `needed` are ids of [`ImagePin`](crate::model::ImagePin)s.
    async fn prune(&self, _needed: &BTreeSet<String>) -> Result<(), EngineError> {
        Ok(())
    }

    /// Log tail, probe attempts, exits and restarts so far.
    async fn flight_record(&self, proton: &ProtonId) -> Result<FlightRecord, EngineError>;

    /// Says which proton has changed, so that nobody polls. A receiver that lags looks at everything.
    fn watch(&self) -> broadcast::Receiver<ProtonId>;
}
