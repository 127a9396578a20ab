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
use crate::request_id::RequestId;

pub(super) async fn layer(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned());
    let mut answer = next.run(request).await;
    if let Some(Unexpected(cause)) = answer.extensions_mut().remove() {
        tracing::error!(cause, "a request failed");
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
