//! What the replicas of a workload wrote, of present and former protons, newest first (rules.md §16).
//!
//! Known limitation: for one answer at most [`BYTES`] of log are read. When there is more, the total is a
//! lower bound, and older lines are reached by giving an earlier `endTime`.

use crate::{
    access::{self, Caller},
    engine::LogQuery,
    error::Error,
    house::House,
    model::{
        ArtifactStatus, LogLevel, LogRecord, Page, Permission, Proton, ProtonId, Timestamp,
        WorkloadId,
    },
    retention::cutoff,
    store::Paging,
};

/// Read for one answer, of all protons together.
const BYTES: u64 = 32 * 1024 * 1024;

/// Protons whose logs are read, newest first.
const PROTONS: u64 = 50;

/// Which lines are wanted; what is empty does not narrow.
#[derive(Debug, Clone)]
pub struct LogFilter {
    pub lowest: LogLevel,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Each of these texts is in the line, in any case.
    pub includes: Vec<String>,
    /// None of these is.
    pub excludes: Vec<String>,
    /// Of lines that name theirs.
    pub span_id: Option<String>,
    pub trace_id: Option<String>,
    /// Attribute and value: `proton_id`, `replica`, `level`, or a field of lines that are JSON.
    pub attributes: Vec<(String, String)>,
}

impl Default for LogFilter {
    fn default() -> Self {
        Self {
            lowest: LogLevel::Debug,
            from: None,
            to: None,
            includes: Vec::new(),
            excludes: Vec::new(),
            span_id: None,
            trace_id: None,
            attributes: Vec::new(),
        }
    }
}

impl LogFilter {
    fn takes_proton(&self, id: &ProtonId) -> bool {
        let mut asked = self.attributes.iter().filter(|(key, _)| names_proton(key));
        asked.all(|(_, value)| value == id.as_str())
    }

    fn query(&self, kept_since: Timestamp, bytes: u64) -> LogQuery {
        let others = self.attributes.iter().filter(|(key, _)| !names_proton(key));
        LogQuery {
            lowest: self.lowest,
            from: self.from.max(Some(kept_since)),
            to: self.to,
            includes: self.includes.clone(),
            excludes: self.excludes.clone(),
            span_id: self.span_id.clone(),
            trace_id: self.trace_id.clone(),
            attributes: others.cloned().collect(),
            limit: usize::MAX,
            bytes,
        }
    }
}

fn names_proton(key: &str) -> bool {
    matches!(key, "proton_id" | "protonId")
}

/// The newest lines that match, as far back as one look reaches.
#[derive(Debug, Clone, Default)]
pub struct LogWindow {
    /// Newest first, none left out between two of them.
    pub lines: Vec<LogRecord>,
    /// Older lines than this have not been looked at; none when all have.
    pub complete_since: Option<Timestamp>,
}

pub async fn read(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    filter: &LogFilter,
    paging: Paging,
) -> Result<Page<LogRecord>, Error> {
    let found = window(house, caller, workload, filter).await?.lines;
    let total = found.len() as u64;
    let offset = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    Ok(Page { items: found.into_iter().skip(offset).take(limit).collect(), total })
}

/// All lines of one look. Older ones are reached by looking again with an earlier [`LogFilter::to`].
pub async fn window(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    filter: &LogFilter,
) -> Result<LogWindow, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let artifact = house.store.artifact(&workload.org_id, &workload.artifact_id).await?;
    let status = artifact.map_or(ArtifactStatus::Draft, |artifact| artifact.state.status());
    let kept_since = cutoff(house.now(), status);
    let protons = house.store.protons_of(&workload.id, Paging::first(PROTONS)).await?.items;
    let read: Vec<_> = protons.iter().filter(|proton| filter.takes_proton(&proton.id)).collect();
    let query = filter.query(kept_since, BYTES / read.len().max(1) as u64);
    let mut found = Vec::new();
    let mut complete_since = None;
    for proton in read {
        let page = house.engine.logs(&proton.id, &query).await?;
        complete_since = complete_since.max(page.complete_since);
        found.extend(page.lines.into_iter().map(|line| LogRecord::new(&proton.id, line)));
    }
    found.retain(|record| Some(record.timestamp) >= complete_since);
    // Stable, so that lines of one replica with the same moment stay in their order.
    found.sort_by_key(|record| std::cmp::Reverse(record.timestamp));
    Ok(LogWindow { lines: found, complete_since })
}

/// Whose lines there may be: a proton of the workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSource {
    pub proton_id: ProtonId,
    /// What it runs: `v3`, or `draft 2.0`.
    pub label: String,
    pub started_at: Timestamp,
    /// Nothing of it runs any more.
    pub is_over: bool,
}

/// The protons whose lines are read, newest first.
pub async fn sources(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
) -> Result<Vec<LogSource>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let protons = house.store.protons_of(&workload.id, Paging::first(PROTONS)).await?.items;
    let source = |proton: Proton| LogSource {
        is_over: proton.status.is_over(),
        label: proton.snapshot.label,
        started_at: proton.created_at,
        proton_id: proton.id,
    };
    Ok(protons.into_iter().map(source).collect())
}

/// The last lines of a proton, oldest first. An engine that can't tell leaves them out: they illustrate.
pub async fn tail(house: &House, proton: &ProtonId, lines: usize) -> Vec<String> {
    let found = house.engine.logs(proton, &LogQuery::last(lines)).await.unwrap_or_default();
    found.lines.into_iter().rev().map(|line| line.message).collect()
}
