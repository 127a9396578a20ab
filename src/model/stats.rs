//! What the gateway counted (rules.md §5.8, L11).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ProtonId, Timestamp, words};

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

impl RequestStats {
    /// How many requests the seven hours had, and how many percent of them were refused or failed.
    #[must_use]
    pub fn of_seven_hours(&self) -> (u64, f64) {
        let each = || self.request_rates.iter().map(|rate| rate * 60.0).zip(self.error_rates);
        let requests: f64 = each().map(|(requests, _)| requests).sum();
        let errors: f64 = each().map(|(requests, percent)| requests * percent / 100.0).sum();
        let percent = if requests > 0.0 { errors / requests * 100.0 } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sum of counts, far below 2^52"
        )]
        (requests.round() as u64, percent)
    }
}

words! {
    /// Length of the buckets of a series, as ISO 8601 writes it.
    Resolution {
        Minute = "PT1M", FiveMinutes = "PT5M", Hour = "PT1H", Day = "P1D",
        /// From Monday on.
        Week = "P7D",
        /// Of the calendar.
        Month = "P1M",
    }
}

words! {
    SeriesMetric {
        TotalRequests = "totalRequests",
        /// Those slower than the threshold.
        RequestsOverN = "requestsOverN",
        RequestsPerMinute = "requestsPerMinute",
        /// Most open at once.
        ConcurrentRequests = "concurrentRequests",
        /// In milliseconds.
        ResponseTime = "responseTime",
        /// From 0 to 1.
        TotalErrorRate = "totalErrorRate",
    }
}

words! {
    /// What can be cleared by itself: a counter, by any metric that is made of it. Without requests there
    /// is no share of errors among them, so clearing requests clears the errors too.
    Counter {
        Requests = "totalRequests" | "requestsPerMinute",
        UserErrors = "userErrors" | "userErrorRate",
        ServerErrors = "serverErrors" | "serverErrorRate",
        Errors = "totalErrorRate",
        Latencies = "responseTime" | "requestsOverN" | "slowRequests",
        Peak = "concurrentRequests",
    }
}

/// A number of things, or a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    Count(u64),
    Rate(f64),
}

/// One metric over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Series {
    pub metric: SeriesMetric,
    pub resolution: Resolution,
    pub summary: SeriesSummary,
    /// Oldest first, without gaps or overlaps.
    pub buckets: Vec<Bucket>,
}

/// The metric over the whole time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SeriesSummary {
    /// None when nothing has ever run.
    pub proton_id: Option<ProtonId>,
    pub period: Period,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<f64>))]
    pub value: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Bucket {
    pub period: Period,
    /// None when nothing was counted.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<f64>))]
    pub value: Option<Figure>,
}

/// All workloads that somebody sees. A trend is the change against the period before in percent, positive
/// for more; none when there was nothing before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    pub period: Period,
    pub total: u64,
    /// By the words of their status, those without any too.
    pub by_status: BTreeMap<String, u64>,
    pub by_importance: BTreeMap<String, u64>,
    pub workloads: WorkloadCounts,
    pub requests: RequestCounts,
    pub error_rate: ErrorRate,
    pub response_time: ResponseTime,
    pub concurrent_requests: Concurrency,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct WorkloadCounts {
    /// Those that run.
    pub active: u64,
    pub total: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RequestCounts {
    pub total: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub trend: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ErrorRate {
    /// In percent.
    pub rate: f64,
    pub trend: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ResponseTime {
    /// The median.
    pub millis: u64,
    pub trend: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Concurrency {
    /// Requests open now.
    pub count: u64,
    /// Of the most that any workload had open at once.
    pub trend: Option<f64>,
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

/// Requests of one proton in one minute, or in one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minute {
    /// When it begins.
    pub at: Timestamp,
    pub requests: u64,
    pub user_errors: u64,
    pub server_errors: u64,
    /// Most requests open at once.
    pub peak: u64,
    /// Requests per latency class, [`LATENCY_CLASSES`] long.
    pub latencies: Vec<u64>,
}

impl Minute {
    /// One in which nothing has been counted.
    #[must_use]
    pub fn empty(at: Timestamp) -> Self {
        let latencies = vec![0; LATENCY_CLASSES];
        Self { at, requests: 0, user_errors: 0, server_errors: 0, peak: 0, latencies }
    }

    /// Adds what another one counted.
    pub fn add(&mut self, more: &Self) {
        self.requests += more.requests;
        self.user_errors += more.user_errors;
        self.server_errors += more.server_errors;
        self.peak = self.peak.max(more.peak);
        for (sum, more) in self.latencies.iter_mut().zip(&more.latencies) {
            *sum += more;
        }
    }
}
