//! Metrics and traces of a workload for OpenTelemetry clients (rules.md §16).

use axum::{Json, extract::State};
use handover::{
    error::Error,
    house::House,
    model::{OtelBucket, OtelMetric, OtelValue, Page, Resolution, Timestamp, WorkloadId},
    otel::{self, OtelRange},
    store::Paging,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::{Id, Trace},
    paging::{Asked, MOST, paging},
    parameter::{Parameter, one},
    query::Query,
    refusal::Refusal::BadRequest,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let base = "/api/v2/otel/workload/{id}";
    let at = |name: &str| format!("{base}/metrics/{name}");
    let range = || -> [Parameter; 3] {
        [
            one::<Timestamp>("startTime", "From this moment"),
            one::<Timestamp>("endTime", "Until this moment"),
            one::<Resolution>("resolution", "Length of the buckets; an hour when not given"),
        ]
    };
    let collected = get(at("autocollectedValues"), "Read what is measured by itself", collected)
        .says("The present value of each metric, and what it came to in the time asked for.")
        .query(range())
        .paged(MOST)
        .refuses([BadRequest]);
    let values = get(at("values"), "Read what each metric came to", values)
        .query(range())
        .refuses([BadRequest]);
    let all = get(at("valuesOverTime"), "Read all metrics over time", values_over_time)
        .query(range())
        .refuses([BadRequest]);
    let single = get(at("valueOverTime"), "Read one metric over time", value_over_time)
        .query(range())
        .query([
            one::<OtelMetric>("otelName", "Which one"),
            one::<OtelMetric>("configId", "The same, by the id of its configuration"),
        ])
        .refuses([BadRequest]);
    let summary =
        get(at("summary"), "List the metrics that there are", summary).paged(MOST).query([
            one::<String>("search", "Only those whose name holds this text"),
            one::<String>("metricType", "Only those of this type: counter, gauge or histogram"),
        ]);
    let configs = get(at("configs"), "List how metrics are shown", configs).paged(MOST);
    let traces = get(format!("{base}/traces"), "List the traces of a workload", traces)
        .says("Containers' own traces are not collected, so there are none.")
        .query(range())
        .paged(MOST);
    let trace = get(format!("{base}/traces/{{trace}}"), "Read a trace", trace);
    let metrics = [collected, values, all, single, summary, configs, traces, trace];
    metrics.into_iter().fold(Routes::of("Observation"), Routes::with)
}

async fn collected(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<OtelValue>> {
    let range = range(&mut query);
    // A reader that asks for no page wants all of them.
    let given = query.text("limit").is_some();
    let page = paging(&mut query, MOST);
    let page = if given { page } else { Paging { limit: MOST, ..page } };
    query.done()?;
    let (_, all) = otel::values(&house, &caller, &id, range).await?;
    Ok(asked.envelope(part(all, page), page))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Values {
    start_time: Timestamp,
    end_time: Timestamp,
    metric_aggregations: Vec<OtelValue>,
}

async fn values(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    mut query: Query,
) -> Answer<Json<Values>> {
    let range = range(&mut query);
    query.done()?;
    let (period, all) = otel::values(&house, &caller, &id, range).await?;
    Ok(Json(Values { start_time: period.start, end_time: period.end, metric_aggregations: all }))
}

/// The whole time on one page.
async fn values_over_time(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<OtelBucket>> {
    let range = range(&mut query);
    query.done()?;
    let buckets = otel::over_time(&house, &caller, &id, OtelMetric::ALL, range).await?;
    let whole = Paging::first(buckets.len().max(1) as u64);
    Ok(asked.envelope(part(buckets, whole), whole))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OverTime {
    id: OtelMetric,
    otel_name: OtelMetric,
    display_name: &'static str,
    aggregation: &'static str,
    unit: &'static str,
    time_buckets: Vec<TimeBucket>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TimeBucket {
    start_time: Timestamp,
    end_time: Timestamp,
    value: Option<f64>,
    delta: Option<f64>,
    samples: u64,
}

async fn value_over_time(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    mut query: Query,
) -> Answer<Json<OverTime>> {
    let range = range(&mut query);
    let by_id: Option<OtelMetric> = query.one("configId");
    if query.text("otelName").is_none() && query.text("configId").is_none() {
        query.refuse("otelName", "name one of the metrics in metrics/summary");
    }
    let metric = query.one("otelName").or(by_id);
    query.done()?;
    // Without one, what was asked has been refused above.
    let metric = metric.ok_or(Error::NotFound("metric"))?;
    let buckets = otel::over_time(&house, &caller, &id, &[metric], range).await?;
    let buckets = buckets.into_iter().flat_map(|bucket| {
        let (start_time, end_time) = (bucket.start_time, bucket.end_time);
        bucket.values.into_iter().map(move |sample| TimeBucket {
            start_time,
            end_time,
            value: sample.value,
            delta: sample.delta,
            samples: sample.samples,
        })
    });
    Ok(Json(OverTime {
        id: metric,
        otel_name: metric,
        display_name: metric.display_name(),
        aggregation: metric.aggregation(),
        unit: metric.unit(),
        time_buckets: buckets.collect(),
    }))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MetricSummary {
    otel_name: OtelMetric,
    description: &'static str,
    metric_type: &'static str,
    units: &'static str,
}

async fn summary(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<MetricSummary>> {
    let page = paging(&mut query, MOST);
    let wanted = query.search().map(|text| text.to_lowercase());
    let kind = query.text("metricType").map(str::to_lowercase);
    query.done()?;
    otel::found(&house, &caller, &id).await?;
    let named = |metric: OtelMetric| {
        wanted.as_ref().is_none_or(|text| metric.word().contains(text.as_str()))
    };
    let typed = |metric: OtelMetric| kind.as_deref().is_none_or(|kind| kind == metric.kind());
    let all = OtelMetric::ALL.iter().copied().filter(|metric| named(*metric) && typed(*metric));
    let rows = all.map(|metric| MetricSummary {
        otel_name: metric,
        description: metric.description(),
        metric_type: metric.kind(),
        units: metric.unit(),
    });
    Ok(asked.envelope(part(rows.collect(), page), page))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MetricConfig {
    id: OtelMetric,
    otel_name: OtelMetric,
    display_name: &'static str,
    aggregation: &'static str,
    percentile: Option<f64>,
    enabled: bool,
}

/// They are the same for all workloads and nobody's to change.
async fn configs(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<MetricConfig>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    otel::found(&house, &caller, &id).await?;
    let rows = OtelMetric::ALL.iter().copied().map(|metric| MetricConfig {
        id: metric,
        otel_name: metric,
        display_name: metric.display_name(),
        aggregation: metric.aggregation(),
        percentile: (metric == OtelMetric::ResponseTime).then_some(0.5),
        enabled: true,
    });
    Ok(asked.envelope(part(rows.collect(), page), page))
}

/// A list of traces, in the envelope of all lists and with its total once more, where clients look for it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Traces {
    count: u64,
    total_count: u64,
    total: u64,
    data: Vec<Value>,
    next: Option<String>,
    previous: Option<String>,
}

async fn traces(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Traces>> {
    let page = paging(&mut query, MOST);
    range(&mut query);
    query.done()?;
    otel::found(&house, &caller, &id).await?;
    let none = asked.envelope(Page::<Value> { items: Vec::new(), total: 0 }, page);
    Ok(Json(Traces {
        count: 0,
        total_count: 0,
        total: 0,
        data: none.data,
        next: none.next,
        previous: none.previous,
    }))
}

async fn trace(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    _: Trace,
) -> Answer<Json<Value>> {
    otel::found(&house, &caller, &id).await?;
    Err(Error::NotFound("trace").into())
}

fn range(query: &mut Query) -> OtelRange {
    OtelRange {
        start: query.one("startTime"),
        end: query.one("endTime"),
        resolution: query.one("resolution").unwrap_or(Resolution::Hour),
    }
}

fn part<T>(all: Vec<T>, page: Paging) -> Page<T> {
    let total = all.len() as u64;
    let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let take = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Page { items: all.into_iter().skip(skip).take(take).collect(), total }
}
