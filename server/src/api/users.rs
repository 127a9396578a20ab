//! The people of an organisation, and what they come in with (rules.md §16).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{
        EditUser, NewUser, NewUserRecord, PlatformRole, SessionId, SessionRecord, SignInLinkRecord,
        TokenId, TokenRecord, UserId, UserRecord,
    },
    people::{sessions, tokens, users},
    store::UserFilter,
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging, whole},
    parameter::{one, search},
    query::Query,
    refusal::Refusal::Conflict,
    route::{Routes, delete, get, patch, post},
};

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/users", "/api/v2/users/{user}");
    let create = post(all, "Add a person", create)
        .says("Without a password the answer holds a link by which the person chooses one.");
    let edit = patch(single, "Edit a person", edit).says(
        "Whoever is made inactive is out at once: their tokens are revoked, their sessions ended.",
    );
    let token = format!("{single}/tokens/{{tokenId}}");
    let session = format!("{single}/sessions/{{sessionId}}");
    let link = post(format!("{single}/signInLink"), "Make a sign-in link for a person", link)
        .says("Good once and for an hour: for a first sign-in, or after a forgotten password.");
    let filters = [
        search(),
        one::<PlatformRole>("role", "Only with this platform role"),
        one::<bool>("active", "Only those who can come in, or only those who can't"),
    ];
    Routes::of("People")
        .with(get(all, "List the people of the organisation", list).paged(MOST).query(filters))
        .with(link.refuses([Conflict]))
        .with(get(format!("{single}/sessions"), "List a person's sessions", list_sessions))
        .with(delete(session, "End one of a person's sessions", end_session))
        .with(create.refuses([Conflict]))
        .with(get(single, "Read a person", read))
        .with(edit.refuses([Conflict]))
        .with(get(format!("{single}/tokens"), "List a person's tokens", list_tokens))
        .with(delete(token, "Revoke a person's token", revoke))
        .with(delete(format!("{single}/sessions"), "End a person's sessions", sign_out))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<UserRecord>> {
    let filter = UserFilter {
        search: query.search(),
        role: query.one("role"),
        active: query.one("active"),
        group: None,
    };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = users::list(&house, &caller, &filter, page).await?;
    Ok(asked.envelope(found, page))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewUser>,
) -> Answer<Created<NewUserRecord>> {
    let created = users::create(&house, &caller, new).await?;
    Ok(Created(created))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<UserId>,
) -> Answer<Json<UserRecord>> {
    Ok(Json(users::get(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<UserId>,
    Body(wanted): Body<EditUser>,
) -> Answer<Json<UserRecord>> {
    Ok(Json(users::edit(&house, &caller, &id, wanted).await?))
}

async fn link(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<UserId>,
) -> Answer<Created<SignInLinkRecord>> {
    Ok(Created(users::sign_in_link(&house, &caller, &id).await?))
}

async fn list_sessions(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
) -> Answer<Listed<SessionRecord>> {
    Ok(whole(sessions::list(&house, &caller, &user).await?))
}

async fn end_session(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
    Id(id): Id<SessionId>,
) -> Answer<NoContent> {
    sessions::end(&house, &caller, &user, &id).await?;
    Ok(NoContent)
}

async fn list_tokens(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
) -> Answer<Listed<TokenRecord>> {
    Ok(whole(tokens::list(&house, &caller, &user).await?))
}

async fn revoke(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
    Id(id): Id<TokenId>,
) -> Answer<NoContent> {
    tokens::revoke(&house, &caller, &user, &id).await?;
    Ok(NoContent)
}

async fn sign_out(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
) -> Answer<NoContent> {
    tokens::sign_out_everywhere(&house, &caller, &user).await?;
    Ok(NoContent)
}
