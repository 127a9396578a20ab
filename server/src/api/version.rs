//! The version of the API that clients check before anything else; with a bad token this is how they learn
//! of it (rules.md §16).

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    Routes::of("About this API")
        .with(get("/api/v2/version", "Read the version of this API", version))
        .with(get("/version", "Read the version of this API at the root", version).deprecated())
}

#[derive(Serialize, ToSchema)]
struct Version {
    major: u32,
    minor: u32,
    #[serde(rename = "versionString")]
    text: &'static str,
}

async fn version(_: Signed) -> Json<Version> {
    Json(Version { major: 2, minor: 46, text: "2.46.0" })
}
