//! The REST API under `/api/v2` (rules.md §1-§11, §14-§17): one file per resource. A handler reads a
//! request, calls one use case and writes its answer; whatever is decided is decided there.
//!
//! Every path is registered in both slash forms by [`both`], because clients send either and some fail on
//! a redirect. The gateway's paths under `/api/v2/endpoints/` never get here.

mod account;
mod artifacts;
mod auth;
mod body;
mod error;
mod events;
mod failures;
mod id;
mod logs;
mod paging;
mod protons;
mod query;
mod replacement;
mod repositories;
mod settings;
mod stats;
mod version;
mod workloads;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Method,
    middleware,
    routing::{MethodRouter, any},
};
use handover::{error::Error, house::House};

use error::ApiError;

/// Bodies beyond this are refused with 413.
const BODY_LIMIT: usize = 1024 * 1024;

/// Everything under `/api/v2`, and the version at the root, where some clients ask for it.
pub fn router(house: House) -> Router {
    let routes = [
        version::routes(),
        account::routes(),
        workloads::routes(),
        replacement::routes(),
        settings::routes(),
        protons::routes(),
        events::routes(),
        stats::routes(),
        artifacts::routes(),
        repositories::routes(),
        logs::routes(),
    ];
    let known = routes.into_iter().fold(Router::new(), Router::merge);
    known
        .route("/api/v2", any(unknown))
        .route("/api/v2/{*path}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(failures::layer))
        .with_state(house)
}

/// Registers a path with and without a trailing slash.
fn both(router: Router<House>, path: &str, methods: MethodRouter<House>) -> Router<House> {
    router.route(path, methods.clone()).route(&format!("{path}/"), methods)
}

async fn unknown() -> ApiError {
    ApiError::from(Error::NotFound("path"))
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::wrong_method(&method)
}
