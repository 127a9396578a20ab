//! Credentials (rules.md §16): secrets go in and never come out.

use axum::Json;
use axum::extract::State;
use handover::{
    credentials,
    house::House,
    model::{CredentialId, CredentialKind, CredentialRecord, EditCredential, NewCredential},
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, paging},
    parameter::many,
    query::Query,
    refusal::Refusal::Conflict,
    route::{Routes, delete, get, patch, post},
};

/// Clients ask for all they can use at once.
const MOST: u64 = 200;

const ALL: &str = "/api/v2/credentials";
const ONE: &str = "/api/v2/credentials/{id}";

pub(super) fn routes() -> Routes {
    let kinds = many::<CredentialKind>("types", "Only of these types");
    Routes::of("Credentials")
        .with(get(ALL, "List credentials, without their secrets", list).paged(MOST).query([kinds]))
        .with(post(ALL, "Store a credential", create).refuses([Conflict]))
        .with(get(ONE, "Read a credential, without its secrets", read))
        .with(
            patch(ONE, "Edit a credential", edit)
                .says("New values take the place of all that there are, and reach containers that start from then on.")
                .refuses([Conflict]),
        )
        .with(
            delete(ONE, "Remove a credential", remove)
                .says("Refused while a workload needs it.")
                .refuses([Conflict]),
        )
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<CredentialRecord>> {
    let kinds = query.many("types");
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = credentials::list(&house, &caller, kinds, page).await?;
    Ok(asked.envelope(found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewCredential>,
) -> Answer<Created<CredentialRecord>> {
    Ok(Created(credentials::create(&house, &caller, new).await?))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<CredentialId>,
) -> Answer<Json<CredentialRecord>> {
    Ok(Json(credentials::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<CredentialId>,
    Body(wanted): Body<EditCredential>,
) -> Answer<Json<CredentialRecord>> {
    Ok(Json(credentials::edit(&house, &caller, &id, wanted).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<CredentialId>,
) -> Answer<NoContent> {
    credentials::delete(&house, &caller, &id).await?;
    Ok(NoContent)
}
