//! Artifact repositories (rules.md §13).

use axum::{Json, Router, extract::State, routing::get};
use handover::{
    house::House,
    model::{Page, RepositoryId, RepositoryRecord},
    repositories,
    store::{RepositoryFilter, RepositoryKey, RepositoryOrder},
};
use serde_json::Value;

use super::{
    auth::Signed,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
    workloads::has_tags,
};

pub(super) fn routes() -> Router<House> {
    let router = both(Router::new(), "/api/v2/artifactRepositories", get(list));
    both(router, "/api/v2/artifactRepositories/{id}", get(read))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
    let keys = [
        ("name", RepositoryKey::Name),
        ("createdAt", RepositoryKey::CreatedAt),
        ("updatedAt", RepositoryKey::UpdatedAt),
    ];
    let order = query.order(&keys);
    let filter = RepositoryFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        search: query.search(),
        kind: query.many("type"),
        order: order.map_or_else(RepositoryOrder::default, |(key, descending)| RepositoryOrder {
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
        repositories::list(&house, &caller, &filter, page).await?
    };
    Ok(asked.envelope(&found, page))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<RepositoryId>,
) -> Answer<Json<RepositoryRecord>> {
    Ok(Json(repositories::get(&house, &caller, &id).await?))
}
