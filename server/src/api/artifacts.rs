//! Artifacts: what to run (rules.md §11).

use axum::{Json, extract::State};
use handover::{
    artifacts,
    house::House,
    model::{
        ArtifactId, ArtifactKind, ArtifactRecord, ArtifactStatus, CloneRequest, EditArtifact,
        NewArtifact, RepositoryId,
    },
    store::{ArtifactFilter, ArtifactKey, ArtifactOrder},
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{common, many, one, order},
    query::Query,
    refusal::Refusal::{Conflict, NotFound},
    route::{Routes, delete, get, patch, post, put},
    tagged::{Read, Tagged},
    tags,
};

const KEYS: [(&str, ArtifactKey); 4] = [
    ("name", ArtifactKey::Name),
    ("createdAt", ArtifactKey::CreatedAt),
    ("updatedAt", ArtifactKey::UpdatedAt),
    ("status", ArtifactKey::Status),
];

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/artifacts", "/api/v2/artifacts/{id}");
    let list = get(all, "List artifacts", list).paged(MOST).query(common::<ArtifactId>()).query([
        order(&KEYS),
        many::<ArtifactKind>("type", "Only of these types"),
        many::<ArtifactStatus>("status", "Only in these states"),
        one::<RepositoryId>("repositoryId", "Only versions of this repository"),
    ]);
    let edit = patch(single, "Edit an artifact", edit)
        .says("Only a draft can be edited; the status locked makes it a version, for good.");
    Routes::of("Artifacts")
        .with(list)
        .with(post(all, "Create an artifact", create).refuses([NotFound]))
        .with(get(single, "Read an artifact", read))
        .with(edit.refuses([Conflict]))
        .with(put(single, "Replace everything of a draft", replace_all).refuses([Conflict]))
        .with(delete(single, "Delete a draft that nothing uses", remove).refuses([Conflict]))
        .with(post(format!("{single}/clone"), "Copy an artifact as a new draft", clone))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<ArtifactRecord>> {
    let order = query.order(&KEYS);
    let filter = ArtifactFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        search: query.search(),
        kind: query.many("type"),
        status: query.many("status"),
        repository_id: query.one("repositoryId"),
        tags: tags::filter(&query),
        order: order.map_or_else(ArtifactOrder::default, |(key, descending)| ArtifactOrder {
            key,
            descending,
        }),
    };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = artifacts::list(&house, &caller, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewArtifact>,
) -> Answer<Created<ArtifactRecord>> {
    let created = artifacts::create(&house, &caller, new).await?;
    Ok(Created(created))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
) -> Answer<Read<ArtifactRecord>> {
    Ok(Read(artifacts::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
    Body(wanted): Body<EditArtifact>,
) -> Answer<Tagged<ArtifactRecord>> {
    Ok(Tagged(artifacts::edit(&house, &caller, &id, wanted).await?))
}

async fn replace_all(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
    Body(new): Body<NewArtifact>,
) -> Answer<Tagged<ArtifactRecord>> {
    Ok(Tagged(artifacts::replace_all(&house, &caller, &id, new).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<ArtifactId>,
) -> Answer<NoContent> {
    artifacts::delete(&house, &caller, &id).await?;
    Ok(NoContent)
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
