//! Moves the gateway's counters to the store, without ever slowing the gateway.

use std::collections::HashMap;

use tokio_util::sync::CancellationToken;

use crate::{
    house::House,
    model::{Millis, Minute, OrgId, ProtonId, Timestamp, WorkloadId},
    store::StoreError,
    traffic::Totals,
};

const INTERVAL: Millis = Millis::seconds(2);

/// How often, in rounds, the counters of protons that are over are dropped.
const TIDY_EVERY: u32 = 30;

/// Minutes kept in memory while the store can't take them; beyond this the oldest are given up, because
/// traffic must go on whatever becomes of the store.
const MOST_WAITING: usize = 10_000;

/// Runs until `stop`, and records what is left then.
pub async fn record(house: House, stop: CancellationToken) {
    let mut recorder = Recorder::default();
    let mut stopping = false;
    let mut rounds = 0_u32;
    if let Err(error) = sum_up_days(&house).await {
        tracing::warn!(%error, "days that an earlier version counted can't be read as such");
    }
    while !stopping {
        tokio::select! {
            () = house.clock.sleep(INTERVAL) => {}
            () = stop.cancelled() => stopping = true,
        }
        if let Err(error) = recorder.round(&house).await {
            tracing::warn!(%error, "statistics wait in memory: the store did not take them");
            continue;
        }
        rounds = rounds.wrapping_add(1);
        if rounds.is_multiple_of(TIDY_EVERY)
            && let Err(error) = tidy(&house).await
        {
            tracing::warn!(%error, "counters that are not needed any more are kept for now");
        }
    }
}

/// Makes the sums by day that a version before them has not made.
async fn sum_up_days(house: &House) -> Result<(), StoreError> {
    for (org, workload, proton, day) in house.store.days_without_sum().await? {
        let mut write = house.store.write().await?;
        write.sum_up_day(&org, &workload, &proton, day).await?;
        write.commit().await?;
    }
    Ok(())
}

/// Everything was just recorded, so what is over has nothing left to tell.
async fn tidy(house: &House) -> Result<(), StoreError> {
    let alive = house.store.live_protons().await?;
    house.controller.live().keep_only(&alive.into_iter().map(|(proton, _)| proton).collect());
    Ok(())
}

#[derive(Debug)]
struct Counted {
    org: OrgId,
    workload: WorkloadId,
    proton: ProtonId,
    minute: Minute,
    last_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Recorder {
    /// What each proton had counted at the last round, so that idle ones cost no transaction.
    seen: HashMap<ProtonId, (Totals, u64)>,
    /// Taken from the counters, and not in the store.
    waiting: Vec<Counted>,
}

impl Recorder {
    async fn round(&mut self, house: &House) -> Result<(), StoreError> {
        let all = house.controller.live().all_traffic();
        let present = |(_, traffic): &(_, std::sync::Arc<crate::traffic::ProtonTraffic>)| {
            (traffic.id.clone(), (traffic.totals(), traffic.open()))
        };
        let seen: HashMap<_, _> = all.iter().map(present).collect();
        if self.waiting.is_empty() && seen == self.seen {
            return Ok(());
        }
        // The turn is taken before the counters are: clearing takes its turn too, and what it has forgotten
        // must not be written after it.
        let mut write = house.store.write().await?;
        let minute = minute_of(house.now());
        for (workload, traffic) in &all {
            let last_at = traffic.last_response();
            let Some(taken) = traffic.take_minute(minute) else { continue };
            let Some(owner) = write.workload_any(workload).await? else { continue };
            self.waiting.push(Counted {
                org: owner.org_id,
                workload: workload.clone(),
                proton: traffic.id.clone(),
                minute: taken,
                last_at,
            });
        }
        let excess = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..excess);
        for counted in &self.waiting {
            let Counted { org, workload, proton, minute, last_at } = counted;
            let minutes = std::slice::from_ref(minute);
            write.add_minutes(org, workload, proton, minutes, *last_at).await?;
        }
        write.commit().await?;
        self.waiting.clear();
        self.seen = seen;
        Ok(())
    }
}

/// The beginning of the minute that a moment is in.
pub(crate) fn minute_of(now: Timestamp) -> Timestamp {
    const MINUTE: i64 = 60_000_000;
    Timestamp::from_micros(now.micros().div_euclid(MINUTE) * MINUTE)
}
