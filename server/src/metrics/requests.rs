//! How long requests for the API and the console took until their answers began. The one thing here that is
//! counted as it happens: nobody else needs it. A label is one of our routes, never a path that was sent, so
//! there are as many rows as there are routes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use handover::traffic::{DurationCounts, Durations};
use http::{Method, StatusCode};

use crate::telemetry::Route;

/// What all requests of one row have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) route: String,
    pub(super) method: &'static str,
    pub(super) code: u16,
}

#[derive(Debug, Default)]
pub(crate) struct Requests {
    all: Mutex<BTreeMap<Kind, Durations>>,
}

impl Requests {
    /// `route` is none when the path is none of ours.
    pub(crate) fn add(
        &self,
        method: &Method,
        route: Option<&Route>,
        status: StatusCode,
        micros: u64,
    ) {
        let route = route.map_or("unknown", Route::as_str).to_owned();
        let kind = Kind { route, method: word(method), code: status.as_u16() };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(kind).or_default().add(micros);
    }

    pub(super) fn read(&self) -> Vec<(Kind, DurationCounts)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(kind, durations)| (kind.clone(), durations.read())).collect()
    }
}

/// A client may invent methods.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
