//! The instances of a workload (rules.md §8).

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use handover::{
    house::House,
    model::{ProtonId, ProtonRecord, WorkloadId},
    protons,
};
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
    let base = "/api/v2/workloads/{id}/protons";
    let router = both(Router::new(), base, get(list));
    let router = both(router, &format!("{base}/{{proton}}"), get(one));
    both(router, &format!("{base}/{{proton}}/statusDetails"), get(details))
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
    let found = protons::list(&house, &caller, &id, page).await?;
    Ok(asked.envelope(&found, page))
}

async fn one(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Id(id): Id<ProtonId>,
) -> Answer<Json<ProtonRecord>> {
    Ok(Json(protons::get(&house, &caller, &workload, &id).await?))
}

/// 204 while nothing has been reported yet; that is no error.
async fn details(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Id(id): Id<ProtonId>,
) -> Answer<Response> {
    let found = protons::details(&house, &caller, &workload, &id).await?;
    Ok(found.map_or_else(
        || StatusCode::NO_CONTENT.into_response(),
        |details| Json(details).into_response(),
    ))
}
