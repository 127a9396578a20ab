//! Metrics of a workload in the words of OpenTelemetry (rules.md §16): what the engine observes, and what the
//! gateway counts, now and over time.
//!
//! Known limitation: nothing is received from the containers themselves, neither metrics nor traces.

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Figure, GroupRuntime, Observed, OtelBucket, OtelMetric, OtelSample, OtelValue, Period,
        Permission, Proton, Resolution, Series, SeriesMetric, Timestamp, Usage, WorkloadId,
    },
    stats::{self, Of, SLOW_MS, SeriesQuery, Shape},
    usage::{self, UsageQuery, UsageSeries},
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
        let aggregated = past.whole(metric);
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
    Ok((past.used.period, all))
}

/// These metrics, bucket by bucket.
pub async fn over_time(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    metrics: &[OtelMetric],
    range: OtelRange,
) -> Result<Vec<OtelBucket>, Error> {
    let past = Past::read(house, caller, id, range).await?;
    let periods = past.used.buckets.iter().map(|bucket| bucket.period);
    let mut buckets: Vec<_> =
        periods.map(|period| OtelBucket::new(period, Vec::with_capacity(metrics.len()))).collect();
    for metric in metrics.iter().copied() {
        let mut before = None;
        for (index, bucket) in buckets.iter_mut().enumerate() {
            let (value, samples) = past.bucket(metric, index);
            bucket.values.push(OtelSample {
                otel_name: metric,
                display_name: metric.display_name().to_owned(),
                aggregation: metric.aggregation().to_owned(),
                unit: metric.unit().to_owned(),
                value,
                delta: value.zip(before).map(|(now, before)| now - before),
                samples: if value.is_some() { samples } else { 0 },
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

/// What the gateway counted in a range, and what the replicas used: in the same buckets.
struct Past {
    counted: Vec<Series>,
    used: UsageSeries,
}

impl Past {
    async fn read(
        house: &House,
        caller: &Caller,
        id: &WorkloadId,
        range: OtelRange,
    ) -> Result<Self, Error> {
        // Both readings are about the same moments.
        let end = Some(range.end.unwrap_or(house.now()));
        let OtelRange { start, resolution, .. } = range;
        let (workload, of) = (id.clone(), Of::Serving);
        let query = UsageQuery { workload, of, start, end, resolution };
        let used = usage::series(house, caller, &query).await?;
        let UsageQuery { workload, of, .. } = query;
        let shape = Shape { quantile: 0.5, slow_ms: SLOW_MS };
        let query = SeriesQuery { workload, of, start, end, resolution, shape };
        let counted = stats::series(house, caller, &query, SeriesMetric::ALL).await?;
        Ok(Self { counted, used })
    }

    fn series(&self, metric: SeriesMetric) -> Option<&Series> {
        self.counted.iter().find(|series| series.metric == metric)
    }

    /// What a metric came to in the whole time.
    fn whole(&self, metric: OtelMetric) -> Option<f64> {
        match metric.counted() {
            Some(counted) => number(metric, self.series(counted)?.summary.value),
            None => used(metric, self.used.whole.as_ref()?),
        }
    }

    /// The same in one bucket, and how many samples that is made of.
    fn bucket(&self, metric: OtelMetric, index: usize) -> (Option<f64>, u64) {
        let figure = |metric| self.series(metric)?.buckets.get(index)?.value;
        match metric.counted() {
            Some(counted) => {
                let samples = match figure(SeriesMetric::TotalRequests) {
                    Some(Figure::Count(requests)) => requests,
                    _ => 0,
                };
                (number(metric, figure(counted)), samples)
            }
            None => {
                let seen = self.used.buckets.get(index).and_then(|bucket| bucket.used);
                (seen.and_then(|seen| used(metric, &seen)), seen.map_or(0, |seen| seen.looks))
            }
        }
    }
}

/// What was seen on the replicas, in the unit of the metric.
fn used(metric: OtelMetric, seen: &Usage) -> Option<f64> {
    match metric {
        OtelMetric::CpuUsage => seen.cores().map(|cores| cores * 1e9),
        OtelMetric::CpuUtilization => seen.cpu_share(),
        OtelMetric::MemoryUsage => seen.memory(),
        OtelMetric::MemoryUtilization => seen.memory_share(),
        OtelMetric::ReplicasReady => seen.mean_ready(),
        OtelMetric::ReplicasDesired => seen.mean_wanted(),
        OtelMetric::Restarts => Some(exact(seen.restarts)),
        _ => None,
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
