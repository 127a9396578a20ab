//! How long counted minutes are kept: a day for a draft, thirty days for a locked version (rules.md L11).

use crate::{
    house::House,
    model::{ArtifactStatus, Millis, Timestamp, WorkloadId},
    store::{Paging, Store, StoreError, WorkloadFilter},
};

const DRAFT: Millis = Millis::hours(24);
const LOCKED: Millis = Millis::hours(30 * 24);

/// Between two rounds of forgetting.
pub(super) const INTERVAL: Millis = Millis::hours(1);

/// Workloads looked at in one query.
const BATCH: u64 = 500;

/// Forgets what is older than its workload's present artifact allows.
pub(super) async fn forget_old(house: &House) -> Result<(), StoreError> {
    let Some(org) = house.store.first_org().await? else { return Ok(()) };
    let mut paging = Paging::first(BATCH);
    loop {
        let page = house.store.workloads(&org, &WorkloadFilter::default(), paging).await?;
        let read = page.items.len() as u64;
        for workload in page.items {
            let artifact = house.store.artifact(&org, &workload.artifact_id).await?;
            let locked = artifact.is_some_and(|a| a.state.status() == ArtifactStatus::Locked);
            let kept = if locked { LOCKED } else { DRAFT };
            forget(&house.store, &workload.id, before(house.now(), kept)).await?;
        }
        if read < BATCH {
            return Ok(());
        }
        paging.offset += read;
    }
}

async fn forget(store: &Store, id: &WorkloadId, before: Timestamp) -> Result<(), StoreError> {
    // Most have nothing to forget, and need no turn to write.
    if store.minutes(id, None, None, Some(before)).await?.is_empty() {
        return Ok(());
    }
    let mut write = store.write().await?;
    write.delete_minutes_before(id, before).await?;
    write.commit().await?;
    Ok(())
}

fn before(now: Timestamp, kept: Millis) -> Timestamp {
    let micros = i64::try_from(kept.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_sub(micros))
}
