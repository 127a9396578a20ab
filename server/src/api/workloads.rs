//! Workloads: list, create, read, edit, delete, start, stop, promote (rules.md §6, §7).

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use handover::{
    house::House,
    model::{CreateWorkload, EditWorkload, Page, WorkloadId, WorkloadRecord, WorkloadView},
    promote,
    store::{WorkloadFilter, WorkloadKey, WorkloadOrder},
    workloads::{self, Effect, WithStats},
};
use serde_json::{Value, json};

use super::{
    auth::Signed,
    body::Body,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
};

pub(super) fn routes() -> Router<House> {
    let one = get(read).patch(edit).delete(delete);
    let router = both(Router::new(), "/api/v2/workloads", get(list).post(create));
    let router = both(router, "/api/v2/workloads/{id}", one);
    let router = both(router, "/api/v2/workloads/{id}/start", post(start));
    let router = both(router, "/api/v2/workloads/{id}/stop", post(stop));
    both(router, "/api/v2/workloads/{id}/promote", post(promote))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
    let keys = [
        ("name", WorkloadKey::Name),
        ("createdAt", WorkloadKey::CreatedAt),
        ("updatedAt", WorkloadKey::UpdatedAt),
        ("status", WorkloadKey::Status),
        ("importance", WorkloadKey::Importance),
    ];
    let order = query.order(&keys);
    let filter = WorkloadFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        search: query.search(),
        status: query.many("status"),
        artifact_status: query.many("artifactStatus"),
        importance: query.many("importance"),
        artifact_id: query.one("artifactId"),
        repository_id: query.one("repositoryId"),
        order: order.map_or_else(WorkloadOrder::default, |(key, descending)| WorkloadOrder {
            key,
            descending,
        }),
    };
    let stats = if query.flag("serviceStats") { WithStats::Yes } else { WithStats::No };
    let page = paging(&mut query, MOST);
    let tagged = has_tags(&query);
    query.done()?;
    let found = if tagged {
        Page { items: Vec::new(), total: 0 }
    } else {
        workloads::list_views(&house, &caller, &filter, page, stats).await?
    };
    Ok(asked.envelope(&found, page))
}

/// Nothing carries tags yet, so a filter on them matches nothing.
pub(super) fn has_tags(query: &Query) -> bool {
    ["tagKeys", "tagValues"].iter().any(|name| !query.words(name).is_empty())
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(wanted): Body<CreateWorkload>,
) -> Answer<(StatusCode, Json<WorkloadRecord>)> {
    let created = workloads::create(&house, &caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Json<WorkloadView>> {
    Ok(Json(workloads::view(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<EditWorkload>,
) -> Answer<Json<WorkloadRecord>> {
    Ok(Json(workloads::edit(&house, &caller, &id, wanted).await?))
}

async fn delete(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<StatusCode> {
    workloads::delete(&house, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
) -> Answer<(StatusCode, Json<Value>)> {
    let effect = workloads::start(&house, &caller, &id).await?;
    moved(&house, &caller, &id, effect, &asked).await
}

async fn stop(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
) -> Answer<(StatusCode, Json<Value>)> {
    let effect = workloads::stop(&house, &caller, &id).await?;
    moved(&house, &caller, &id, effect, &asked).await
}

async fn moved(
    house: &House,
    caller: &handover::access::Caller,
    id: &WorkloadId,
    effect: Effect,
    asked: &Asked,
) -> Answer<(StatusCode, Json<Value>)> {
    let code = match effect {
        Effect::Begun => StatusCode::ACCEPTED,
        Effect::Already => StatusCode::OK,
    };
    let workload = workloads::get(house, caller, id).await?;
    let body = json!({
        "status": workload.status,
        "workloadId": id,
        "trackVia": asked.at(&format!("/api/v2/workloads/{id}/")),
    });
    Ok((code, Json(body)))
}

async fn promote(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<(StatusCode, Json<WorkloadRecord>)> {
    let promoted = promote::promote(&house, &caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(promoted)))
}
