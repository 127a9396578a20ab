//! `/metrics`: what happens in numbers, for Prometheus and whoever reads its format.
//!
//! Hardly anything is counted for this: numbers are read when they are asked for, from the gateway's own counters,
//! the controller's last looks, the store and the kernel. So a request for a workload costs next to nothing more,
//! and numbers can't differ from those on the pages. Only how long the API and the console take is counted
//! here ([`Requests`]). `prometheus-client` writes the text: it takes values from elsewhere as they are,
//! where exporters of the `metrics` facade keep counters of their own, to be fed on the hot path.
//!
//! Known limitation: the numbers of a proton begin anew when the server starts, as rates expect, and those of
//! one that is over are gone with it.

mod process;
mod requests;
mod snapshot;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use handover::{access, house::House, model::Permission};
use prometheus_client::{encoding::text::encode, registry::Registry};

pub(crate) use requests::Requests;

use crate::api;
use snapshot::Snapshot;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// What older readers know; they skip the few lines that are new to them as comments.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Who may read the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Administrators, by token.
    Administrators,
    Everybody,
}

#[derive(Clone)]
struct Metrics {
    house: House,
    readers: Readers,
    requests: Arc<Requests>,
}

pub(crate) fn router(house: House, readers: Readers, requests: Arc<Requests>) -> Router {
    Router::new().route("/metrics", get(read)).with_state(Metrics { house, readers, requests })
}

async fn read(State(metrics): State<Metrics>, headers: HeaderMap) -> Response {
    let Metrics { house, readers, requests } = metrics;
    if readers == Readers::Administrators {
        let Some(caller) = api::caller_by_token(&headers, &house) else {
            let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
            return (StatusCode::UNAUTHORIZED, challenge, "a token is needed\n").into_response();
        };
        if let Err(refused) = access::administrator(&caller, Permission::View) {
            return (StatusCode::FORBIDDEN, format!("{refused}\n")).into_response();
        }
    }
    let mut text = String::new();
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Snapshot::take(&house, &requests).await));
    // Text in memory can't fail to be written.
    if encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let modern = accepted.into_iter().any(|accept| accept.contains("application/openmetrics-text"));
    let kind = HeaderValue::from_static(if modern { OPEN_METRICS } else { TEXT });
    let fresh = HeaderValue::from_static("no-store");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, fresh)], text).into_response()
}
