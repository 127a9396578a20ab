//! Logs of a workload (rules.md §16).

use axum::{Json, Router, extract::State, routing::get};
use handover::{
    house::House,
    logs::{self, LogFilter},
    model::{LogLevel, WorkloadId},
};
use serde_json::Value;

use super::{
    auth::Signed,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, paging},
    query::Query,
};

/// Logs are read in larger pages than anything else.
const MOST_LINES: u64 = 1000;

pub(super) fn routes() -> Router<House> {
    both(Router::new(), "/api/v2/otel/workload/{id}/logs", get(list))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
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
    Ok(asked.envelope(&found, page))
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
