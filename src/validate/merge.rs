//! A settings change names what changes; what it leaves out stays as it is (rules.md §7).

use super::scaling::below;
use crate::model::{Autoscaling, ContainerRuntime, GroupRuntime, WorkloadRuntime};

/// The runtime that `wanted` asks for on top of `current`, by group and container name. The result still
/// has to be validated.
#[must_use]
pub fn merge_runtime(current: &WorkloadRuntime, wanted: &WorkloadRuntime) -> WorkloadRuntime {
    let mut merged = current.clone();
    for group in &wanted.container_groups {
        match merged.container_groups.iter_mut().find(|known| known.name == group.name) {
            Some(known) => *known = merge_group(known, group),
            None => merged.container_groups.push(group.clone()),
        }
    }
    merged.enclave_selection_policy =
        wanted.enclave_selection_policy.or(merged.enclave_selection_policy);
    if wanted.enclaves.is_some() {
        merged.enclaves.clone_from(&wanted.enclaves);
    }
    merged
}

/// A runtime that is given whole, for a workload that has one already: of bounds that come in two places
/// and differ, the side that was changed counts, as in a settings change.
#[must_use]
pub fn settled_runtime(current: &WorkloadRuntime, mut wanted: WorkloadRuntime) -> WorkloadRuntime {
    for group in &mut wanted.container_groups {
        let known = current.container_groups.iter().find(|known| known.name == group.name);
        let stored = known.and_then(|known| known.autoscaling.as_ref());
        group.autoscaling = group.autoscaling.take().map(|auto| settle_bounds(&auto, stored));
    }
    wanted
}

fn merge_group(current: &GroupRuntime, wanted: &GroupRuntime) -> GroupRuntime {
    let fixed = wanted.replica_count.filter(|count| *count > 0);
    let (replica_count, autoscaling) = match (fixed, &wanted.autoscaling) {
        (None, None) => (current.replica_count, current.autoscaling.clone()),
        (None, Some(auto)) if !auto.enabled => (current.replica_count, None),
        (fixed, Some(auto)) => (fixed, Some(settle_bounds(auto, current.autoscaling.as_ref()))),
        (fixed, None) => (fixed, None),
    };
    // Resources given per container replace a bundle, which would otherwise overrule them.
    let keeps_bundles = wanted.resource_bundles.is_empty() && wanted.containers.is_empty();
    let bundles = if keeps_bundles { &current.resource_bundles } else { &wanted.resource_bundles };
    GroupRuntime {
        name: current.name.clone(),
        replica_count,
        autoscaling,
        containers: merge_containers(&current.containers, &wanted.containers),
        resource_bundles: bundles.clone(),
        bundle_selection_policy: wanted.bundle_selection_policy.or(current.bundle_selection_policy),
        // Picked when it is validated.
        resolved_bundle: None,
    }
}

fn merge_containers(
    current: &[ContainerRuntime],
    wanted: &[ContainerRuntime],
) -> Vec<ContainerRuntime> {
    let mut merged = current.to_vec();
    for container in wanted {
        match merged.iter_mut().find(|known| known.name == container.name) {
            Some(known) => *known = container.clone(),
            None => merged.push(container.clone()),
        }
    }
    merged
}

/// Bounds may come in two places. A client that read both and changed one means the one it changed.
fn settle_bounds(wanted: &Autoscaling, stored: Option<&Autoscaling>) -> Autoscaling {
    let mut settled = wanted.clone();
    let Some(stored) = stored else { return settled };
    let (below_min, below_max) = below(wanted);
    if unchanged(wanted.min_replica_count, stored.min_replica_count) && below_min.is_some() {
        settled.min_replica_count = None;
    } else if unchanged(below_min, stored.min_replica_count) && wanted.min_replica_count.is_some() {
        settled.policies.iter_mut().for_each(|policy| policy.min_count = wanted.min_replica_count);
    }
    if unchanged(wanted.max_replica_count, stored.max_replica_count) && below_max.is_some() {
        settled.max_replica_count = None;
    } else if unchanged(below_max, stored.max_replica_count) && wanted.max_replica_count.is_some() {
        settled.policies.iter_mut().for_each(|policy| policy.max_count = wanted.max_replica_count);
    }
    settled
}

fn unchanged(given: Option<u32>, stored: Option<u32>) -> bool {
    given.is_some() && given == stored
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merge_runtime;
    use crate::model::WorkloadRuntime;

    fn merged(current: Value, wanted: Value) -> Value {
        let read = |group| -> WorkloadRuntime {
            serde_json::from_value(json!({"containerGroups": [group]})).unwrap()
        };
        let merged = merge_runtime(&read(current), &read(wanted));
        serde_json::to_value(&merged.container_groups[0]).unwrap()
    }

    #[test]
    fn what_is_left_out_stays() {
        let current = json!({"replicaCount": 2, "containers": [
            {"name": "main", "resourceAllocation": {"cpu": 1.0, "memory": 1000}},
            {"name": "side", "resourceAllocation": {"cpu": 2.0}},
        ]});
        let after = merged(current.clone(), json!({"replicaCount": 3}));
        assert_eq!(after["replicaCount"], json!(3));
        assert_eq!(after["containers"], current["containers"]);
        let after = merged(
            current,
            json!({"containers": [{"name": "side", "resourceAllocation": {"cpu": 4.0}}]}),
        );
        assert_eq!(after["replicaCount"], json!(2));
        assert_eq!(after["containers"][1]["resourceAllocation"]["cpu"], json!(4.0));
    }

    #[test]
    fn a_number_and_autoscaling_take_turns() {
        let policy = json!({"scalingMetric": "httpRequestsConcurrency", "target": 10});
        let auto = json!({"autoscaling": {"minReplicaCount": 1, "maxReplicaCount": 3, "policies": [policy]}});
        let after = merged(json!({"replicaCount": 2}), auto.clone());
        assert_eq!(after["replicaCount"], Value::Null);
        let after = merged(auto.clone(), json!({"replicaCount": 2}));
        assert_eq!((&after["replicaCount"], &after["autoscaling"]), (&json!(2), &Value::Null));
        let after = merged(auto, json!({"autoscaling": {"enabled": false}}));
        assert_eq!(after["autoscaling"], Value::Null);
    }

    #[test]
    fn of_two_places_the_one_that_was_changed_counts() {
        let of = |above: (u32, u32), below: (u32, u32)| {
            json!({"autoscaling": {"minReplicaCount": above.0, "maxReplicaCount": above.1, "policies": [
                {"scalingMetric": "httpRequestsConcurrency", "target": 10,
                 "minCount": below.0, "maxCount": below.1}]}})
        };
        let bounds = |wanted| {
            let mut merged: WorkloadRuntime = serde_json::from_value(
                json!({"containerGroups": [merged(of((1, 3), (1, 3)), wanted)]}),
            )
            .unwrap();
            let spec = serde_json::from_value(json!({"containerGroups": [{"name": "default",
                "containers": [{"name": "main", "imageUri": "a:1"}]}]}))
            .unwrap();
            crate::validate::runtime(&mut merged, &spec).ok()?;
            let auto = merged.container_groups[0].autoscaling.clone()?;
            auto.min_replica_count.zip(auto.max_replica_count)
        };
        assert_eq!(bounds(of((1, 5), (1, 3))), Some((1, 5)));
        assert_eq!(bounds(of((1, 3), (2, 6))), Some((2, 6)));
        assert_eq!(bounds(of((1, 5), (1, 6))), None, "both were changed, and differ");
        let mut only_below = of((1, 3), (1, 3));
        let auto = only_below["autoscaling"].as_object_mut().unwrap();
        auto.retain(|field, _| field == "policies");
        assert_eq!(bounds(only_below), Some((1, 3)), "one place is enough, also when unchanged");
    }
}
