//! Artifact repositories (rules.md §13).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{ArtifactKind, RepositoryId, RepositoryRecord},
    repositories,
    store::{RepositoryFilter, RepositoryKey, RepositoryOrder},
};

use super::{
    answer::{Listed, NoContent},
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{common, many, order},
    query::Query,
    refusal::Refusal::Conflict,
    route::{Routes, delete, get},
    tags,
};

const KEYS: [(&str, RepositoryKey); 3] = [
    ("name", RepositoryKey::Name),
    ("createdAt", RepositoryKey::CreatedAt),
    ("updatedAt", RepositoryKey::UpdatedAt),
];

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/artifactRepositories", "/api/v2/artifactRepositories/{id}");
    let list = get(all, "List artifact repositories", list)
        .paged(MOST)
        .query(common::<RepositoryId>())
        .query([order(&KEYS), many::<ArtifactKind>("type", "Only of these types")]);
    let remove = delete(single, "Delete a repository with its artifacts", remove)
        .says("Locked versions too, unless a workload uses one of them.");
    Routes::of("Artifact repositories")
        .with(list)
        .with(get(single, "Read an artifact repository", read))
        .with(remove.refuses([Conflict]))
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
        tags: tags::filter(&query),
        order: order.map_or_else(RepositoryOrder::default, |(key, descending)| RepositoryOrder {
            key,
            descending,
        }),
    };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = repositories::list(&house, &caller, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<RepositoryId>,
) -> Answer<Json<RepositoryRecord>> {
    Ok(Json(repositories::get(&house, &caller, &id).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<RepositoryId>,
) -> Answer<NoContent> {
    repositories::delete(&house, &caller, &id).await?;
    Ok(NoContent)
}
