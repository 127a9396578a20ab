//! Reading what was counted.

use std::{collections::HashMap, slice};

use super::{
    metrics::{Sum, Wanted, per_minute, share},
    whose::{Found, Of},
};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Millis, Period, Permission, ProtonId, RequestStats, Stats, Timestamp, Workload, WorkloadId,
    },
    store::Grain,
};

#[derive(Debug, Clone)]
pub struct StatsQuery {
    pub workload: WorkloadId,
    pub of: Of,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub shape: Shape,
}

/// What a metric is asked for besides its name.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Which quantile of the latencies `responseTime` is, from 0 to 1.
    pub quantile: f64,
    pub slow_ms: u64,
}

/// A request longer than this is slow, unless the caller says otherwise.
pub const SLOW_MS: u64 = 2000;

/// The periods of [`RequestStats`]: the last seven hours, oldest first.
const PERIODS: u64 = 7;
const PERIOD: Millis = Millis::hours(1);

pub async fn read(house: &House, caller: &Caller, query: &StatsQuery) -> Result<Stats, Error> {
    let workload = access::workload(house, caller, &query.workload, Permission::View).await?;
    in_order(query.start, query.end)?;
    let found = Found::of(house, &workload, &query.of).await?;
    let minutes = house.store.counted(found.whose(), query.start, query.end, Grain::Days).await?;
    let mut sum = Sum::default();
    sum.extend(&minutes);
    let first = match query.start {
        Some(start) => Some(start),
        None => house.store.first_counted(found.whose(), query.end).await?,
    };
    let period = first.map(|start| Period { start, end: query.end.unwrap_or(house.now()) });
    let whole = period.unwrap_or(Period { start: house.now(), end: house.now() });
    let open = match &found {
        Found::Workload(id) => house.controller.live().open_of(slice::from_ref(id)).values().sum(),
        Found::Protons(ids) => ids.iter().map(|id| open_on(house, id)).sum(),
    };
    let wanted = Wanted { open, quantile: query.shape.quantile, slow_ms: query.shape.slow_ms };
    Ok(Stats { period, metrics: sum.metrics(whole, wanted) })
}

/// The short form on the records of a page, with the last seven hours: of everything that a workload answered,
/// whichever version it was. A rollout does not make a busy workload look idle.
pub(crate) async fn briefs(
    house: &House,
    workloads: &[Workload],
) -> Result<HashMap<WorkloadId, RequestStats>, Error> {
    let ids: Vec<_> = workloads.iter().map(|w| w.id.clone()).collect();
    let end = next_minute(house.now());
    let start = back(end, PERIODS);
    let mut sums = house.store.sums_of(&ids).await?;
    let mut hours = house.store.hours_of(&ids, start).await?;
    let last = house.store.last_responses(&ids).await?;
    let open = house.controller.live().open_of(&ids);
    let mut all = HashMap::new();
    for id in ids {
        let sum = sums.remove(&id).map(|sum| Sum::from(&sum)).unwrap_or_default();
        let mut stats = RequestStats {
            total_requests: sum.requests,
            concurrent_requests: open.get(&id).copied().unwrap_or_default(),
            response_time: sum.quantile_ms(0.5),
            error_rate: sum.error_rate() * 100.0,
            last_request_at: last.get(&id).copied(),
            ..RequestStats::default()
        };
        for hour in hours.remove(&id).unwrap_or_default() {
            let Some(rate) = stats.request_rates.get_mut(hour.index) else { continue };
            *rate = per_minute(hour.requests, Period { start, end: start + PERIOD });
            stats.error_rates[hour.index] = share(hour.errors, hour.requests) * 100.0;
        }
        all.insert(id, stats);
    }
    Ok(all)
}

/// Periods are made of whole minutes, the present one included, because that is what is counted.
fn next_minute(now: Timestamp) -> Timestamp {
    const MINUTE: i64 = 60_000_000;
    Timestamp::from_micros((now.micros().div_euclid(MINUTE) + 1) * MINUTE)
}

fn back(end: Timestamp, periods: u64) -> Timestamp {
    let micros = PERIOD.0.saturating_mul(periods).saturating_mul(1000);
    Timestamp::from_micros(end.micros().saturating_sub(i64::try_from(micros).unwrap_or(i64::MAX)))
}

fn open_on(house: &House, proton: &ProtonId) -> u64 {
    house.controller.live().traffic(proton).map_or(0, |traffic| traffic.open())
}

pub(super) fn in_order(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<(), Error> {
    match (start, end) {
        (Some(start), Some(end)) if start > end => {
            Err(Error::BadRequest(format!("startTime {start} is after endTime {end}")))
        }
        _ => Ok(()),
    }
}
