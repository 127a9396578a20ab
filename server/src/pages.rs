//! The console's pages and server functions as one router.
//!
//! From the outside in: headers that every answer carries, a cap on bodies, the check that one of our own
//! pages sent the request, the session, who that makes the caller, and the door: without a caller there is
//! only the way in.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use handover::{access::Caller, house::House};
use handover_app::{Assets as Embedded, invoke::Invoker, reference::Reference, serve};
use http_body_util::Limited;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::{
    assets::Assets, code_upload, csrf, download, gateway::SESSION_COOKIE, session, stream,
};

/// The largest form: a specification as JSON, with room to spare.
const LARGEST_FORM: usize = 1 << 20;

/// The pages, their server functions and their streams. What has no other route gets the page that says so.
/// Streams end when `stop` is cancelled.
///
/// Some pages show `document`, the one of the API; one calls endpoints by `invoker`.
pub fn router(
    house: &House,
    document: Arc<Value>,
    assets: Assets,
    invoker: Invoker,
    stop: &CancellationToken,
) -> Router {
    let embedded = if assets.is_empty() { Embedded::Missing } else { Embedded::Embedded };
    serve::router(house, Reference(document), invoker, assets.output_name(), embedded)
        .route("/console-nextgen/{*rest}", get(original))
        .route("/api/v2/console-nextgen/{*rest}", get(original))
        .merge(stream::router(house, stop))
        .merge(download::router(house))
        .layer(from_fn(small))
        // Files are bounded by the use case that takes them in, not by what a form may hold.
        .merge(code_upload::router(house))
        .layer(from_fn(door))
        // A page is mostly words that repeat: a tenth is left. Streams and small answers are left as they are.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(house.clone(), who))
        .layer(session::layer(house))
        .layer(from_fn(csrf::layer))
        .layer(from_fn(careful))
}

/// The addresses that other clients print for the same pages (rules.md §1).
async fn original(request: Request) -> Response {
    let path = request.uri().path();
    let rest = path.split_once("/console-nextgen/").map_or("", |(_, rest)| rest);
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    let to = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("workloads"), Some(id), Some("activity-log"), Some("otel-logs" | "logs")) => {
            format!("/workloads/{id}/activity/logs")
        }
        (Some("workloads"), Some(id), Some("activity-log"), Some("governance")) => {
            format!("/workloads/{id}/activity/audit")
        }
        (Some("workloads"), Some(id), Some("activity-log"), _) => {
            format!("/workloads/{id}/activity")
        }
        (Some("workloads"), Some(id), ..) => format!("/workloads/{id}"),
        (Some("registry"), ..) => "/artifacts".to_owned(),
        _ => "/workloads".to_owned(),
    };
    Redirect::temporary(&to).into_response()
}

/// The value of the session cookie, for streams that look again whether it is still good.
#[derive(Debug, Clone)]
pub struct SessionCookie(pub String);

/// Tells who asks.
async fn who(State(house): State<House>, mut request: Request, next: Next) -> Response {
    if let Some(cookie) = session_cookie(request.headers())
        && let Some(caller) = house.signed_in.caller_of_session(&cookie)
    {
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(SessionCookie(cookie));
    }
    next.run(request).await
}

/// The console's cookie among those a browser sent.
pub fn session_cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// Sends who is not signed in to the way in, and back afterwards.
async fn door(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = path == "/sign-in" || path == "/welcome" || path.starts_with("/_fn/");
    if open || request.extensions().get::<Caller>().is_some() {
        return next.run(request).await;
    }
    if path.starts_with("/live/") {
        return axum::http::StatusCode::UNAUTHORIZED.into_response();
    }
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let wanted: String = wanted.bytes().map(escaped).collect();
    Redirect::to(&format!("/sign-in?next={wanted}")).into_response()
}

fn escaped(byte: u8) -> String {
    match byte {
        b'/' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

/// Reads no more of a body than a form may hold.
async fn small(request: Request, next: Next) -> Response {
    next.run(request.map(|body| Body::new(Limited::new(body, LARGEST_FORM)))).await
}

/// What every answer says. Pages bring a policy of their own, with the nonce of their scripts.
async fn careful(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        // Not no-referrer: forms would then send 'Origin: null', and a refused one could not go back.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let unless_set = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        // What one person sees is for nobody else, and must be fresh when they come back to it.
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    for (name, value) in unless_set {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
