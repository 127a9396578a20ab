//! Groups of people (rules.md L12).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{EditGroup, GroupId, GroupRecord, NewGroup, UserId},
    people::groups,
    store::GroupFilter,
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{one, search},
    query::Query,
    refusal::Refusal::Conflict,
    route::{Routes, delete, get, patch, post},
};

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/groups", "/api/v2/groups/{group}");
    let delete = delete(single, "Remove a group", remove)
        .says("Every role that was granted to it goes with it.");
    let filters = [search(), one::<UserId>("member", "Only those that this person is in")];
    Routes::of("People")
        .with(get(all, "List the groups of the organisation", list).paged(MOST).query(filters))
        .with(post(all, "Make a group", create).refuses([Conflict]))
        .with(get(single, "Read a group", read))
        .with(patch(single, "Edit a group and who is in it", edit).refuses([Conflict]))
        .with(delete)
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<GroupRecord>> {
    let filter = GroupFilter { search: query.search(), member: query.one("member") };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = groups::list(&house, &caller, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewGroup>,
) -> Answer<Created<GroupRecord>> {
    let created = groups::create(&house, &caller, new).await?;
    Ok(Created(created))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<GroupId>,
) -> Answer<Json<GroupRecord>> {
    Ok(Json(groups::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<GroupId>,
    Body(wanted): Body<EditGroup>,
) -> Answer<Json<GroupRecord>> {
    Ok(Json(groups::edit(&house, &caller, &id, wanted).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<GroupId>,
) -> Answer<NoContent> {
    groups::delete(&house, &caller, &id).await?;
    Ok(NoContent)
}
