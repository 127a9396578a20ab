//! What every answer of the API has in common: it is not cached, and one that nobody expected is logged
//! under the id of its request, which the client is told and nothing else.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::error::Unexpected;

/// Set by the outermost layer on every request.
const REQUEST_ID: &str = "x-request-id";

pub(super) async fn layer(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let target = format!("{} {}", request.method(), request.uri().path());
    let mut answer = next.run(request).await;
    if let Some(Unexpected(cause)) = answer.extensions_mut().remove() {
        tracing::error!(request_id = id, target_of = target, cause, "a request failed");
        let text = match &id {
            Some(id) => format!("something went wrong here; the log says more under {id}"),
            None => "something went wrong here; the log says more".to_owned(),
        };
        let body = Json(json!({ "detail": text, "requestId": id }));
        answer = (StatusCode::INTERNAL_SERVER_ERROR, body).into_response();
    }
    let cache = answer.headers_mut().entry(header::CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("no-store"));
    answer
}
