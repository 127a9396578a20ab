//! Metrics that are collected of every workload by itself, as OpenTelemetry clients read them
//! (rules.md §16).

use serde::{Deserialize, Serialize};

use super::{Period, SeriesMetric, Timestamp, words};

words! {
    /// By the name that a client asks for.
    OtelMetric {
        CpuUsage = "container.cpu.usage",
        CpuUtilization = "container.cpu.utilization",
        MemoryUsage = "container.memory.usage",
        MemoryUtilization = "container.memory.utilization",
        ReplicasReady = "workload.replicas.ready",
        ReplicasDesired = "workload.replicas.desired",
        Restarts = "workload.replicas.restarts",
        Requests = "http.server.requests",
        RequestRate = "http.server.request.rate",
        ActiveRequests = "http.server.active_requests",
        SlowRequests = "http.server.requests.slow",
        ResponseTime = "http.server.request.duration",
        ErrorRate = "http.server.request.error_rate",
    }
}

impl OtelMetric {
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::CpuUsage => "CPU usage",
            Self::CpuUtilization => "CPU utilization",
            Self::MemoryUsage => "Memory usage",
            Self::MemoryUtilization => "Memory utilization",
            Self::ReplicasReady => "Ready replicas",
            Self::ReplicasDesired => "Wanted replicas",
            Self::Restarts => "Restarts",
            Self::Requests => "Requests",
            Self::RequestRate => "Requests per minute",
            Self::ActiveRequests => "Concurrent requests",
            Self::SlowRequests => "Slow requests",
            Self::ResponseTime => "Response time",
            Self::ErrorRate => "Error rate",
        }
    }

    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::CpuUsage => "CPU time that all replicas use, in billionths of a core",
            Self::CpuUtilization => "CPU use as a share of what was asked for",
            Self::MemoryUsage => "Resident memory of all replicas",
            Self::MemoryUtilization => "Resident memory as a share of what was asked for",
            Self::ReplicasReady => "Replicas that are ready now",
            Self::ReplicasDesired => "Replicas that there should be",
            Self::Restarts => "Restarts of replicas; now, those of the present ones",
            Self::Requests => "Requests that ended",
            Self::RequestRate => "Requests that ended, per minute",
            Self::ActiveRequests => "Most requests open at once",
            Self::SlowRequests => "Requests that took longer than two seconds",
            Self::ResponseTime => "Median time to answer",
            Self::ErrorRate => {
                "Share of the requests that ended with 4xx, 5xx or without an answer"
            }
        }
    }

    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::CpuUsage => "nanocores",
            Self::MemoryUsage => "bytes",
            Self::CpuUtilization | Self::MemoryUtilization | Self::ErrorRate => "percentage",
            Self::ReplicasReady | Self::ReplicasDesired => "replicas",
            Self::Restarts => "restarts",
            Self::Requests | Self::ActiveRequests | Self::SlowRequests => "requests",
            Self::RequestRate => "requests/minute",
            Self::ResponseTime => "milliseconds",
        }
    }

    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::CpuUsage | Self::CpuUtilization | Self::MemoryUsage | Self::MemoryUtilization => {
                "container"
            }
            _ => "workload",
        }
    }

    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Requests | Self::SlowRequests | Self::Restarts => "counter",
            Self::ResponseTime => "histogram",
            _ => "gauge",
        }
    }

    /// How values of a time become one.
    #[must_use]
    pub const fn aggregation(self) -> &'static str {
        match self {
            Self::Requests | Self::SlowRequests | Self::Restarts => "sum",
            Self::ActiveRequests => "max",
            Self::ResponseTime => "percentile",
            _ => "average",
        }
    }

    /// What the gateway counts for it; the others are seen on the replicas.
    #[must_use]
    pub const fn counted(self) -> Option<SeriesMetric> {
        match self {
            Self::Requests => Some(SeriesMetric::TotalRequests),
            Self::RequestRate => Some(SeriesMetric::RequestsPerMinute),
            Self::ActiveRequests => Some(SeriesMetric::ConcurrentRequests),
            Self::SlowRequests => Some(SeriesMetric::RequestsOverN),
            Self::ResponseTime => Some(SeriesMetric::ResponseTime),
            Self::ErrorRate => Some(SeriesMetric::TotalErrorRate),
            _ => None,
        }
    }
}

/// The present value of a metric, and what it came to over a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OtelValue {
    pub otel_name: OtelMetric,
    pub display_name: String,
    /// None when it is not known.
    pub current_value: Option<f64>,
    pub aggregated_value: Option<f64>,
    pub aggregation: String,
    pub unit: String,
    pub level: String,
}

/// One metric in one bucket of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OtelSample {
    pub otel_name: OtelMetric,
    pub display_name: String,
    pub aggregation: String,
    pub unit: String,
    pub value: Option<f64>,
    /// Against the bucket before, when both have a value.
    pub delta: Option<f64>,
    /// Requests, or looks at the replicas, that the value is made of.
    pub samples: u64,
}

/// All metrics in one bucket of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OtelBucket {
    pub start_time: Timestamp,
    pub end_time: Timestamp,
    pub values: Vec<OtelSample>,
}

impl OtelBucket {
    #[must_use]
    pub const fn new(period: Period, values: Vec<OtelSample>) -> Self {
        Self { start_time: period.start, end_time: period.end, values }
    }
}
