//! What the gateway counted of a workload (rules.md §9).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{ProtonId, Stats, Timestamp, WorkloadId},
    stats::{self, SLOW_MS, StatsQuery, StatsRange},
};

use super::{
    answer::NoContent,
    auth::Signed,
    error::Answer,
    id::Id,
    parameter::{Parameter, fraction, number, one},
    query::Query,
    refusal::Refusal::BadRequest,
    route::{Routes, delete, get},
};

pub(super) fn routes() -> Routes {
    let path = "/api/v2/workloads/{id}/stats";
    let range = || -> [Parameter; 3] {
        [
            one::<ProtonId>("protonId", "Of this proton only"),
            one::<Timestamp>("startTime", "From this moment"),
            one::<Timestamp>("endTime", "Until this moment"),
        ]
    };
    let slow = "From how many milliseconds on a request is slow";
    let read = get(path, "Read what the gateway counted of a workload", read)
        .query(range())
        .query([
            fraction("responseTimeQuantile", 0.5, "Which quantile responseTime is"),
            number("slowRequestsThreshold", 0, u64::MAX, SLOW_MS, slow),
        ])
        .refuses([BadRequest]);
    let clear = delete(path, "Forget what the gateway counted of a workload", clear)
        .query(range())
        .query([one::<String>("metricName", "Refused: statistics are cleared as a whole")])
        .refuses([BadRequest]);
    Routes::of("Observation").with(read).with(clear)
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
) -> Answer<NoContent> {
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
    Ok(NoContent)
}
