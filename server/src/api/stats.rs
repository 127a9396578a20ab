//! What the gateway counted of a workload (rules.md §9).

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use handover::{
    house::House,
    model::{Stats, WorkloadId},
    stats::{self, SLOW_MS, StatsQuery, StatsRange},
};

use super::{auth::Signed, both, error::Answer, id::Id, query::Query};

pub(super) fn routes() -> Router<House> {
    both(Router::new(), "/api/v2/workloads/{id}/stats", get(read).delete(clear))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    mut query: Query,
) -> Answer<Json<Stats>> {
    let quantile = query.one("responseTimeQuantile").unwrap_or(0.5);
    if !(0.0..=1.0).contains(&quantile) {
        query.refuse("responseTimeQuantile", "a number from 0 to 1");
    }
    let wanted = StatsQuery {
        workload,
        proton: query.one("protonId"),
        start: query.one("startTime"),
        end: query.one("endTime"),
        quantile,
        slow_ms: query.number("slowRequestsThreshold", 0, u64::MAX, SLOW_MS),
    };
    query.done()?;
    Ok(Json(stats::read(&house, &caller, &wanted).await?))
}

async fn clear(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    mut query: Query,
) -> Answer<StatusCode> {
    // Clearing everything when only one metric was meant would lose what nobody wanted to lose.
    if query.text("metricName").is_some() {
        query.refuse("metricName", "statistics are cleared as a whole; leave this out");
    }
    let range = StatsRange {
        workload,
        proton: query.one("protonId"),
        start: query.one("startTime"),
        end: query.one("endTime"),
    };
    query.done()?;
    stats::clear(&house, &caller, &range).await?;
    Ok(StatusCode::NO_CONTENT)
}
