//! The runtime of a workload; changing it rolls (rules.md §7).

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use handover::{
    house::House,
    model::{ReplacementRecord, SettingsRequest, WorkloadId},
    settings,
};
use serde_json::{Value, json};

use super::{auth::Signed, body::Body, both, error::Answer, id::Id};

pub(super) fn routes() -> Router<House> {
    both(Router::new(), "/api/v2/workloads/{id}/settings", get(read).patch(change))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Json<Value>> {
    let runtime = settings::read(&house, &caller, &id).await?;
    Ok(Json(json!({ "runtime": runtime })))
}

async fn change(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<SettingsRequest>,
) -> Answer<(StatusCode, Json<ReplacementRecord>)> {
    let begun = settings::change(&house, &caller, &id, wanted).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}
