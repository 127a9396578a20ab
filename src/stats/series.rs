//! Metrics over time (rules.md §9): a value for each bucket, and null where nothing was counted.

use super::{
    buckets::Buckets,
    metrics::{Sum, per_minute},
    read::Shape,
    whose::{Found, Of},
};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Bucket, Figure, Minute, Period, Permission, Resolution, Series, SeriesMetric,
        SeriesSummary, Timestamp, WorkloadId,
    },
    store::Grain,
};

#[derive(Debug, Clone)]
pub struct SeriesQuery {
    pub workload: WorkloadId,
    pub of: Of,
    /// Some buckets before the end when not given; how many depends on the resolution.
    pub start: Option<Timestamp>,
    /// Now when not given.
    pub end: Option<Timestamp>,
    pub resolution: Resolution,
    pub shape: Shape,
}

/// These metrics, in their order, out of one reading.
pub async fn series(
    house: &House,
    caller: &Caller,
    query: &SeriesQuery,
    metrics: &[SeriesMetric],
) -> Result<Vec<Series>, Error> {
    let workload = access::workload(house, caller, &query.workload, Permission::View).await?;
    let now = house.now();
    let Buckets { whole, periods } = Buckets::of(query.resolution, query.start, query.end, now)?;
    let found = Found::of(house, &workload, &query.of).await?;
    let grain = match query.resolution {
        Resolution::Minute | Resolution::FiveMinutes | Resolution::Hour => Grain::Minutes,
        Resolution::Day | Resolution::Week | Resolution::Month => Grain::Days,
    };
    let counted =
        house.store.counted(found.whose(), Some(whole.start), Some(whole.end), grain).await?;
    let value = |metric, period: Period, minutes: &[Minute]| {
        // A bucket that is not over yet has a rate of what has passed of it.
        let passed = Period { end: period.end.min(now), ..period };
        figure(metric, minutes, passed, query.shape)
    };
    let of = |metric: SeriesMetric| Series {
        metric,
        resolution: query.resolution,
        summary: SeriesSummary {
            proton_id: found.single().cloned(),
            period: whole,
            value: value(metric, whole, &counted),
        },
        buckets: split(&counted, &periods)
            .map(|(period, minutes)| Bucket { period, value: value(metric, period, minutes) })
            .collect(),
    };
    Ok(metrics.iter().copied().map(of).collect())
}

/// The minutes of each bucket; both are oldest first, and no bucket overlaps another.
fn split<'m>(
    minutes: &'m [Minute],
    periods: &[Period],
) -> impl Iterator<Item = (Period, &'m [Minute])> {
    let mut left = minutes;
    periods.iter().map(move |period| {
        let before = left.partition_point(|minute| minute.at < period.start);
        let until = left.partition_point(|minute| minute.at < period.end);
        let within = &left[before..until.max(before)];
        left = &left[until..];
        (*period, within)
    })
}

/// None when there is nothing to tell: no minute was recorded, or none that this metric is made of.
fn figure(
    metric: SeriesMetric,
    minutes: &[Minute],
    period: Period,
    shape: Shape,
) -> Option<Figure> {
    if minutes.is_empty() {
        return None;
    }
    let mut sum = Sum::default();
    sum.extend(minutes);
    match metric {
        SeriesMetric::TotalRequests => Some(Figure::Count(sum.requests)),
        SeriesMetric::RequestsOverN => Some(Figure::Count(sum.slower_than_ms(shape.slow_ms))),
        SeriesMetric::RequestsPerMinute => Some(Figure::Rate(per_minute(sum.requests, period))),
        SeriesMetric::ConcurrentRequests => Some(Figure::Count(sum.peak)),
        SeriesMetric::ResponseTime => {
            (sum.answers() > 0).then(|| Figure::Count(sum.quantile_ms(shape.quantile)))
        }
        SeriesMetric::TotalErrorRate => (sum.requests > 0).then(|| Figure::Rate(sum.error_rate())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, figure, split};
    use crate::model::{Figure, LATENCY_CLASSES, Minute, Period, SeriesMetric, Timestamp};

    const SHAPE: Shape = Shape { quantile: 0.5, slow_ms: 2000 };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_micros(minute * 60_000_000)
    }

    fn minute(n: i64, requests: u64) -> Minute {
        Minute {
            at: at(n),
            requests,
            user_errors: 0,
            server_errors: 1,
            peak: 2,
            latencies: vec![0; LATENCY_CLASSES],
        }
    }

    #[test]
    fn each_minute_is_in_the_bucket_it_begins_in_and_gaps_stay_empty() {
        let minutes = [minute(1, 1), minute(4, 2), minute(5, 4), minute(9, 8)];
        let periods: Vec<_> = [(2, 5), (5, 6), (6, 8), (8, 10)]
            .map(|(a, b)| Period { start: at(a), end: at(b) })
            .into();
        let found: Vec<u64> = split(&minutes, &periods)
            .map(|(_, minutes)| minutes.iter().map(|m| m.requests).sum())
            .collect();
        assert_eq!(found, [2, 4, 0, 8]);
    }

    #[test]
    fn nothing_counted_is_not_zero() {
        let period = Period { start: at(0), end: at(10) };
        let of = |metric, minutes: &[Minute]| figure(metric, minutes, period, SHAPE);
        assert_eq!(of(SeriesMetric::TotalRequests, &[]), None);
        let some = [minute(1, 4)];
        assert_eq!(of(SeriesMetric::TotalRequests, &some), Some(Figure::Count(4)));
        assert_eq!(of(SeriesMetric::TotalErrorRate, &some), Some(Figure::Rate(0.25)));
        assert_eq!(of(SeriesMetric::RequestsPerMinute, &some), Some(Figure::Rate(0.4)));
        assert_eq!(of(SeriesMetric::ConcurrentRequests, &some), Some(Figure::Count(2)));
        assert_eq!(of(SeriesMetric::ResponseTime, &some), None, "no answer was timed");
    }
}
