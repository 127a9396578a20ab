//! Autoscaling: two places for the bounds, one meaning (rules.md §5.2, L13).

use super::runtime::MOST_REPLICAS;
use crate::{
    error::{Error, Findings},
    model::{ArtifactKind, Autoscaling, WorkloadRuntime},
};

/// Bounds when nobody gives any.
const DEFAULT_BOUNDS: (u32, u32) = (0, 1);

/// The metrics with a meaning of their own; any other name is one that a model server reports.
const KNOWN: [&str; 4] = [
    "cpuAverageUtilization",
    "httpRequestsConcurrency",
    "gpuCacheUtilization",
    "gpuRequestQueueDepth",
];

/// The bounds the policies name together: the least of their minima, the most of their maxima.
pub(super) fn below(autoscaling: &Autoscaling) -> (Option<u32>, Option<u32>) {
    let policies = &autoscaling.policies;
    let min = policies.iter().filter_map(|policy| policy.min_count).min();
    let max = policies.iter().filter_map(|policy| policy.max_count).max();
    (min, max)
}

/// Checks enabled autoscaling, and writes its bounds to both places.
pub(super) fn check(autoscaling: &mut Autoscaling, path: &str, findings: &mut Findings) {
    let at = |field: &str| format!("{path}.{field}");
    findings.check(
        !autoscaling.policies.is_empty(),
        &at("policies"),
        "at least one policy is needed",
    );
    let (below_min, below_max) = below(autoscaling);
    let (above_min, above_max) = (autoscaling.min_replica_count, autoscaling.max_replica_count);
    let sides =
        [("minReplicaCount", above_min, below_min), ("maxReplicaCount", above_max, below_max)];
    for (field, above, below) in sides {
        if let (Some(above), Some(below)) = (above, below) {
            findings.check(
                above == below,
                &at(field),
                format!("the policies say {below} and this says {above}; give one of them"),
            );
        }
    }
    let min = above_min.or(below_min).unwrap_or(DEFAULT_BOUNDS.0);
    let max = above_max.or(below_max).unwrap_or(DEFAULT_BOUNDS.1.max(min));
    findings.check(min <= max, &at("minReplicaCount"), "the least is more than the most");
    let bounded = (1..=MOST_REPLICAS).contains(&max);
    findings.check(bounded, &at("maxReplicaCount"), format!("from 1 to {MOST_REPLICAS}"));
    autoscaling.min_replica_count = Some(min);
    autoscaling.max_replica_count = Some(max);
    let mut cpu = false;
    for (index, policy) in autoscaling.policies.iter_mut().enumerate() {
        let at = |field: &str| format!("{path}.policies.{index}.{field}");
        if let Some(known) = KNOWN.iter().find(|n| n.eq_ignore_ascii_case(&policy.scaling_metric)) {
            (*known).clone_into(&mut policy.scaling_metric);
        }
        cpu |= policy.scaling_metric == "cpuAverageUtilization";
        findings.check(!policy.scaling_metric.is_empty(), &at("scalingMetric"), "name a metric");
        findings.check(
            policy.target.is_finite() && policy.target >= 0.0,
            &at("target"),
            "a number that is not negative",
        );
        if let (Some(low), Some(high)) = (policy.min_count, policy.max_count) {
            findings.check(low <= high, &at("minCount"), "the least is more than the most");
        }
        policy.min_count.get_or_insert(min);
        policy.max_count.get_or_insert(max);
    }
    findings.check(
        !cpu || min >= 1,
        &at("minReplicaCount"),
        "at least 1 with cpuAverageUtilization: without replicas there is no cpu use to look at",
    );
}

/// Metrics of model servers, and metrics with a name of their own, need a model server.
///
/// # Errors
/// [`Error::Invalid`] for each policy whose metric this kind of artifact does not have.
pub fn scaling_metrics(runtime: &WorkloadRuntime, kind: ArtifactKind) -> Result<(), Error> {
    let mut findings = Findings::default();
    for (g, group) in runtime.container_groups.iter().enumerate() {
        let policies = group.autoscaling.iter().flat_map(|auto| &auto.policies);
        for (p, policy) in policies.enumerate() {
            let common = ["cpuAverageUtilization", "httpRequestsConcurrency"];
            findings.check(
                kind == ArtifactKind::Nim || common.contains(&policy.scaling_metric.as_str()),
                &format!("runtime.containerGroups.{g}.autoscaling.policies.{p}.scalingMetric"),
                format!("an artifact of type {kind} scales by one of {}", common.join(", ")),
            );
        }
    }
    findings.done()
}
