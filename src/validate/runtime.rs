//! How much of it to run: the runtime against the spec it is for.

use std::collections::BTreeSet;

use super::scaling;
use crate::{
    error::{Error, Findings},
    model::{ContainerGroup, ContainerRuntime, GroupRuntime, Spec, WorkloadRuntime},
};

/// Replicas beyond this are a slip of the finger, not a wish.
pub(super) const MOST_REPLICAS: u32 = 1000;

/// Checks a runtime against a spec and brings it to the one form that is stored and answered: a group for
/// the spec's group, either a fixed number of replicas or enabled autoscaling, and bounds in both places.
///
/// # Errors
/// [`Error::Invalid`] with every wrong field, below `runtime`.
pub fn runtime(runtime: &mut WorkloadRuntime, spec: &Spec) -> Result<(), Error> {
    let mut findings = Findings::default();
    if runtime.container_groups.is_empty() {
        let groups = spec.container_groups.iter();
        runtime.container_groups = groups
            .map(|group| GroupRuntime { name: group.name.clone(), ..Default::default() })
            .collect();
    }
    let mut seen = BTreeSet::new();
    for (index, group) in runtime.container_groups.iter_mut().enumerate() {
        let path = format!("runtime.containerGroups.{index}");
        if group.name.is_empty() {
            group.name = crate::model::default_group();
        }
        findings.check(
            seen.insert(group.name.clone()),
            &format!("{path}.name"),
            format!("the group '{}' is given twice", group.name),
        );
        match spec.container_groups.iter().find(|known| known.name == group.name) {
            Some(known) => check_containers(&group.containers, known, &path, &mut findings),
            None => findings.add(
                &format!("{path}.name"),
                format!(
                    "the artifact has no container group '{}', only {}",
                    group.name,
                    names(spec)
                ),
            ),
        }
        check_group(group, &path, &mut findings);
    }
    check_enclaves(runtime, &mut findings);
    findings.done()
}

fn names(spec: &Spec) -> String {
    let names = spec.container_groups.iter().map(|group| format!("'{}'", group.name));
    names.collect::<Vec<_>>().join(", ")
}

fn check_group(group: &mut GroupRuntime, path: &str, findings: &mut Findings) {
    if group.replica_count == Some(0) {
        group.replica_count = None;
    }
    group.autoscaling = group.autoscaling.take().filter(|autoscaling| autoscaling.enabled);
    if let Some(autoscaling) = &mut group.autoscaling {
        findings.check(
            group.replica_count.is_none(),
            &format!("{path}.replicaCount"),
            "give either replicaCount or enabled autoscaling, not both",
        );
        scaling::check(autoscaling, &format!("{path}.autoscaling"), findings);
    }
    if group.autoscaling.is_none() {
        let replicas = *group.replica_count.get_or_insert(1);
        findings.check(
            replicas <= MOST_REPLICAS,
            &format!("{path}.replicaCount"),
            format!("at most {MOST_REPLICAS} replicas"),
        );
    }
    findings.check(
        group.resource_bundles.iter().all(|bundle| !bundle.is_empty()),
        &format!("{path}.resourceBundles"),
        "the id of a bundle can't be empty",
    );
}

fn check_containers(
    given: &[ContainerRuntime],
    known: &ContainerGroup,
    path: &str,
    findings: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for (index, container) in given.iter().enumerate() {
        let path = format!("{path}.containers.{index}");
        let exists = known.containers.iter().any(|c| c.name.as_deref() == Some(&container.name));
        findings.check(
            exists,
            &format!("{path}.name"),
            format!("the artifact has no container '{}' in group '{}'", container.name, known.name),
        );
        findings.check(
            seen.insert(&container.name),
            &format!("{path}.name"),
            format!("the container '{}' is given twice", container.name),
        );
        let allocation = &container.resource_allocation;
        for (field, value) in [("cpu", allocation.cpu), ("gpu", allocation.gpu)] {
            findings.check(
                value.is_none_or(|value| value.is_finite() && value >= 0.0),
                &format!("{path}.resourceAllocation.{field}"),
                "a number that is not negative",
            );
        }
    }
}

fn check_enclaves(runtime: &WorkloadRuntime, findings: &mut Findings) {
    let enclaves = runtime.enclaves.as_deref().unwrap_or_default();
    findings.check(enclaves.len() <= 1, "runtime.enclaves", "at most one enclave");
    findings.check(
        enclaves.iter().all(|enclave| !enclave.trim().is_empty()),
        "runtime.enclaves",
        "the name of an enclave can't be empty",
    );
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::runtime;
    use crate::{
        error::{Error, FieldError},
        model::{Spec, WorkloadRuntime},
    };

    fn spec() -> Spec {
        serde_json::from_value(json!({"containerGroups": [{"name": "default", "containers": [
            {"name": "main", "primary": true, "imageUri": "a:1", "port": 8080}
        ]}]}))
        .unwrap()
    }

    fn checked(group: &Value) -> Result<Value, Vec<String>> {
        let mut given: WorkloadRuntime =
            serde_json::from_value(json!({"containerGroups": [group]})).unwrap();
        match runtime(&mut given, &spec()) {
            Ok(()) => Ok(serde_json::to_value(&given.container_groups[0]).unwrap()),
            Err(Error::Invalid(fields)) => Err(fields.iter().map(FieldError::dotted).collect()),
            Err(other) => panic!("{other}"),
        }
    }

    fn at(rest: &str) -> Result<Value, Vec<String>> {
        Err(vec![format!("runtime.containerGroups.0.{rest}")])
    }

    /// rules.md L17.15
    #[test]
    fn either_a_number_or_autoscaling() {
        let policy = json!({"scalingMetric": "httpRequestsConcurrency", "target": 10});
        let both = json!({"replicaCount": 2, "autoscaling": {"policies": [policy]}});
        assert_eq!(checked(&both), at("replicaCount"));
        let off = checked(&json!({"replicaCount": 2, "autoscaling": {"enabled": false}})).unwrap();
        assert_eq!((&off["replicaCount"], &off["autoscaling"]), (&json!(2), &Value::Null));
        let zero = json!({"replicaCount": 0, "autoscaling": {"policies": [policy]}});
        assert_eq!(checked(&zero).unwrap()["replicaCount"], Value::Null);
        assert_eq!(checked(&json!({})).unwrap()["replicaCount"], json!(1));
    }

    #[test]
    fn bounds_are_answered_in_both_places() {
        let above = checked(&json!({"autoscaling": {"minReplicaCount": 1, "maxReplicaCount": 4,
            "policies": [{"scalingMetric": "cpuAverageUtilization", "target": 70}]}}));
        let below = checked(&json!({"autoscaling": {"policies": [{"scalingMetric":
            "cpuAverageUtilization", "target": 70, "minCount": 1, "maxCount": 4}]}}));
        assert_eq!(above, below);
        let whole = above.unwrap();
        let policy = &whole["autoscaling"]["policies"][0];
        assert_eq!((&policy["minCount"], &policy["maxCount"]), (&json!(1), &json!(4)));
        assert_eq!(whole["autoscaling"]["maxReplicaCount"], json!(4));
        assert_eq!(checked(&whole), Ok(whole.clone()), "what is answered can be sent back");
    }

    #[test]
    fn bounds_that_contradict_are_refused() {
        let of = |min: u32, max: u32, metric: &str| {
            checked(&json!({"autoscaling": {"minReplicaCount": min, "maxReplicaCount": max,
                "policies": [{"scalingMetric": metric, "target": 1, "minCount": 1, "maxCount": 4}]}}))
        };
        assert!(of(1, 4, "cpuAverageUtilization").is_ok());
        assert_eq!(of(1, 5, "cpuAverageUtilization"), at("autoscaling.maxReplicaCount"));
        let crossed = json!({"autoscaling": {"minReplicaCount": 3, "maxReplicaCount": 2,
            "policies": [{"scalingMetric": "httpRequestsConcurrency", "target": 1}]}});
        assert_eq!(checked(&crossed), at("autoscaling.minReplicaCount"));
        let idle = json!({"autoscaling": {"policies":
            [{"scalingMetric": "cpuAverageUtilization", "target": 1}]}});
        assert_eq!(checked(&idle), at("autoscaling.minReplicaCount"));
        assert_eq!(checked(&json!({"autoscaling": {}})), at("autoscaling.policies"));
    }

    #[test]
    fn names_must_be_those_of_the_artifact() {
        assert_eq!(checked(&json!({"name": "other"})), at("name"));
        assert_eq!(checked(&json!({"containers": [{"name": "x"}]})), at("containers.0.name"));
    }
}
