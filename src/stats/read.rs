//! Reading what was counted.

use std::collections::HashMap;

use super::metrics::{Sum, Wanted, per_minute};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Millis, Minute, Period, Permission, ProtonId, RequestStats, Stats, Timestamp, Workload,
        WorkloadId,
    },
};

#[derive(Debug, Clone)]
pub struct StatsQuery {
    pub workload: WorkloadId,
    /// None for the proton that serves now.
    pub proton: Option<ProtonId>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// Which quantile of the latencies `responseTime` is, from 0 to 1.
    pub quantile: f64,
    pub slow_ms: u64,
}

/// A request longer than this is slow, unless the caller says otherwise.
pub const SLOW_MS: u64 = 2000;

/// The length of each of the seven periods of [`RequestStats`].
const PERIOD: Millis = Millis::hours(1);

pub async fn read(house: &House, caller: &Caller, query: &StatsQuery) -> Result<Stats, Error> {
    let workload = access::workload(house, caller, &query.workload, Permission::View).await?;
    in_order(query.start, query.end)?;
    let proton = match &query.proton {
        Some(id) => Some(of_workload(house, &workload, id).await?),
        None => workload.active_proton.clone(),
    };
    let minutes = counted(house, &workload.id, proton.as_ref(), query.start, query.end).await?;
    let mut sum = Sum::default();
    sum.extend(&minutes);
    let first = query.start.or_else(|| minutes.first().map(|minute| minute.at));
    let period = first.map(|start| Period { start, end: query.end.unwrap_or(house.now()) });
    let whole = period.unwrap_or(Period { start: house.now(), end: house.now() });
    let open = proton.as_ref().map_or(0, |id| open_on(house, id));
    let wanted = Wanted { open, quantile: query.quantile, slow_ms: query.slow_ms };
    Ok(Stats { period, metrics: sum.metrics(whole, wanted) })
}

/// The short form on the records of a page: of each workload's present proton, with its last seven hours.
pub(crate) async fn briefs(
    house: &House,
    workloads: &[Workload],
) -> Result<HashMap<WorkloadId, RequestStats>, Error> {
    let protons: Vec<_> = workloads.iter().filter_map(|w| w.active_proton.clone()).collect();
    let ids: Vec<_> = workloads.iter().map(|w| w.id.clone()).collect();
    let mut counted = house.store.minutes_of(&protons).await?;
    let last = house.store.last_responses(&ids).await?;
    let mut all = HashMap::new();
    for workload in workloads {
        let proton = workload.active_proton.as_ref();
        let minutes = proton.and_then(|id| counted.remove(id)).unwrap_or_default();
        let mut stats = brief(&minutes, house.now());
        stats.concurrent_requests = proton.map_or(0, |id| open_on(house, id));
        stats.last_request_at = last.get(&workload.id).copied();
        all.insert(workload.id.clone(), stats);
    }
    Ok(all)
}

fn brief(minutes: &[Minute], now: Timestamp) -> RequestStats {
    let mut sum = Sum::default();
    sum.extend(minutes);
    let mut stats = RequestStats {
        total_requests: sum.requests,
        response_time: sum.quantile_ms(0.5),
        error_rate: sum.error_rate() * 100.0,
        ..RequestStats::default()
    };
    for (index, (period, sum)) in by_period(minutes, now).into_iter().enumerate() {
        stats.error_rates[index] = sum.error_rate() * 100.0;
        stats.request_rates[index] = per_minute(sum.requests, period);
    }
    stats
}

/// The last seven periods, oldest first.
fn by_period(minutes: &[Minute], now: Timestamp) -> [(Period, Sum); 7] {
    let length = i64::try_from(PERIOD.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    std::array::from_fn(|index| {
        let back = length * (7 - i64::try_from(index).unwrap_or(7));
        let start = Timestamp::from_micros(now.micros() - back);
        let period = Period { start, end: start + PERIOD };
        let mut sum = Sum::default();
        sum.extend(minutes.iter().filter(|m| (period.start..period.end).contains(&m.at)));
        (period, sum)
    })
}

async fn counted(
    house: &House,
    workload: &WorkloadId,
    proton: Option<&ProtonId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<Minute>, Error> {
    // Without a proton there is nothing current, and no proton must not read as "all of them".
    let Some(proton) = proton else { return Ok(Vec::new()) };
    let found = house.store.minutes(workload, Some(proton), from, to).await?;
    Ok(found.into_iter().map(|(_, minute)| minute).collect())
}

fn open_on(house: &House, proton: &ProtonId) -> u64 {
    house.controller.live().traffic(proton).map_or(0, |traffic| traffic.open())
}

pub(super) async fn of_workload(
    house: &House,
    workload: &Workload,
    id: &ProtonId,
) -> Result<ProtonId, Error> {
    let proton = house.store.proton(id).await?;
    let own = proton.filter(|proton| proton.workload_id == workload.id);
    own.map(|proton| proton.id).ok_or(Error::NotFound("proton"))
}

pub(super) fn in_order(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<(), Error> {
    match (start, end) {
        (Some(start), Some(end)) if start > end => {
            Err(Error::BadRequest(format!("startTime {start} is after endTime {end}")))
        }
        _ => Ok(()),
    }
}
