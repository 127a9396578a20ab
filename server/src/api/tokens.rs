//! The caller's own record, tokens and sessions (rules.md §16).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{
        EditAccount, NewToken, NewTokenRecord, SessionId, SessionRecord, TokenId, TokenRecord,
        UserRecord,
    },
    people::{account, sessions, tokens},
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::whole,
    route::{Routes, delete, get, patch, post},
};

pub(super) fn routes() -> Routes {
    let (all, places) = ("/api/v2/account/tokens", "/api/v2/account/sessions");
    let create = post(all, "Make an API token", create).says(
        "The answer holds the secret, which is told this once. A token reaches no further than what made it.",
    );
    Routes::of("Account")
        .with(get(all, "List one's own API tokens", list).says("Newest first."))
        .with(create)
        .with(delete(format!("{all}/{{tokenId}}"), "Revoke an API token", revoke))
        .with(patch("/api/v2/account/info", "Edit one's own name and e-mail address", edit))
        .with(get(places, "List where one is signed in", list_sessions).says("Newest first."))
        .with(delete(places, "Sign out everywhere", sign_out))
        .with(delete(format!("{places}/{{sessionId}}"), "Sign out in one place", end_session))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(wanted): Body<EditAccount>,
) -> Answer<Json<UserRecord>> {
    Ok(Json(account::edit(&house, &caller, wanted).await?))
}

async fn list_sessions(
    State(house): State<House>,
    Signed(caller): Signed,
) -> Answer<Listed<SessionRecord>> {
    Ok(whole(sessions::list(&house, &caller, caller.id()).await?))
}

async fn end_session(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<SessionId>,
) -> Answer<NoContent> {
    sessions::end(&house, &caller, caller.id(), &id).await?;
    Ok(NoContent)
}

async fn list(State(house): State<House>, Signed(caller): Signed) -> Answer<Listed<TokenRecord>> {
    Ok(whole(tokens::list(&house, &caller, caller.id()).await?))
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(new): Body<NewToken>,
) -> Answer<Created<NewTokenRecord>> {
    let created = tokens::create(&house, &caller, new).await?;
    Ok(Created(created))
}

async fn revoke(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<TokenId>,
) -> Answer<NoContent> {
    tokens::revoke(&house, &caller, caller.id(), &id).await?;
    Ok(NoContent)
}

async fn sign_out(State(house): State<House>, Signed(caller): Signed) -> Answer<NoContent> {
    tokens::sign_out_everywhere(&house, &caller, caller.id()).await?;
    Ok(NoContent)
}
