//! What has to do with a workload (rules.md §9). The one list that is not paged.

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{Related, WorkloadId},
    related,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    error::Answer,
    id::Id,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let path = "/api/v2/workloads/{id}/related";
    Routes::of("Workloads").with(get(path, "List what has to do with a workload", list))
}

/// All of it at once.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedList {
    count: usize,
    data: Vec<Related>,
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Json<RelatedList>> {
    let data = related::list(&house, &caller, &id).await?;
    Ok(Json(RelatedList { count: data.len(), data }))
}
