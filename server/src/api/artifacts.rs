//! Artifacts: what to run (rules.md §11).

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use handover::{
    artifacts,
    house::House,
    model::{ArtifactId, ArtifactRecord, CloneRequest, EditArtifact, NewArtifact, Page},
    store::{ArtifactFilter, ArtifactKey, ArtifactOrder},
};
use serde_json::Value;

use super::{
    auth::Signed,
    body::Body,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
    workloads::has_tags,
};

pub(super) fn routes() -> Router<House> {
    let one = get(read).patch(edit).put(replace_all).delete(delete);
    let router = both(Router::new(), "/api/v2/artifacts", get(list).post(create));
    let router = both(router, "/api/v2/artifacts/{id}", one);
    both(router, "/api/v2/artifacts/{id}/clone", post(clone))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
    let keys = [
        ("name", ArtifactKey::Name),
        ("createdAt", ArtifactKey::CreatedAt),
        ("updatedAt", ArtifactKey::UpdatedAt),
        ("status", ArtifactKey::Status),
    ];
    let order = query.order(&keys);
    let filter = ArtifactFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        search: query.search(),
        kind: query.many("type"),
        status: query.many("status"),
        repository_id: query.one("repositoryId"),
        order: order.map_or_else(ArtifactOrder::default, |(key, descending)| ArtifactOrder {
            key,
            descending,
        }),
    };
    let page = paging(&mut query, MOST);
    let tagged = has_tags(&query);
    query.done()?;
    let found = if tagged {
        Page { items: Vec::new(), total: 0 }
    } else {
        artifacts::list(&house, &caller, &filter, page).await?
    };
    Ok(asked.envelope(&found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewArtifact>,
) -> Answer<(StatusCode, Json<ArtifactRecord>)> {
    let created = artifacts::create(&house, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
) -> Answer<Json<ArtifactRecord>> {
    Ok(Json(artifacts::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
    Body(wanted): Body<EditArtifact>,
) -> Answer<Json<ArtifactRecord>> {
    Ok(Json(artifacts::edit(&house, &caller, &id, wanted).await?))
}

async fn replace_all(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
    Body(new): Body<NewArtifact>,
) -> Answer<Json<ArtifactRecord>> {
    Ok(Json(artifacts::replace_all(&house, &caller, &id, new).await?))
}

async fn delete(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
) -> Answer<StatusCode> {
    artifacts::delete(&house, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 200, not 201: that is what clients of the original expect.
async fn clone(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
    Body(wanted): Body<CloneRequest>,
) -> Answer<Json<ArtifactRecord>> {
    Ok(Json(artifacts::clone(&house, &caller, &id, wanted.name).await?))
}
