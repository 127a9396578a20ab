//! The caller's own tokens and sessions (rules.md §16).

use axum::extract::State;
use handover::{
    house::House,
    model::{NewToken, NewTokenRecord, TokenId, TokenRecord},
    people::tokens,
};

use super::{
    answer::{Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::whole,
    route::{Routes, delete, get, post},
};

pub(super) fn routes() -> Routes {
    let all = "/api/v2/account/tokens";
    let create = post(all, "Make an API token", create).says(
        "The answer holds the secret, which is told this once. A token reaches no further than what made it.",
    );
    Routes::of("Account")
        .with(get(all, "List one's own API tokens", list).says("Newest first."))
        .with(create)
        .with(delete(format!("{all}/{{tokenId}}"), "Revoke an API token", revoke))
        .with(delete("/api/v2/account/sessions", "Sign out everywhere", sign_out))
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
