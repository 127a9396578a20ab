//! What happened to a workload (rules.md §9).

use axum::{Json, Router, extract::State, routing::get};
use handover::{events, house::House, model::WorkloadId};
use serde_json::Value;

use super::{
    auth::Signed,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
};

pub(super) fn routes() -> Router<House> {
    both(Router::new(), "/api/v2/workloads/{id}/events", get(list))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = events::list(&house, &caller, &id, page).await?;
    Ok(asked.envelope(&found, page))
}
