//! What the gateway counted (rules.md §5.8, L11).

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Rates are fractions from 0 to 1, times are milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestMetrics {
    pub total_requests: u64,
    pub requests_per_minute: f64,
    pub concurrent_requests: u64,
    pub response_time: u64,
    pub slow_requests: u64,
    pub user_errors: u64,
    pub server_errors: u64,
    pub user_error_rate: f64,
    pub server_error_rate: f64,
    pub total_error_rate: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Stats {
    pub period: Option<Period>,
    pub metrics: RequestMetrics,
}

/// The short form on a workload record. `errorRate` is a percentage here, by the contract.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestStats {
    pub total_requests: u64,
    pub concurrent_requests: u64,
    pub response_time: u64,
    pub error_rate: f64,
    pub error_rates: [f64; 7],
    pub request_rates: [f64; 7],
    pub last_request_at: Option<Timestamp>,
}

/// Upper bounds of the latency classes, in microseconds, roughly 20 % apart: from 0.1 ms to ten minutes.
/// Fixed for all time, because minutes stored under them are added up later.
#[must_use]
pub fn latency_bound(class: usize) -> u64 {
    // 100 µs doubled every four classes; the steps between are 5/4, 3/2 and 7/4.
    let (octave, quarter) = (class / 4, class as u64 % 4);
    100 * (1u64 << octave) * (4 + quarter) / 4
}

/// How many latency classes there are; the last one holds everything slower.
pub const LATENCY_CLASSES: usize = 92;

/// The class a latency falls in: the first whose bound is not below it.
#[must_use]
pub fn latency_class(micros: u64) -> usize {
    let (mut low, mut high) = (0, LATENCY_CLASSES - 1);
    while low < high {
        let middle = usize::midpoint(low, high);
        if latency_bound(middle) < micros {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Requests of one proton in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minute {
    /// The start of the minute.
    pub at: Timestamp,
    pub requests: u64,
    pub user_errors: u64,
    pub server_errors: u64,
    /// Most requests open at once.
    pub peak: u64,
    /// Requests per latency class, [`LATENCY_CLASSES`] long.
    pub latencies: Vec<u64>,
}
