//! Governed deployments (rules.md §17.2).

use axum::{Json, extract::State};
use handover::{
    deployments,
    house::House,
    model::{
        ChangeRequestRecord, ChangeStatus, DeploymentId, DeploymentRecord, EditDeployment,
        Importance, NewDeployment, UserId, WorkloadId,
    },
    store::{DeploymentFilter, DeploymentKey, DeploymentOrder},
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{many, one, order, search},
    query::Query,
    refusal::Refusal::{Conflict, NotFound},
    route::{Routes, delete, get, patch, post},
};

const KEYS: [(&str, DeploymentKey); 4] = [
    ("name", DeploymentKey::Name),
    ("createdAt", DeploymentKey::CreatedAt),
    ("updatedAt", DeploymentKey::UpdatedAt),
    ("importance", DeploymentKey::Importance),
];

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/console/deployments", "/api/v2/console/deployments/{id}");
    let list = get(all, "List deployments", list).paged(MOST).query([
        one::<UserId>("createdBy", "Only what this user made"),
        many::<DeploymentId>("ids", "Only these"),
        search(),
        order(&KEYS),
        many::<Importance>("importance", "Only of these importances"),
        one::<WorkloadId>("workloadId", "Only the one that governs this workload"),
    ]);
    let create = post(all, "Govern a workload", create)
        .says("It must run a locked version; one workload has one deployment.")
        .refuses([NotFound, Conflict]);
    let changes =
        get(format!("{single}/changeRequests"), "List what it was asked to change", changes)
            .paged(MOST)
            .query([many::<ChangeStatus>("status", "Only in these states")]);
    Routes::of("Deployments")
        .with(list)
        .with(create)
        .with(get(single, "Read a deployment", read))
        .with(patch(single, "Rename or describe a deployment", edit).refuses([Conflict]))
        .with(delete(single, "Return its workload to the ordinary rules", remove))
        .with(changes)
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<DeploymentRecord>> {
    let order = query.order(&KEYS);
    let filter = DeploymentFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        search: query.search(),
        importance: query.many("importance"),
        workload_id: query.one("workloadId"),
        artifact_id: None,
        order: order.map_or_else(DeploymentOrder::default, |(key, descending)| DeploymentOrder {
            key,
            descending,
        }),
    };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = deployments::list(&house, &caller, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewDeployment>,
) -> Answer<Created<DeploymentRecord>> {
    Ok(Created(deployments::create(&house, &caller, new).await?))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<DeploymentId>,
) -> Answer<Json<DeploymentRecord>> {
    Ok(Json(deployments::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<DeploymentId>,
    Body(wanted): Body<EditDeployment>,
) -> Answer<Json<DeploymentRecord>> {
    Ok(Json(deployments::edit(&house, &caller, &id, wanted).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<DeploymentId>,
) -> Answer<NoContent> {
    deployments::delete(&house, &caller, &id).await?;
    Ok(NoContent)
}

async fn changes(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<DeploymentId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<ChangeRequestRecord>> {
    let status: Vec<ChangeStatus> = query.many("status");
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = deployments::changes(&house, &caller, &id, &status, page).await?;
    Ok(asked.envelope(found, page))
}
