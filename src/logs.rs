//! What the replicas of a workload wrote, of present and former protons, newest first (rules.md §16).
//!
//! Known limitation: of each proton at most [`DEPTH`] matching lines are looked at, so in a longer log the
//! total is a lower bound, and older lines are reached by giving an earlier `endTime`.

use crate::{
    access::{self, Caller},
    engine::LogQuery,
    error::Error,
    house::House,
    model::{LogLevel, LogLine, LogRecord, Page, Permission, ProtonId, Timestamp, WorkloadId},
    store::Paging,
};

/// Matching lines looked at per proton.
const DEPTH: usize = 10_000;

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
    /// Replicas write plain lines, which belong to no span or trace.
    pub span_id: Option<String>,
    pub trace_id: Option<String>,
    /// Attribute and value; known are `proton_id` and `replica`.
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
    fn takes(&self, record: &LogRecord) -> bool {
        let line = record.message.to_lowercase();
        let holds = |text: &String| line.contains(&text.to_lowercase());
        record.level >= self.lowest
            && self.includes.iter().all(holds)
            && !self.excludes.iter().any(holds)
            && self.span_id.as_ref().is_none_or(|id| *id == record.span_id)
            && self.trace_id.as_ref().is_none_or(|id| *id == record.trace_id)
            && self.attributes.iter().all(|(key, value)| match key.as_str() {
                "proton_id" => value == record.proton_id.as_str(),
                "replica" => *value == record.replica,
                _ => false,
            })
    }

    fn takes_proton(&self, id: &ProtonId) -> bool {
        let mut asked = self.attributes.iter().filter(|(key, _)| key == "proton_id");
        asked.all(|(_, value)| value == id.as_str())
    }
}

pub async fn read(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    filter: &LogFilter,
    paging: Paging,
) -> Result<Page<LogRecord>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let query = LogQuery {
        lowest: filter.lowest,
        from: filter.from,
        to: filter.to,
        containing: filter.includes.first().cloned(),
        limit: DEPTH,
    };
    let protons = house.store.protons_of(&workload.id, Paging::first(PROTONS)).await?;
    let mut found = Vec::new();
    for proton in protons.items.iter().filter(|proton| filter.takes_proton(&proton.id)) {
        let lines = house.engine.logs(&proton.id, &query).await?;
        let records = lines.into_iter().map(|line| LogRecord::new(&proton.id, line));
        found.extend(records.filter(|record| filter.takes(record)));
    }
    // Stable, so that lines of one replica with the same moment stay in their order.
    found.sort_by_key(|record| std::cmp::Reverse(record.timestamp));
    let total = found.len() as u64;
    let offset = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    Ok(Page { items: found.into_iter().skip(offset).take(limit).collect(), total })
}

/// The last lines of a proton, oldest first. An engine that can't tell leaves them out: they illustrate.
pub async fn tail(house: &House, proton: &ProtonId, lines: usize) -> Vec<String> {
    let query =
        LogQuery { lowest: LogLevel::Debug, from: None, to: None, containing: None, limit: lines };
    let found: Vec<LogLine> = house.engine.logs(proton, &query).await.unwrap_or_default();
    found.into_iter().rev().map(|line| line.message).collect()
}
