//! Metrics of a workload in the words of OpenTelemetry (rules.md §16): what the engine observes now, and what
//! the gateway counted over time.
//!
//! Known limitation: cpu, memory and replicas are known for the present only. Nothing is received from the
//! containers themselves, neither metrics nor traces.

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Figure, GroupRuntime, Observed, OtelBucket, OtelMetric, OtelSample, OtelValue, Period,
        Permission, Proton, Resolution, Series, SeriesMetric, Timestamp, WorkloadId,
    },
    stats::{self, SLOW_MS, SeriesQuery, Shape},
};

/// From when to when, and in which steps.
#[derive(Debug, Clone, Copy)]
pub struct OtelRange {
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub resolution: Resolution,
}

/// Every metric: its present value, and what it came to in the range.
pub async fn values(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    range: OtelRange,
) -> Result<(Period, Vec<OtelValue>), Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let proton = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let recent = stats::briefs(house, std::slice::from_ref(&workload)).await?;
    let recent = recent.get(id).cloned().unwrap_or_default();
    let now = Now::of(house, proton.as_ref()).await;
    let past = Past::read(house, caller, id, range).await?;
    let mut all = Vec::new();
    for metric in OtelMetric::ALL.iter().copied() {
        let aggregated = past.of(metric).and_then(|s| number(metric, s.summary.value));
        let current_value = match metric {
            OtelMetric::ActiveRequests => Some(exact(recent.concurrent_requests)),
            OtelMetric::Requests => Some(exact(recent.total_requests)),
            OtelMetric::RequestRate => recent.request_rates.last().copied(),
            OtelMetric::ErrorRate => (recent.total_requests > 0).then_some(recent.error_rate),
            OtelMetric::ResponseTime => {
                (recent.response_time > 0).then(|| exact(recent.response_time))
            }
            OtelMetric::SlowRequests => aggregated,
            observed => now.value(observed),
        };
        all.push(OtelValue {
            otel_name: metric,
            display_name: metric.display_name().to_owned(),
            current_value,
            aggregated_value: aggregated,
            aggregation: metric.aggregation().to_owned(),
            unit: metric.unit().to_owned(),
            level: metric.level().to_owned(),
        });
    }
    let now = house.now();
    Ok((past.period().unwrap_or(Period { start: now, end: now }), all))
}

/// The metrics that are kept over time, bucket by bucket.
pub async fn over_time(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    metrics: &[OtelMetric],
    range: OtelRange,
) -> Result<Vec<OtelBucket>, Error> {
    let past = Past::read(house, caller, id, range).await?;
    let Some(counts) = past.of(OtelMetric::Requests) else { return Ok(Vec::new()) };
    let mut buckets: Vec<_> =
        counts.buckets.iter().map(|bucket| OtelBucket::new(bucket.period, Vec::new())).collect();
    for metric in metrics.iter().copied() {
        let series = past.of(metric);
        let mut before = None;
        for (index, bucket) in buckets.iter_mut().enumerate() {
            let at = |series: &Series| series.buckets.get(index).and_then(|bucket| bucket.value);
            let value = series.and_then(at).and_then(|figure| number(metric, Some(figure)));
            let samples = match (value, at(counts)) {
                (Some(_), Some(Figure::Count(requests))) => requests,
                _ => 0,
            };
            bucket.values.push(OtelSample {
                otel_name: metric,
                display_name: metric.display_name().to_owned(),
                aggregation: metric.aggregation().to_owned(),
                unit: metric.unit().to_owned(),
                value,
                delta: value.zip(before).map(|(now, before)| now - before),
                samples,
            });
            before = value;
        }
    }
    Ok(buckets)
}

/// Whether there is such a workload for the caller; what containers tell by themselves is not collected.
pub async fn found(house: &House, caller: &Caller, id: &WorkloadId) -> Result<(), Error> {
    access::workload(house, caller, id, Permission::View).await.map(drop)
}

/// What the gateway counted in a range, out of one reading.
struct Past(Vec<Series>);

impl Past {
    async fn read(
        house: &House,
        caller: &Caller,
        id: &WorkloadId,
        range: OtelRange,
    ) -> Result<Self, Error> {
        let query = SeriesQuery {
            workload: id.clone(),
            proton: None,
            start: range.start,
            end: range.end,
            resolution: range.resolution,
            shape: Shape { quantile: 0.5, slow_ms: SLOW_MS },
        };
        stats::series(house, caller, &query, SeriesMetric::ALL).await.map(Self)
    }

    /// None for what is known of the present only.
    fn of(&self, metric: OtelMetric) -> Option<&Series> {
        let counted = metric.history()?;
        self.0.iter().find(|series| series.metric == counted)
    }

    /// The same for all of them.
    fn period(&self) -> Option<Period> {
        self.0.first().map(|series| series.summary.period)
    }
}

/// Rates of errors are percentages here.
fn number(metric: OtelMetric, figure: Option<Figure>) -> Option<f64> {
    let value = match figure? {
        Figure::Count(count) => exact(count),
        Figure::Rate(rate) => rate,
    };
    Some(if metric == OtelMetric::ErrorRate { value * 100.0 } else { value })
}

/// What the engine sees of the proton that serves.
struct Now {
    observed: Option<Observed>,
    wanted: Option<u32>,
    /// Asked for by all replicas together: cores and bytes.
    cpu: Option<f64>,
    memory: Option<f64>,
}

impl Now {
    /// An engine that can't tell leaves it out.
    async fn of(house: &House, proton: Option<&Proton>) -> Self {
        let observed = match proton {
            Some(proton) => house.engine.observe(&proton.id).await.ok(),
            None => None,
        };
        let runtime = proton.map(|proton| &proton.snapshot.runtime);
        let group = runtime.and_then(|runtime| runtime.container_groups.first());
        let wanted = runtime.map(crate::model::WorkloadRuntime::replicas);
        let replicas = f64::from(wanted.unwrap_or(1));
        Self {
            observed,
            wanted,
            cpu: group.and_then(GroupRuntime::cpu).map(|cores| cores * replicas),
            memory: group.and_then(GroupRuntime::memory).map(|bytes| exact(bytes) * replicas),
        }
    }

    fn value(&self, metric: OtelMetric) -> Option<f64> {
        let replicas = &self.observed.as_ref()?.replicas;
        // A sum that leaves out what is not known would be too small.
        let sum = |of: fn(&crate::model::Replica) -> Option<u64>| {
            let all = replicas.iter().map(of).collect::<Option<Vec<_>>>()?;
            (!all.is_empty()).then(|| exact(all.iter().sum()))
        };
        let cores = || sum(|replica| replica.cpu_millis).map(|millis| millis / 1000.0);
        let bytes = || sum(|replica| replica.memory_bytes);
        let share = |part: Option<f64>, whole: Option<f64>| {
            Some(part? / whole.filter(|whole| *whole > 0.0)? * 100.0)
        };
        match metric {
            OtelMetric::CpuUsage => cores().map(|cores| cores * 1e9),
            OtelMetric::CpuUtilization => share(cores(), self.cpu),
            OtelMetric::MemoryUsage => bytes(),
            OtelMetric::MemoryUtilization => share(bytes(), self.memory),
            OtelMetric::ReplicasReady => {
                Some(exact(replicas.iter().filter(|replica| replica.ready).count() as u64))
            }
            OtelMetric::ReplicasDesired => self.wanted.map(f64::from),
            OtelMetric::Restarts => {
                Some(exact(replicas.iter().map(|replica| u64::from(replica.restarts)).sum()))
            }
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes stay far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
}
