//! Forgetting what was counted. Counts that were not recorded yet are forgotten too, or they would come
//! back a moment later.

use super::read::{in_order, of_workload};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{EventId, EventKind, NewEvent, Permission, ProtonId, Timestamp, WorkloadId},
};

/// What to forget; what is not given does not narrow.
#[derive(Debug, Clone)]
pub struct StatsRange {
    pub workload: WorkloadId,
    pub proton: Option<ProtonId>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
}

pub async fn clear(house: &House, caller: &Caller, range: &StatsRange) -> Result<(), Error> {
    let workload = access::workload(house, caller, &range.workload, Permission::Update).await?;
    in_order(range.start, range.end)?;
    if let Some(id) = &range.proton {
        of_workload(house, &workload, id).await?;
    }
    let now = house.now();
    let mut write = house.store.write().await?;
    write.clear_stats(&workload.id, range.proton.as_ref(), range.start, range.end).await?;
    let text = format!("statistics of '{}' were cleared", workload.name);
    let event = NewEvent::on_workload(&workload.id, EventKind::StatsCleared, text).with(
        serde_json::json!({
            "protonId": range.proton, "startTime": range.start, "endTime": range.end,
        }),
    );
    write.event(caller.org(), event.by(caller.id()), now, EventId::from_bytes(house.id()));
    if range.end.is_none_or(|end| end > now) {
        discard(house, &workload.id, range.proton.as_ref());
    }
    write.commit().await?;
    Ok(())
}

/// Forgets what was counted and not recorded yet. Call it inside the transaction that clears: the recorder
/// takes its turn there too, so nothing can come between.
pub fn discard(house: &House, workload: &WorkloadId, proton: Option<&ProtonId>) {
    for (owner, traffic) in house.controller.live().all_traffic() {
        if owner == *workload && proton.is_none_or(|id| *id == traffic.id) {
            drop(traffic.take_minute(house.now()));
        }
    }
}
