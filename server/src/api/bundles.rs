//! The sizes that replicas come in (rules.md §16).

use axum::extract::State;
use handover::{bundles, house::House, model::Bundle};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    paging::{Asked, MOST, paging},
    query::Query,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    let list = get("/api/v2/mlops/compute/bundles", "List the sizes that replicas come in", list)
        .says("A runtime names them in resourceBundles.")
        .paged(MOST);
    Routes::of("Account").with(list)
}

async fn list(
    State(house): State<House>,
    Signed(_): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<Bundle>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    Ok(asked.envelope(bundles::list(&house, page), page))
}
