//! The REST API under `/api/v2` (rules.md §1-§11, §14-§17): one file per resource. A handler reads a
//! request, calls one use case and writes its answer; whatever is decided is decided there.
//!
//! Every route is registered and documented in one step by [`route`]; [`document`] serves what came of it. The
//! gateway's paths under `/api/v2/endpoints/` never get here.

mod account;
mod answer;
mod artifacts;
mod audit;
mod auth;
mod body;
mod builds;
mod bundles;
mod credentials;
mod deployments;
mod document;
mod environments;
mod error;
mod event_stream;
mod events;
mod failures;
mod files;
mod groups;
mod id;
mod idempotency;
mod logs;
mod older;
mod organizations;
mod otel;
mod paging;
mod parameter;
mod protons;
mod query;
mod refusal;
mod related;
mod replacement;
mod repositories;
mod route;
mod settings;
mod sharing;
mod sketch;
mod stats;
mod tagged;
mod tags;
mod tokens;
pub(crate) mod upload;
mod users;
mod version;
mod workloads;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, Method},
    middleware,
    routing::any,
};
use handover::{access::Caller, error::Error, house::House};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use document::DocumentError;

use crate::{metrics::Requests, telemetry};

use document::Document;
use error::ApiError;
use route::{Registered, Routes};

/// Bodies beyond this are refused with 413. Uploads have limits of their own.
const BODY_LIMIT: usize = 1024 * 1024;

/// The API, and the document that describes it.
pub struct Api {
    /// Everything under `/api/v2`, and the version at the root, where some clients ask for it.
    pub router: Router,
    pub document: Arc<Value>,
}

/// Streams end when `stop` is cancelled; `requests` counts what is answered.
///
/// # Errors
/// When the document can't be written.
pub(crate) fn api(
    house: House,
    requests: Arc<Requests>,
    stop: &CancellationToken,
) -> Result<Api, DocumentError> {
    let registered = registered();
    let (document, value) = Document::new(&document::of(&registered))?;
    let current = registered
        .router
        .route("/api/v2", any(unknown))
        .route("/api/v2/{*path}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(tagged::layer))
        .layer(middleware::from_fn_with_state(house.clone(), idempotency::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(Arc::new(document)))
        .layer(Extension(event_stream::Stop(stop.clone())))
        .layer(middleware::from_fn(failures::layer))
        .layer(middleware::from_fn_with_state(requests, telemetry::routed))
        .with_state(house.clone());
    Ok(Api { router: older::beside(&current, &house), document: Arc::new(value) })
}

/// Every route there is, under its older paths too.
fn registered() -> Registered {
    let mut registered = Registered::of(resources());
    older::document(&mut registered.paths);
    registered.tags.push(older::TAG);
    registered
}

/// In the order in which the document shows them.
fn resources() -> Vec<Routes> {
    vec![
        workloads::routes(),
        replacement::routes(),
        settings::routes(),
        protons::routes(),
        events::routes(),
        event_stream::routes(),
        stats::routes(),
        logs::routes(),
        otel::routes(),
        artifacts::routes(),
        builds::routes(),
        environments::routes(),
        files::routes(),
        repositories::routes(),
        deployments::routes(),
        sharing::routes(),
        users::routes(),
        groups::routes(),
        organizations::routes(),
        tokens::routes(),
        related::routes(),
        tags::routes(),
        credentials::routes(),
        audit::routes(),
        account::routes(),
        bundles::routes(),
        version::routes(),
        document::routes(),
    ]
}

/// Whose token or session these headers show, for what is beside the API.
pub(crate) fn caller_by_token(headers: &HeaderMap, house: &House) -> Option<Caller> {
    auth::caller_of(headers, &Method::GET, house)
}

async fn unknown() -> ApiError {
    ApiError::from(Error::NotFound("path"))
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::wrong_method(&method)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{document, registered};

    /// What has no words of its own here would be a riddle for whoever reads the document.
    #[test]
    fn every_operation_says_what_it_is() {
        let document = document::of(&registered());
        let document: Value = serde_json::to_value(document).unwrap();
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let at = format!("{method} {path}");
                assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{at}");
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{at}");
                let answers: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
                assert!(
                    answers.iter().any(|status| status.starts_with(['2', '3'])),
                    "{at}: {answers:?}"
                );
                let named = |place: &str| -> BTreeSet<String> {
                    let parameters = operation["parameters"].as_array().into_iter().flatten();
                    parameters
                        .filter(|parameter| parameter["in"] == place)
                        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                        .collect()
                };
                let in_path: BTreeSet<String> = path
                    .split('/')
                    .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                    .map(str::to_owned)
                    .collect();
                assert_eq!(named("path"), in_path, "{at}");
            }
        }
        assert!(ids.len() > 20, "{ids:?}");
    }

    /// Clients fail on a reference that leads nowhere.
    #[test]
    fn every_reference_leads_somewhere() {
        fn visit(value: &Value, document: &Value) {
            if let Some(target) = value["$ref"].as_str() {
                let pointer = target.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{target}");
            }
            match value {
                Value::Object(members) => members.values().for_each(|v| visit(v, document)),
                Value::Array(items) => items.iter().for_each(|v| visit(v, document)),
                _ => {}
            }
        }
        let document = document::of(&registered());
        let document: Value = serde_json::to_value(document).unwrap();
        visit(&document, &document);
    }
}
