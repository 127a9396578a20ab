//! The runtime of a workload; changing it rolls (rules.md §7).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{ReplacementRecord, SettingsRequest, WorkloadId},
    settings,
};

use super::{
    answer::Accepted,
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    refusal::Refusal::Conflict,
    route::{Routes, get, patch},
};

pub(super) fn routes() -> Routes {
    let path = "/api/v2/workloads/{id}/settings";
    Routes::of("Replacement")
        .with(get(path, "Read the runtime of a workload", read))
        .with(patch(path, "Change the runtime of a workload", change).refuses([Conflict]))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Json<SettingsRequest>> {
    let runtime = settings::read(&house, &caller, &id).await?;
    Ok(Json(SettingsRequest { runtime }))
}

async fn change(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<SettingsRequest>,
) -> Answer<Accepted<ReplacementRecord>> {
    let begun = settings::change(&house, &caller, &id, wanted).await?;
    Ok(Accepted(begun))
}
