//! The API of a running server, driven over HTTP: one module per resource, and in it every rule of
//! rules.md L17 that concerns it, by number.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]
#![allow(
    clippy::float_cmp,
    reason = "counts are whole numbers, also where a format writes them as others"
)]

#[path = "support/document.rs"]
mod document;
#[path = "support/form.rs"]
mod form;
#[path = "support/load.rs"]
mod load;
#[path = "support/server.rs"]
mod server;
#[path = "support/upload.rs"]
mod upload;

mod api {
    mod artifacts;
    mod audit;
    mod bodies;
    mod builds;
    mod bundles;
    mod clients;
    mod credentials;
    mod deadline;
    mod deployments;
    mod document;
    mod echo;
    mod etag;
    mod event_stream;
    mod files;
    mod idempotency;
    mod lifecycle;
    mod limits;
    mod logs;
    mod metrics;
    mod observe;
    mod older;
    mod otel;
    mod people;
    mod promote;
    mod related;
    mod replacement;
    mod repositories;
    mod request_id;
    mod roles;
    mod scaling;
    mod settings;
    mod sharing;
    mod stats;
    mod steering;
    mod tags;
    mod transport;
    mod validation;
    mod workloads;
}
