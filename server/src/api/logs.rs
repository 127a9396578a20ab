//! Logs of a workload (rules.md §16).

use axum::extract::State;
use handover::{
    house::House,
    logs::{self, LogFilter},
    model::{LogLevel, LogRecord, Timestamp, WorkloadId},
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, paging},
    parameter::{many, one, word},
    query::Query,
    route::{Routes, get},
};

/// Logs are read in larger pages than anything else.
const MOST_LINES: u64 = 1000;

const LEVELS: [&str; 6] = ["debug", "info", "warn", "warning", "error", "critical"];

pub(super) fn routes() -> Routes {
    let list = get("/api/v2/otel/workload/{id}/logs", "Read the logs of a workload", list)
        .says("Newest first.")
        .paged(MOST_LINES)
        .query([
            word("level", &LEVELS, "The lowest severity that is wanted"),
            one::<Timestamp>("startTime", "From this moment"),
            one::<Timestamp>("endTime", "Until this moment"),
            many::<String>("includes", "Lines that hold all of these texts"),
            many::<String>("excludes", "Lines that hold none of these texts"),
            one::<String>("spanId", "Lines of this span"),
            one::<String>("traceId", "Lines of this trace"),
            many::<String>("searchKeys", "Names of attributes, such as proton_id"),
            many::<String>("searchValues", "The value for each of searchKeys, in the same order"),
        ]);
    Routes::of("Observation").with(list)
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<LogRecord>> {
    let (keys, values) = (query.texts("searchKeys"), query.texts("searchValues"));
    if keys.len() != values.len() {
        query.refuse("searchValues", "as many as searchKeys");
    }
    let filter = LogFilter {
        lowest: level(&mut query),
        from: query.one("startTime"),
        to: query.one("endTime"),
        includes: query.texts("includes"),
        excludes: query.texts("excludes"),
        span_id: query.text("spanId").map(str::to_owned),
        trace_id: query.text("traceId").map(str::to_owned),
        attributes: keys.into_iter().zip(values).collect(),
    };
    let page = paging(&mut query, MOST_LINES);
    query.done()?;
    let found = logs::read(&house, &caller, &id, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

/// The lowest severity that is wanted.
fn level(query: &mut Query) -> LogLevel {
    match query.text("level").map(str::to_ascii_lowercase).as_deref() {
        None | Some("debug") => LogLevel::Debug,
        Some("info") => LogLevel::Info,
        Some("warn" | "warning") => LogLevel::Warning,
        Some("error") => LogLevel::Error,
        Some("critical") => LogLevel::Critical,
        Some(_) => {
            query.refuse("level", "one of debug, info, warn, warning, error, critical");
            LogLevel::Debug
        }
    }
}
