//! What autoscaling a runtime asks for, in numbers.
//!
//! Known limitation: an engine that runs plain processes measures neither a GPU nor what a program counts
//! for itself, so policies on such metrics have no say here.

use std::fmt;

use crate::model::{GroupRuntime, WorkloadRuntime};

/// Enabled autoscaling.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub min: u32,
    /// Never below `min`.
    pub max: u32,
    pub policies: Vec<Policy>,
    /// Cores that one replica requests.
    pub cores: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub metric: Metric,
    /// Per replica, in the unit of the metric.
    pub target: f64,
    /// What this policy alone may ask for.
    pub min: u32,
    pub max: u32,
    /// Of two policies that want the same, the higher one is named as the reason.
    pub priority: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Percent of the requested cpu.
    Cpu,
    /// Requests in flight.
    Concurrency,
}

/// Cores taken as requested when nobody says: then a target of 70 means 70 % of one core.
const DEFAULT_CORES: f64 = 1.0;

impl Rules {
    /// None when the number of replicas is fixed.
    #[must_use]
    pub fn of(runtime: &WorkloadRuntime) -> Option<Self> {
        let group = runtime.container_groups.first()?;
        let autoscaling = group.autoscaling.as_ref().filter(|autoscaling| autoscaling.enabled)?;
        let (min, max) = runtime.bounds();
        let policies = autoscaling.policies.iter().filter_map(|policy| {
            let low = policy.min_count.unwrap_or(min).clamp(min, max);
            Some(Policy {
                metric: Metric::named(&policy.scaling_metric)?,
                target: policy.target,
                min: low,
                max: policy.max_count.unwrap_or(max).clamp(low, max),
                priority: policy.priority.unwrap_or(0),
            })
        });
        Some(Self { min, max, policies: policies.collect(), cores: cores(group) })
    }

    /// An idle workload may have no replica at all.
    #[must_use]
    pub fn reach_zero(&self) -> bool {
        self.min == 0
            && !self.policies.is_empty()
            && self.policies.iter().all(|p| p.metric == Metric::Concurrency && p.min == 0)
    }

    /// How many a newcomer begins with that takes over from `present` replicas. As many as serve now, where
    /// that is allowed: the switch sends all traffic to it at once, and scaling out comes too late for that.
    #[must_use]
    pub fn begin_with(&self, present: u32) -> u32 {
        present.clamp(self.min.max(1), self.max.max(1))
    }
}

impl Metric {
    fn named(name: &str) -> Option<Self> {
        match name {
            "cpuAverageUtilization" => Some(Self::Cpu),
            "httpRequestsConcurrency" => Some(Self::Concurrency),
            _ => None,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpuAverageUtilization",
            Self::Concurrency => "httpRequestsConcurrency",
        })
    }
}

fn cores(group: &GroupRuntime) -> f64 {
    group.cpu().filter(|requested| *requested > 0.0).unwrap_or(DEFAULT_CORES)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Rules;

    fn rules(group: &Value) -> Option<Rules> {
        Rules::of(&serde_json::from_value(json!({ "containerGroups": [group] })).unwrap())
    }

    #[test]
    fn a_fixed_number_has_no_rules() {
        assert_eq!(rules(&json!({ "replicaCount": 3 })), None);
        assert_eq!(rules(&json!({ "autoscaling": { "enabled": false } })), None);
    }

    #[test]
    fn only_concurrency_alone_reaches_zero() {
        let of = |min: u32, metrics: &[&str]| {
            let policies: Vec<_> =
                metrics.iter().map(|m| json!({ "scalingMetric": m, "target": 5 })).collect();
            let autoscaling =
                json!({ "minReplicaCount": min, "maxReplicaCount": 4, "policies": policies });
            rules(&json!({ "autoscaling": autoscaling })).unwrap()
        };
        assert!(of(0, &["httpRequestsConcurrency"]).reach_zero());
        assert!(!of(1, &["httpRequestsConcurrency"]).reach_zero());
        assert!(!of(0, &["httpRequestsConcurrency", "cpuAverageUtilization"]).reach_zero());
        assert!(!of(0, &["vllm:kv_cache_usage_perc"]).reach_zero(), "nobody would wake it");
    }

    #[test]
    fn a_newcomer_is_as_large_as_what_serves_within_its_bounds() {
        let policy = json!({ "scalingMetric": "httpRequestsConcurrency", "target": 5 });
        let autoscaling =
            json!({ "minReplicaCount": 0, "maxReplicaCount": 4, "policies": [policy] });
        let rules = rules(&json!({ "autoscaling": autoscaling })).unwrap();
        assert_eq!([0, 1, 3, 9].map(|present| rules.begin_with(present)), [1, 1, 3, 4]);
    }

    #[test]
    fn requested_cores_are_those_of_all_containers_of_a_replica() {
        let containers = json!([
            { "name": "main", "resourceAllocation": { "cpu": 0.5 } },
            { "name": "side", "resourceAllocation": { "cpu": 0.25 } },
        ]);
        let autoscaling = json!({ "policies": [] });
        let cores = |group: &Value| rules(group).unwrap().cores;
        let both = json!({ "autoscaling": autoscaling, "containers": containers });
        assert!((cores(&both) - 0.75).abs() < 1e-9);
        assert!((cores(&json!({ "autoscaling": autoscaling })) - 1.0).abs() < 1e-9);
    }
}
