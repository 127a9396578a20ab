//! Use over time: a sum of looks for each bucket, and none where nobody looked.

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{Millis, Period, Permission, Resolution, Timestamp, Usage, WorkloadId},
    stats::{Buckets, Found, Of},
};

#[derive(Debug, Clone)]
pub struct UsageQuery {
    pub workload: WorkloadId,
    pub of: Of,
    /// Some buckets before the end when not given; how many depends on the resolution.
    pub start: Option<Timestamp>,
    /// Now when not given.
    pub end: Option<Timestamp>,
    pub resolution: Resolution,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSeries {
    pub period: Period,
    /// Over the whole time; none when nobody looked.
    pub whole: Option<Usage>,
    /// Oldest first, without gaps or overlaps.
    pub buckets: Vec<UsageBucket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageBucket {
    pub period: Period,
    pub used: Option<Usage>,
}

pub async fn series(
    house: &House,
    caller: &Caller,
    query: &UsageQuery,
) -> Result<UsageSeries, Error> {
    let workload = access::workload(house, caller, &query.workload, Permission::View).await?;
    let Buckets { whole, periods } =
        Buckets::of(query.resolution, query.start, query.end, house.now())?;
    let found = Found::of(house, &workload, &query.of).await?;
    let step = step(query.resolution);
    let used = house.store.used(found.whose(), whole.start, whole.end, step).await?;
    Ok(UsageSeries { period: whole, whole: sum(&used), buckets: split(&used, &periods) })
}

/// The coarsest step that every bucket is made of; days add up to weeks and months.
const fn step(resolution: Resolution) -> Millis {
    match resolution {
        Resolution::Minute => Millis::minutes(1),
        Resolution::FiveMinutes => Millis::minutes(5),
        Resolution::Hour => Millis::hours(1),
        Resolution::Day | Resolution::Week | Resolution::Month => Millis::hours(24),
    }
}

/// Both are oldest first. Each step begins with its first minute inside of the range, so it is in the bucket
/// that this minute is in.
fn split(used: &[Usage], periods: &[Period]) -> Vec<UsageBucket> {
    let mut left = used;
    periods
        .iter()
        .map(|period| {
            let until = left.partition_point(|usage| usage.at < period.end);
            let (within, after) = left.split_at(until);
            left = after;
            UsageBucket { period: *period, used: sum(within) }
        })
        .collect()
}

fn sum(used: &[Usage]) -> Option<Usage> {
    let (first, rest) = used.split_first()?;
    let mut sum = *first;
    for usage in rest {
        sum.add(usage);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::{split, sum};
    use crate::model::{Period, Timestamp, Usage};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_micros(minute * 60_000_000)
    }

    fn used(minute: i64, looks: u64) -> Usage {
        Usage { at: at(minute), looks, ..Usage::default() }
    }

    #[test]
    fn each_step_is_in_one_bucket_and_gaps_stay_gaps() {
        let all = [used(1, 1), used(4, 2), used(5, 4), used(12, 8)];
        let periods =
            [(0, 5), (5, 10), (10, 11), (11, 20)].map(|(a, b)| Period { start: at(a), end: at(b) });
        let looks: Vec<_> = split(&all, &periods).iter().map(|b| b.used.map(|u| u.looks)).collect();
        assert_eq!(looks, [Some(3), Some(4), None, Some(8)]);
        assert_eq!(sum(&all).map(|sum| (sum.at, sum.looks)), Some((at(1), 15)));
        assert_eq!(sum(&[]), None);
    }
}
