//! Use cases of workloads: create, read, edit, start, stop, delete, and the deadline of drafts.
//!
//! Each checks who asks, validates, writes state, event and history in one transaction, and pokes the
//! controller. None of them starts or stops anything itself.

pub(crate) mod create;
mod deadline;
mod demo;
mod edit;
mod lifecycle;
pub mod record;

pub use create::create;
pub(crate) use create::{draft_is_free, new_proton};
pub(crate) use deadline::{deadline, next_deadline};
pub use demo::create_demo;
pub use edit::{delete, edit};
pub use lifecycle::{Effect, start, stop};

use crate::{
    access::{Caller, visible},
    error::Error,
    house::House,
    model::{Page, Workload, WorkloadId, WorkloadRecord},
    store::{Paging, WorkloadFilter, Write},
};

/// Whether a list carries each workload's request statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithStats {
    Yes,
    No,
}

/// The workload, if the caller may see it.
pub(crate) async fn find(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<Workload, Error> {
    visible(caller, house.store.workload(caller.org(), id).await?)
}

/// The same inside a transaction that changes it. The controller writes workloads too, and what was read
/// before the turn to write came may be out of date, which the caller would be told as a conflict.
pub(crate) async fn find_to_change(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<Workload, Error> {
    visible(caller, write.workload(caller.org(), id).await?)
}

pub async fn get(house: &House, caller: &Caller, id: &WorkloadId) -> Result<WorkloadRecord, Error> {
    let workload = find(house, caller, id).await?;
    record::of(house, &workload, record::Detail::Full).await
}

/// The caller's workloads.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
    paging: Paging,
    stats: WithStats,
) -> Result<Page<WorkloadRecord>, Error> {
    let mut filter = filter.clone();
    if !caller.user.is_admin {
        // The only workloads others may see are their own, so the filter is the access rule.
        if filter.created_by.as_ref().is_some_and(|by| by != caller.id()) {
            return Ok(Page { items: Vec::new(), total: 0 });
        }
        filter.created_by = Some(caller.id().clone());
    }
    let page = house.store.workloads(caller.org(), &filter, paging).await?;
    let detail = match stats {
        WithStats::Yes => record::Detail::Stats,
        WithStats::No => record::Detail::Brief,
    };
    let items = record::page(house, &page.items, detail).await?;
    Ok(Page { items, total: page.total })
}
