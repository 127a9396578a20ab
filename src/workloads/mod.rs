//! Use cases of workloads: create, read, edit, start, stop, delete, and the deadline of drafts. [`facets`] and
//! [`choices`] are what one can choose from when narrowing the list and when creating.
//!
//! Each checks who asks, validates, writes state, event and history in one transaction, and pokes the
//! controller. None of them starts or stops anything itself.

mod choices;
pub(crate) mod create;
mod deadline;
mod demo;
mod edit;
mod facets;
mod farewell;
mod lifecycle;
pub mod record;
mod seen;

pub use choices::{Choice, choices};
pub use create::create;
pub(crate) use create::{draft_is_free, new_proton};
pub(crate) use deadline::{deadline, next_deadline};
pub use demo::{create_demo, demo_request};
pub use edit::{Edited, delete, edit, last_edit};
pub use facets::{Counts, Facets, counts, creator_name, facets};
pub use farewell::{Farewell, farewell};
pub use lifecycle::{Effect, start, stop};

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{
        Page, Permission, Permissions, Workload, WorkloadBrief, WorkloadId, WorkloadRecord,
        WorkloadView,
    },
    store::{Paging, WorkloadFilter, WorkloadKey, WorkloadOrder},
};

/// Whether a list carries each workload's request statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithStats {
    Yes,
    No,
}

/// What the audit trail keeps of a workload.
pub(crate) fn facts(workload: &Workload) -> serde_json::Value {
    serde_json::json!({
        "name": workload.name,
        "description": workload.description,
        "importance": workload.importance,
        "wanted": workload.wanted,
        "artifactId": workload.artifact_id,
        "runtime": workload.runtime,
        "expiresAt": workload.expires_at,
    })
}

/// All of it, for who may view it.
pub async fn get(house: &House, caller: &Caller, id: &WorkloadId) -> Result<WorkloadRecord, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    full(house, caller, &workload).await
}

/// As much of it as the caller may see.
pub async fn view(house: &House, caller: &Caller, id: &WorkloadId) -> Result<WorkloadView, Error> {
    match access::workload(house, caller, id, Permission::View).await {
        Ok(workload) => Ok(WorkloadView::Full(full(house, caller, &workload).await?.into())),
        Err(Error::Forbidden(_)) => {
            let workload = access::workload(house, caller, id, Permission::Invoke).await?;
            let record = record::of(house, &workload, record::Detail::Brief).await?;
            Ok(WorkloadView::Reduced(seen::one(house, caller, record).await?.into()))
        }
        Err(error) => Err(error),
    }
}

/// The record after the caller has been let in.
pub(crate) async fn full(
    house: &House,
    caller: &Caller,
    workload: &Workload,
) -> Result<WorkloadRecord, Error> {
    let record = record::of(house, workload, record::Detail::Full).await?;
    seen::one(house, caller, record).await
}

/// What the caller may view of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
    paging: Paging,
    stats: WithStats,
) -> Result<Page<WorkloadRecord>, Error> {
    let filter = WorkloadFilter { viewer: caller.viewer(Permissions::VIEW), ..filter.clone() };
    Ok(records(house, caller, &filter, paging, stats).await?.map(|(_, record)| record))
}

async fn records(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
    paging: Paging,
    stats: WithStats,
) -> Result<Page<(Permissions, WorkloadRecord)>, Error> {
    let page = house.store.workloads(caller.org(), filter, paging).await?;
    let detail = match stats {
        WithStats::Yes => record::Detail::Stats,
        WithStats::No => record::Detail::Brief,
    };
    let items = record::page(house, &page.items, detail).await?;
    Ok(Page { items: seen::all(house, caller, items).await?, total: page.total })
}

/// What the caller may view or call of what matches; what they may only call is reduced.
pub async fn list_views(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
    paging: Paging,
    stats: WithStats,
) -> Result<Page<WorkloadView>, Error> {
    let wanted = Permissions::of(&[Permission::View, Permission::Invoke]);
    let filter = WorkloadFilter { viewer: caller.viewer(wanted), ..filter.clone() };
    let page = records(house, caller, &filter, paging, stats).await?;
    Ok(page.map(|(held, record)| {
        if held.holds(Permission::View) {
            WorkloadView::Full(Box::new(record))
        } else {
            WorkloadView::Reduced(record.into())
        }
    }))
}

/// What the caller may call and not view, by name.
pub async fn only_called(
    house: &House,
    caller: &Caller,
    paging: Paging,
) -> Result<Page<WorkloadBrief>, Error> {
    let Some(unseen_by) = caller.viewer(Permissions::VIEW) else { return Ok(Page::empty()) };
    let filter = WorkloadFilter {
        viewer: caller.viewer(Permissions::of(&[Permission::Invoke])),
        unseen_by: Some(unseen_by),
        order: WorkloadOrder { key: WorkloadKey::Name, descending: false },
        ..WorkloadFilter::default()
    };
    let page = records(house, caller, &filter, paging, WithStats::No).await?;
    Ok(page.map(|(_, record)| record.into()))
}
