//! What became of a workload that somebody looks for and that was deleted: the page they had open, or the link they
//! were sent, does not leave them guessing. It is told to whoever could look at it.

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{EventKind, Permission, Timestamp, UserData, Wanted, WorkloadId},
    store::{EventFilter, Paging},
};

#[derive(Debug, Clone, PartialEq)]
pub struct Farewell {
    pub name: String,
    /// Nobody when it went by itself.
    pub by: Option<UserData>,
    pub at: Timestamp,
}

/// None while it is there, once it is not remembered any more, and for those who could not look at it.
pub async fn farewell(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<Option<Farewell>, Error> {
    let gone = house.store.workload_any(id).await?;
    let Some(gone) = gone.filter(|w| w.org_id == *caller.org() && w.wanted == Wanted::Deleted)
    else {
        return Ok(None);
    };
    if !access::held(&house.store, caller, &gone).await?.holds(Permission::View) {
        return Ok(None);
    }
    let filter = EventFilter {
        workload_id: Some(gone.id),
        kinds: vec![EventKind::WorkloadDeleted],
        ..EventFilter::default()
    };
    let told = house.store.events(caller.org(), &filter, Paging::first(1)).await?.items.pop();
    let by = match told.as_ref().and_then(|event| event.actor_id.as_ref()) {
        Some(actor) => Some(Creators::new(house).get(actor).await?),
        None => None,
    };
    Ok(Some(Farewell { name: gone.name, by, at: told.map_or(gone.updated_at, |event| event.at) }))
}
