//! What happened to a workload (rules.md §9).

use axum::extract::State;
use handover::{
    events,
    house::House,
    model::{EventRecord, WorkloadId},
    store::EventFilter,
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let list = get("/api/v2/workloads/{id}/events", "List the events of a workload", list);
    Routes::of("Observation").with(list.says("Newest first.").paged(MOST))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<EventRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = events::list(&house, &caller, &id, &EventFilter::default(), page).await?;
    Ok(asked.envelope(found, page))
}
