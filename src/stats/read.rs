//! Reading what was counted.

use super::metrics::{Sum, Wanted, per_minute};
use crate::{
    access::{Caller, visible},
    error::Error,
    house::House,
    model::{
        Millis, Minute, Period, ProtonId, RequestStats, Stats, Timestamp, Workload, WorkloadId,
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
    let workload = visible(caller, house.store.workload(caller.org(), &query.workload).await?)?;
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

/// The short form on a workload's record: the proton that serves now, and its last seven hours.
pub async fn brief(house: &House, workload: &WorkloadId) -> Result<RequestStats, Error> {
    let Some(workload) = house.store.workload_any(workload).await? else {
        return Ok(RequestStats::default());
    };
    let proton = workload.active_proton.as_ref();
    let minutes = counted(house, &workload.id, proton, None, None).await?;
    let mut sum = Sum::default();
    sum.extend(&minutes);
    let mut stats = RequestStats {
        total_requests: sum.requests,
        concurrent_requests: proton.map_or(0, |id| open_on(house, id)),
        response_time: sum.quantile_ms(0.5),
        error_rate: sum.error_rate() * 100.0,
        last_request_at: house.store.last_response(&workload.id).await?,
        ..RequestStats::default()
    };
    for (index, (period, sum)) in by_period(&minutes, house.now()).into_iter().enumerate() {
        stats.error_rates[index] = sum.error_rate() * 100.0;
        stats.request_rates[index] = per_minute(sum.requests, period);
    }
    Ok(stats)
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
