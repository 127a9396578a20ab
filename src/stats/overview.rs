//! All workloads that the caller sees, in a few figures (rules.md §9): the last seven days, and how they
//! compare with the seven before.
//!
//! The days are those of UTC and the present one is not over, so what is compared are rates: requests for
//! each day that has passed, not their number.

use std::collections::BTreeMap;

use super::{kept, metrics::Sum};
use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        Concurrency, ErrorRate, Importance, Millis, Minute, Overview, Period, Permission,
        Permissions, RequestCounts, ResponseTime, Timestamp, WorkloadCounts, WorkloadId,
        WorkloadStatus,
    },
    store::{Tally, WorkloadFilter, day_of},
};

const DAYS: u64 = 7;

/// Everything that the caller sees, whose traffic may be some seconds old: for pages that follow what happens.
pub async fn glance(house: &House, caller: &Caller) -> Result<Overview, Error> {
    sums(house, caller, None).await
}

/// What matches, as it is now.
pub async fn overview(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
) -> Result<Overview, Error> {
    sums(house, caller, Some(filter)).await
}

/// Without a filter, from what is kept.
async fn sums(
    house: &House,
    caller: &Caller,
    given: Option<&WorkloadFilter>,
) -> Result<Overview, Error> {
    let filter = given.cloned().unwrap_or_default();
    let filter = WorkloadFilter { viewer: caller.viewer(Permissions::VIEW), ..filter };
    let (before, period) = fortnight(house.now());
    let (store, org) = (&house.store, caller.org());
    let (seen, [old, new], open) = if caller.ceiling().holds(Permission::View) {
        let traffic = match given {
            Some(_) => store.traffic(org, &filter, before.start, period.start).await?,
            None => kept::traffic(house, org, filter.viewer.clone()).await?,
        };
        (store.workload_tally(org, &filter).await?, traffic, open(house, caller, &filter).await?)
    } else {
        (Vec::new(), [before.start, period.start].map(Minute::empty), 0)
    };
    let (old, new) = (Sum::from(&old), Sum::from(&new));
    let count = |holds: &dyn Fn(&Tally) -> bool| -> u64 {
        seen.iter().filter(|one| holds(one)).map(|one| one.count).sum()
    };
    let total = count(&|_| true);
    Ok(Overview {
        period,
        total,
        by_status: words(WorkloadStatus::ALL, |status| count(&|one| one.status == status)),
        by_importance: words(Importance::ALL, |level| count(&|one| one.importance == level)),
        workloads: WorkloadCounts {
            active: count(&|one| one.status == WorkloadStatus::Running),
            total,
        },
        requests: RequestCounts {
            total: new.requests,
            succeeded: new.requests.saturating_sub(new.user_errors + new.server_errors),
            failed: new.user_errors + new.server_errors,
            trend: change(per_day(old.requests, before), per_day(new.requests, period)),
        },
        error_rate: ErrorRate {
            rate: new.error_rate() * 100.0,
            trend: change(old.error_rate(), new.error_rate()),
        },
        response_time: ResponseTime {
            millis: new.quantile_ms(0.5),
            trend: change(exact(old.quantile_ms(0.5)), exact(new.quantile_ms(0.5))),
        },
        concurrent_requests: Concurrency {
            count: open,
            trend: change(exact(old.peak), exact(new.peak)),
        },
    })
}

/// The seven days that end with the present one, and before them those that they are compared with.
pub(super) fn fortnight(now: Timestamp) -> (Period, Period) {
    let present = Period { start: days_before(day_of(now), DAYS - 1), end: now };
    let before = Period { start: days_before(present.start, DAYS), end: present.start };
    (before, present)
}

/// Requests that are open now on what matches.
async fn open(house: &House, caller: &Caller, filter: &WorkloadFilter) -> Result<u64, Error> {
    let busy = house.controller.live().busy();
    let ids: Vec<WorkloadId> = busy.keys().cloned().collect();
    let seen = house.store.matching_among(caller.org(), filter, &ids).await?;
    Ok(busy.iter().filter(|(id, _)| seen.contains(id)).map(|(_, open)| open).sum())
}

/// Every word with its count, those with none too: a reader need not ask which exist.
fn words<T: Copy + ToString>(all: &[T], count: impl Fn(T) -> u64) -> BTreeMap<String, u64> {
    all.iter().map(|word| (word.to_string(), count(*word))).collect()
}

fn days_before(day: Timestamp, days: u64) -> Timestamp {
    let micros = i64::try_from(Millis::hours(24 * days).0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(day.micros().saturating_sub(micros))
}

/// How much more it is than before, in percent; negative for less. None when there was nothing before.
fn change(before: f64, now: f64) -> Option<f64> {
    (before > 0.0).then(|| (now - before) / before * 100.0)
}

fn per_day(requests: u64, period: Period) -> f64 {
    let hours = exact(period.end.since(period.start).0) / exact(Millis::hours(1).0);
    exact(requests) * 24.0 / hours.max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{change, per_day};
    use crate::model::{Millis, Period, Timestamp};

    #[test]
    fn a_day_that_is_not_over_does_not_look_like_a_fall() {
        let start = Timestamp::from_micros(0);
        let before = Period { start, end: start + Millis::hours(7 * 24) };
        let begun = Period { start, end: start + Millis::hours(6 * 24 + 6) };
        let trend = change(per_day(7 * 24, before), per_day(6 * 24 + 6, begun)).unwrap();
        assert!(trend.abs() < 1e-9, "{trend}");
    }

    #[test]
    fn trends_are_percentages_and_nothing_compares_with_nothing() {
        assert_eq!(change(50.0, 75.0), Some(50.0));
        assert_eq!(change(50.0, 25.0), Some(-50.0));
        assert_eq!(change(0.0, 25.0), None);
    }
}
