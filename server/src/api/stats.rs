//! What the gateway counted of a workload, and of all of them (rules.md §9).

use axum::{Json, extract::State};
use handover::{
    error::Error,
    house::House,
    model::{
        Counter, Overview, ProtonId, Resolution, Series, SeriesMetric, Stats, Timestamp, WorkloadId,
    },
    stats::{self, Of, SLOW_MS, SeriesQuery, Shape, StatsQuery, StatsRange},
};

use super::{
    answer::NoContent,
    auth::Signed,
    error::Answer,
    id::{Id, Word},
    parameter::{Parameter, fraction, number, one, word},
    query::Query,
    refusal::Refusal::BadRequest,
    route::{Routes, delete, get},
    workloads::{filter, filters},
};

/// Every name by which something can be cleared; several of them stand for one counter.
const CLEARED: [&str; 11] = [
    "totalRequests",
    "requestsPerMinute",
    "concurrentRequests",
    "responseTime",
    "requestsOverN",
    "slowRequests",
    "userErrors",
    "serverErrors",
    "userErrorRate",
    "serverErrorRate",
    "totalErrorRate",
];

pub(super) fn routes() -> Routes {
    let path = "/api/v2/workloads/{id}/stats";
    let range = || -> [Parameter; 3] {
        [
            one::<ProtonId>("protonId", "Of this proton, instead of the one that serves"),
            one::<Timestamp>("startTime", "From this moment"),
            one::<Timestamp>("endTime", "Until this moment"),
        ]
    };
    let slow = "From how many milliseconds on a request is slow";
    let shape = || -> [Parameter; 2] {
        [
            fraction("responseTimeQuantile", 0.5, "Which quantile responseTime is"),
            number("slowRequestsThreshold", 0, u64::MAX, SLOW_MS, slow),
        ]
    };
    let read = get(path, "Read what the gateway counted of a workload", read)
        .query(range())
        .query(shape())
        .refuses([BadRequest]);
    let series = get(format!("{path}/{{metric}}"), "Read one metric over time", series)
        .says("Buckets are calendar units in UTC; a bucket in which nothing was counted has no value.")
        .query(range())
        .query(shape())
        .query([one::<Resolution>("resolution", "Length of the buckets; a day when not given")])
        .refuses([BadRequest]);
    let clear = delete(path, "Forget what the gateway counted of a workload", clear)
        .query(range())
        .query([word("metricName", &CLEARED, "This metric only, instead of all of them")])
        .refuses([BadRequest]);
    let overview = get("/api/v2/workloads/stats", "Add up all workloads", overview)
        .says("The last seven days (UTC), and how they compare with the seven before.")
        .query(filters());
    Routes::of("Observation").with(overview).with(read).with(series).with(clear)
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    mut query: Query,
) -> Answer<Json<Stats>> {
    let wanted = StatsQuery {
        workload,
        of: Of::from(query.one::<ProtonId>("protonId")),
        start: query.one("startTime"),
        end: query.one("endTime"),
        shape: shape(&mut query),
    };
    query.done()?;
    Ok(Json(stats::read(&house, &caller, &wanted).await?))
}

async fn series(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Word(metric): Word<SeriesMetric>,
    mut query: Query,
) -> Answer<Json<Series>> {
    let wanted = SeriesQuery {
        workload,
        of: Of::from(query.one::<ProtonId>("protonId")),
        start: query.one("startTime"),
        end: query.one("endTime"),
        resolution: query.one("resolution").unwrap_or(Resolution::Day),
        shape: shape(&mut query),
    };
    query.done()?;
    let found = stats::series(&house, &caller, &wanted, &[metric]).await?;
    found.into_iter().next().map(Json).ok_or_else(|| Error::NotFound("metric").into())
}

async fn overview(
    State(house): State<House>,
    Signed(caller): Signed,
    mut query: Query,
) -> Answer<Json<Overview>> {
    let filter = filter(&mut query);
    query.done()?;
    Ok(Json(stats::overview(&house, &caller, &filter).await?))
}

async fn clear(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    mut query: Query,
) -> Answer<NoContent> {
    let range = StatsRange {
        workload,
        proton: query.one("protonId"),
        start: query.one("startTime"),
        end: query.one("endTime"),
        counter: query.one::<Counter>("metricName"),
    };
    query.done()?;
    stats::clear(&house, &caller, &range).await?;
    Ok(NoContent)
}

fn shape(query: &mut Query) -> Shape {
    let quantile = query.one("responseTimeQuantile").unwrap_or(0.5);
    if !(0.0..=1.0).contains(&quantile) {
        query.refuse("responseTimeQuantile", "a number from 0 to 1");
    }
    Shape { quantile, slow_ms: query.number("slowRequestsThreshold", 0, u64::MAX, SLOW_MS) }
}
