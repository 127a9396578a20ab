//! What happened: to a workload, newest first (rules.md §9, L15), or as it happens ([`follow`]).

mod follow;

pub use follow::{After, Watched, after, head};

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{EventRecord, Page, Permission, UserData, WorkloadId},
    store::{EventFilter, Paging},
};

/// Of one workload, whatever else `filter` says.
pub async fn list(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    filter: &EventFilter,
    paging: Paging,
) -> Result<Page<EventRecord>, Error> {
    let workload = access::workload(house, caller, workload, Permission::View).await?;
    let filter = EventFilter { workload_id: Some(workload.id), ..filter.clone() };
    let page = house.store.events(caller.org(), &filter, paging).await?;
    Ok(page.map(EventRecord::from))
}

/// An event and who asked for it; nobody when it happened by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub event: EventRecord,
    pub by: Option<UserData>,
}

/// The same as [`list`], with the people for a page that names them.
pub async fn told(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    filter: &EventFilter,
    paging: Paging,
) -> Result<Page<Told>, Error> {
    let page = list(house, caller, workload, filter, paging).await?;
    let actors = page.items.iter().filter_map(|event| event.actor_id.as_ref());
    let mut people = Creators::of(house, actors).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for event in page.items {
        let by = match &event.actor_id {
            Some(id) => Some(people.get(id).await?),
            None => None,
        };
        items.push(Told { event, by });
    }
    Ok(Page { items, total: page.total })
}
