//! Forgetting what was counted. Counts that were not recorded yet are recorded first, or they would come
//! back a moment later; when one counter is cleared, the others of them stay.
//!
//! One counter is cleared by making it zero: requests without their errors, or answers without their times.
//! What is cleared counts as not having been, so a rate of errors is zero afterwards and a response time
//! unknown.

use super::{
    kept,
    read::in_order,
    record::minute_of,
    whose::{Found, Of},
};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::Error,
    house::House,
    model::{
        AuditAction, Counter, EventId, EventKind, NewEvent, Permission, ProtonId, Timestamp,
        Workload, WorkloadId,
    },
    store::Write,
};

/// What to forget; what is not given does not narrow.
#[derive(Debug, Clone)]
pub struct StatsRange {
    pub workload: WorkloadId,
    pub proton: Option<ProtonId>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// None for all of them.
    pub counter: Option<Counter>,
}

pub async fn clear(house: &House, caller: &Caller, range: &StatsRange) -> Result<(), Error> {
    let act = Act::on(AuditAction::StatsClear, &range.workload);
    audit::attempt(house, caller, act, try_clear(house, caller, range)).await
}

async fn try_clear(house: &House, caller: &Caller, range: &StatsRange) -> Result<(), Error> {
    let workload = access::workload(house, caller, &range.workload, Permission::Update).await?;
    in_order(range.start, range.end)?;
    if let Some(id) = &range.proton {
        Found::of(house, &workload, &Of::Proton(id.clone())).await?;
    }
    let now = house.now();
    let mut write = house.store.write().await?;
    record_now(house, &mut write, &workload).await?;
    let StatsRange { proton, start, end, counter, .. } = range;
    write.clear_stats(&workload.id, proton.as_ref(), *start, *end, *counter).await?;
    let text = match counter {
        None => format!("statistics of '{}' were cleared", workload.name),
        Some(counter) => format!("statistics of '{}' were cleared: {counter}", workload.name),
    };
    let event = NewEvent::on_workload(&workload.id, EventKind::StatsCleared, text).with(
        serde_json::json!({
            "protonId": proton, "startTime": start, "endTime": end, "metricName": counter,
        }),
    );
    write.event(caller.org(), event.by(caller.id()), now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::StatsClear, &workload.id);
    audit::done(&mut write, house, caller, act, None, None);
    write.commit().await?;
    kept::again(house, caller.org(), &workload.id).await?;
    Ok(())
}

/// Records what was counted and not recorded yet, in the transaction that clears: the recorder takes its turn
/// there too, so nothing can come between.
async fn record_now(
    house: &House,
    write: &mut Write<'_>,
    workload: &Workload,
) -> Result<(), Error> {
    let minute = minute_of(house.now());
    for (owner, traffic) in house.controller.live().all_traffic() {
        if owner != workload.id {
            continue;
        }
        let last_at = traffic.last_response();
        if let Some(taken) = traffic.take_minute(minute) {
            let (org, id) = (&workload.org_id, &workload.id);
            write.add_minutes(org, id, &traffic.id, std::slice::from_ref(&taken), last_at).await?;
        }
    }
    Ok(())
}

/// Forgets everything that was counted, recorded or not.
pub(crate) async fn clear_all(
    house: &House,
    write: &mut Write<'_>,
    workload: &Workload,
) -> Result<(), Error> {
    record_now(house, write, workload).await?;
    write.clear_stats(&workload.id, None, None, None, None).await?;
    Ok(())
}
