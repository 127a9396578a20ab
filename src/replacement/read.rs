//! Reading replacements: the one that goes on, and those of the past.

use super::{record, record_by};
use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        Millis, Outcome, Page, Permission, Permissions, Proton, Replacement, ReplacementId,
        ReplacementRecord, Timestamp, WorkloadId, narrowed,
    },
    store::Paging,
};

/// How long a completed record stays where clients poll for it, so that one that looks every few seconds
/// sees the end even of a roll that took one (rules.md L6.4).
const COMPLETED_READABLE: Millis = Millis::minutes(10);

/// Whether the newest replacement still shows as the workload's current one. A completed one does for a
/// while, an unsuccessful one until something newer happens. `promoted`: when the workload last was.
pub(crate) fn is_readable(
    now: Timestamp,
    active: Option<&Proton>,
    promoted: Option<Timestamp>,
    newest: &Replacement,
) -> bool {
    let Some(outcome) = newest.progress.outcome() else { return true };
    let ended = newest.ended_at.unwrap_or(newest.updated_at);
    if outcome == Outcome::Completed {
        return now < ended + COMPLETED_READABLE;
    }
    active.is_none_or(|proton| proton.created_at <= ended)
        && promoted.is_none_or(|promoted| promoted <= newest.created_at)
}

/// The record for somebody who holds only these permissions.
async fn seen(
    house: &House,
    held: Permissions,
    of: &Replacement,
) -> Result<ReplacementRecord, Error> {
    let mut record = record(house, of).await?;
    record.allowed = narrowed(record.allowed, held);
    Ok(record)
}

/// The replacement that goes on, or one that has just ended.
pub async fn current(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<ReplacementRecord, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let active = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let newest = house.store.latest_replacement(id).await?.ok_or(Error::NotFound("replacement"))?;
    let promoted = house.store.last_promotions(std::slice::from_ref(id)).await?;
    if !is_readable(house.now(), active.as_ref(), promoted.get(id).copied(), &newest) {
        return Err(Error::NotFound("replacement"));
    }
    let held = access::held(&house.store, caller, &workload).await?;
    seen(house, held, &newest).await
}

/// Every replacement, settings change and promotion, newest first: the history.
pub async fn list(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    paging: Paging,
) -> Result<Page<ReplacementRecord>, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let held = access::held(&house.store, caller, &workload).await?;
    let page = house.store.replacements_of(id, paging).await?;
    let mut people = Creators::of(house, page.items.iter().map(|one| &one.user_id)).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for one in &page.items {
        let mut record = record_by(house, one, people.get(&one.user_id).await?);
        record.allowed = narrowed(record.allowed, held);
        items.push(record);
    }
    Ok(Page { items, total: page.total })
}

/// One replacement, for ever. With `wait`, the answer is held until it is over or the time has passed.
pub async fn get(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ReplacementId,
    wait: Option<Millis>,
) -> Result<ReplacementRecord, Error> {
    let started = house.clock.monotonic();
    let mut changes = house.controller.live().changes();
    loop {
        let (of, held) = find(house, caller, workload, id).await?;
        let spent = house.clock.monotonic().saturating_sub(started);
        let left = wait.unwrap_or_default().saturating_sub(spent);
        if of.progress.is_over() || left == Millis::ZERO {
            return seen(house, held, &of).await;
        }
        tokio::select! {
            _ = changes.recv() => {}
            () = house.clock.sleep(left.min(Millis::seconds(1))) => {}
        }
    }
}

/// An entry of the history, and what the caller may do with its workload. A deleted workload takes its record
/// from the lists, never from its address.
pub(super) async fn find(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ReplacementId,
) -> Result<(Replacement, Permissions), Error> {
    let of = house
        .store
        .replacement(id)
        .await?
        .filter(|of| of.workload_id == *workload && of.org_id == *caller.org())
        .ok_or(Error::NotFound("replacement"))?;
    let Some(workload) = house.store.workload_any(workload).await? else {
        return Err(Error::NotFound("replacement"));
    };
    let held = access::held(&house.store, caller, &workload).await?;
    access::need(held, Permission::View, "replacement")?;
    Ok((of, held))
}
