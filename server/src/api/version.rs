//! The version of the API that clients check before anything else; with a bad token this is how they learn
//! of it (rules.md §16).

use axum::{Json, Router, routing::get};
use handover::house::House;
use serde_json::{Value, json};

use super::{auth::Signed, both};

pub(super) fn routes() -> Router<House> {
    let router = both(Router::new(), "/api/v2/version", get(version));
    both(router, "/version", get(version))
}

async fn version(_: Signed) -> Json<Value> {
    Json(json!({ "major": 2, "minor": 46, "versionString": "2.46.0" }))
}
