//! What happened: to a workload, newest first (rules.md §9, L15), or as it happens ([`follow`]).

mod follow;

pub use follow::{After, Watched, after, head};

use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{EventRecord, Page, Permission, WorkloadId},
    store::{EventFilter, Paging},
};

pub async fn list(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    paging: Paging,
) -> Result<Page<EventRecord>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let filter = EventFilter { workload_id: Some(workload.id), ..EventFilter::default() };
    let page = house.store.events(caller.org(), &filter, paging).await?;
    Ok(page.map(EventRecord::from))
}
