//! One file per screen, or per few that belong together. Pages read through the use cases and render HTML;
//! what is live on them is an island.

pub mod account;
pub mod activity;
pub mod artifacts;
pub mod audit;
pub mod change;
pub mod credentials;
pub mod deployments;
pub mod forms;
pub mod history;
pub mod layout;
pub mod palette;
pub mod people;
pub mod reference;
pub mod replace;
pub mod sharing;
pub mod team;
pub mod workload;
pub mod workloads;
pub mod wrong;

use std::str::FromStr;

use handover::error::Error;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// An id from the address. Text that can't be one belongs to nothing.
fn id<T: FromStr>(name: &str, noun: &'static str) -> Result<T, Error> {
    let text = use_params_map().read_untracked().get(name).unwrap_or_default();
    text.parse().map_err(|_| Error::NotFound(noun))
}

/// A value of the query; empty counts as absent.
fn query(name: &str) -> Option<String> {
    use_query_map().read_untracked().get(name).filter(|value| !value.trim().is_empty())
}

fn offset() -> u64 {
    query("offset").and_then(|text| text.parse().ok()).unwrap_or(0)
}
