//! The instances of a workload (rules.md §8).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{ProtonDetails, ProtonId, ProtonRecord, WorkloadId},
    protons,
};

use super::{
    answer::{Listed, Perhaps},
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let base = "/api/v2/workloads/{id}/protons";
    let one_path = format!("{base}/{{proton}}");
    let details_path = format!("{one_path}/statusDetails");
    Routes::of("Protons")
        .with(get(base, "List the protons of a workload", list).says("Newest first.").paged(MOST))
        .with(get(one_path, "Read a proton", one))
        .with(get(details_path, "Read the state of each replica of a proton", details))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<ProtonRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = protons::list(&house, &caller, &id, page).await?;
    Ok(asked.envelope(found, page))
}

async fn one(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Id(id): Id<ProtonId>,
) -> Answer<Json<ProtonRecord>> {
    Ok(Json(protons::get(&house, &caller, &workload, &id).await?))
}

async fn details(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Id(id): Id<ProtonId>,
) -> Answer<Perhaps<ProtonDetails>> {
    Ok(Perhaps(protons::details(&house, &caller, &workload, &id).await?))
}
