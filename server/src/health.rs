//! For whoever watches the server: alive, and ready. Neither needs a token.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use handover::house::House;

/// `/healthz` and `/readyz`. Ready means that routes are loaded and running replicas have been adopted.
pub(crate) fn router(house: House) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .with_state(house)
}

async fn ready(State(house): State<House>) -> (StatusCode, &'static str) {
    if *house.controller.adopted().borrow() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting: not every workload has been looked at yet")
    }
}
