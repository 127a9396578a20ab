//! Artifact repositories (rules.md §13).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{ArtifactKind, Page, RepositoryId, RepositoryRecord},
    repositories,
    store::{RepositoryFilter, RepositoryKey, RepositoryOrder},
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{common, many, order},
    query::Query,
    route::{Routes, get},
    workloads::has_tags,
};

const KEYS: [(&str, RepositoryKey); 3] = [
    ("name", RepositoryKey::Name),
    ("createdAt", RepositoryKey::CreatedAt),
    ("updatedAt", RepositoryKey::UpdatedAt),
];

pub(super) fn routes() -> Routes {
    let list = get("/api/v2/artifactRepositories", "List artifact repositories", list)
        .paged(MOST)
        .query(common::<RepositoryId>())
        .query([order(&KEYS), many::<ArtifactKind>("type", "Only of these types")]);
    Routes::of("Artifact repositories").with(list).with(get(
        "/api/v2/artifactRepositories/{id}",
        "Read an artifact repository",
        read,
    ))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<RepositoryRecord>> {
    let order = query.order(&KEYS);
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
    Ok(asked.envelope(found, page))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<RepositoryId>,
) -> Answer<Json<RepositoryRecord>> {
    Ok(Json(repositories::get(&house, &caller, &id).await?))
}
