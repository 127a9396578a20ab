//! The caller's organisation (rules.md §16). There is one for each installation, and nobody sees another.

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{OrgId, OrganizationRecord, UserId, UserRecord},
    people::{organization, users},
    store::UserFilter,
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging, whole},
    query::Query,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/organizations", "/api/v2/organizations/{org}");
    let people = format!("{single}/users");
    let person = format!("{single}/users/{{user}}");
    Routes::of("People")
        .with(get(all, "List the organisations one administrates", list))
        .with(get(single, "Read an organisation", read))
        .with(get(people, "List the people of an organisation", list_users).paged(MOST))
        .with(get(person, "Read a person of an organisation", read_user))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
) -> Answer<Listed<OrganizationRecord>> {
    let own = organization::get(&house, &caller, caller.org()).await?;
    Ok(whole(vec![own]))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<OrgId>,
) -> Answer<Json<OrganizationRecord>> {
    Ok(Json(organization::get(&house, &caller, &id).await?))
}

async fn list_users(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<OrgId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<UserRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    organization::get(&house, &caller, &id).await?;
    let found = users::list(&house, &caller, &UserFilter::default(), page).await?;
    Ok(asked.envelope(found, page))
}

async fn read_user(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(org): Id<OrgId>,
    Id(user): Id<UserId>,
) -> Answer<Json<UserRecord>> {
    organization::get(&house, &caller, &org).await?;
    Ok(Json(users::get(&house, &caller, &user).await?))
}
