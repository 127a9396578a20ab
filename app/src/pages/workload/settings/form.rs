//! From what was typed to a runtime and back, and from the paths of findings to the fields of the form.

use handover::model::{
    Autoscaling, Bytes, ContainerRuntime, GroupRuntime, ResourceAllocation, ScalingPolicy, Spec,
    WorkloadRuntime,
};

use super::{
    super::super::forms::{Wrong, number, resources},
    seen,
};
use crate::{
    actions::{ContainerForm, PolicyForm, SettingsForm},
    refusal::Refusal,
};

pub(super) const SCALED: &str = "scaled";
pub(super) const FIXED: &str = "fixed";
pub(super) const CPU: &str = "cpuAverageUtilization";

/// A runtime as it is typed, with every container of the artifact.
pub(super) fn present(runtime: &WorkloadRuntime, spec: &Spec) -> SettingsForm {
    fitted(of_runtime(runtime), runtime, spec)
}

/// A runtime as it is typed. One with a fixed number has a policy at hand for who wants to have it scaled.
pub(super) fn of_runtime(runtime: &WorkloadRuntime) -> SettingsForm {
    let group = runtime.container_groups.first();
    let scaling = group.and_then(|group| group.autoscaling.as_ref()).filter(|auto| auto.enabled);
    let policies = match scaling {
        Some(auto) => auto.policies.iter().map(|policy| typed(policy, auto)).collect(),
        None => vec![suggested(runtime.replicas())],
    };
    let containers = group.into_iter().flat_map(|group| &group.containers).map(|container| {
        let given = &container.resource_allocation;
        ContainerForm {
            name: container.name.clone(),
            cpu: given.cpu.map(|cpu| cpu.to_string()).unwrap_or_default(),
            memory: given.memory.map(memory_text).unwrap_or_default(),
        }
    });
    SettingsForm {
        scaling: if scaling.is_some() { SCALED } else { FIXED }.into(),
        replicas: runtime.replicas().to_string(),
        policies,
        bundle: group.and_then(|group| group.resource_bundles.first().cloned()).unwrap_or_default(),
        containers: containers.collect(),
        ..SettingsForm::default()
    }
}

/// A form for this workload, with the containers that its artifact has. What was typed goes on saying which settings
/// it was made from: others may have changed them since.
pub(super) fn fitted(form: SettingsForm, now: &WorkloadRuntime, spec: &Spec) -> SettingsForm {
    let containers = spec.container_groups.iter().flat_map(|group| &group.containers);
    let containers = containers.map(|container| {
        let name = container.name.clone().unwrap_or_default();
        let typed = form.containers.iter().find(|typed| typed.name == name).cloned();
        typed.unwrap_or(ContainerForm { name, ..ContainerForm::default() })
    });
    let seen = if form.seen.is_empty() { seen(now) } else { form.seen };
    SettingsForm { seen, containers: containers.collect(), ..form }
}

fn typed(policy: &ScalingPolicy, auto: &Autoscaling) -> PolicyForm {
    let text = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    PolicyForm {
        metric: policy.scaling_metric.clone(),
        target: policy.target.to_string(),
        min: text(policy.min_count.or(auto.min_replica_count)),
        max: text(policy.max_count.or(auto.max_replica_count)),
        priority: policy.priority.map(|priority| priority.to_string()).unwrap_or_default(),
    }
}

/// What most begin with.
fn suggested(replicas: u32) -> PolicyForm {
    PolicyForm {
        metric: CPU.into(),
        target: "70".into(),
        min: replicas.to_string(),
        max: replicas.saturating_mul(3).to_string(),
        priority: String::new(),
    }
}

/// In the largest unit that says it exactly, because `536870912` is nobody's wish.
fn memory_text(Bytes(bytes): Bytes) -> String {
    const UNITS: [(u64, &str); 6] = [
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1000, "KB"),
    ];
    match UNITS.iter().find(|(unit, _)| bytes > 0 && bytes % unit == 0) {
        Some((unit, name)) => format!("{}{name}", bytes / unit),
        None => bytes.to_string(),
    }
}

/// The form after a step: `add`, `remove.0`.
pub fn stepped(mut form: SettingsForm, step: &str) -> SettingsForm {
    if step == "add" {
        form.scaling = SCALED.into();
        let last = form.policies.last().cloned().unwrap_or_default();
        let cpu = form.policies.iter().any(|policy| policy.metric == CPU);
        let (metric, target) = if cpu { ("httpRequestsConcurrency", "10") } else { (CPU, "70") };
        form.policies.push(PolicyForm {
            metric: metric.into(),
            target: target.into(),
            priority: String::new(),
            ..last
        });
    } else if let Some(at) = step.strip_prefix("remove.").and_then(|at| at.parse::<usize>().ok())
        && at < form.policies.len()
    {
        form.policies.remove(at);
    }
    form
}

/// What is asked for. What the form does not show stays as it is `now`.
pub(super) fn runtime(
    form: &SettingsForm,
    now: &WorkloadRuntime,
) -> Result<WorkloadRuntime, Refusal> {
    let mut wrong = Wrong::default();
    let known = now.container_groups.first().cloned().unwrap_or_default();
    let scaled = form.scaling == SCALED;
    let replica_count = if scaled { None } else { replicas(&form.replicas, &mut wrong) };
    let autoscaling = scaled.then(|| autoscaling(&form.policies, &mut wrong));
    let by_bundle = !form.bundle.is_empty();
    let containers = if by_bundle {
        Vec::new()
    } else {
        form.containers.iter().enumerate().map(|at| container(at, &known, &mut wrong)).collect()
    };
    // The others of a list are what was to be taken when the first is not offered.
    let same = known.resource_bundles.first() == Some(&form.bundle);
    let resource_bundles = match (by_bundle, same) {
        (false, _) => Vec::new(),
        (true, true) => known.resource_bundles,
        (true, false) => vec![form.bundle.clone()],
    };
    wrong.done()?;
    let group = GroupRuntime {
        name: known.name,
        replica_count,
        autoscaling,
        containers,
        resource_bundles,
        ..GroupRuntime::default()
    };
    Ok(WorkloadRuntime { container_groups: vec![group], ..WorkloadRuntime::default() })
}

fn replicas(text: &str, wrong: &mut Wrong) -> Option<u32> {
    let count = wrong.take("replicas", number::<u32>(text));
    match count {
        Some(0) => wrong.add(
            "replicas",
            "at least 1; to run none, stop the workload, or scale it by HTTP requests from 0",
        ),
        None if text.trim().is_empty() => wrong.add("replicas", "give a number"),
        _ => {}
    }
    count
}

/// The bounds are said once for all policies too, as what is stored has them.
fn autoscaling(rows: &[PolicyForm], wrong: &mut Wrong) -> Autoscaling {
    let policies: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let place = |field: &str| format!("policies.{at}.{field}");
            let target = wrong.take(&place("target"), number::<f64>(&row.target));
            if target.is_none() && row.target.trim().is_empty() {
                wrong.add(&place("target"), "give a number");
            }
            // Two that say the same are a slip; the one that was meant to say something else would be missed.
            if rows[..at].contains(row) {
                wrong.add(&place("metric"), "another row says the same; change one, or remove it");
            }
            ScalingPolicy {
                scaling_metric: row.metric.clone(),
                target: target.unwrap_or_default(),
                priority: number(&row.priority).ok().flatten(),
                min_count: wrong.take(&place("min"), number(&row.min)),
                max_count: wrong.take(&place("max"), number(&row.max)),
            }
        })
        .collect();
    Autoscaling {
        enabled: true,
        min_replica_count: policies.iter().filter_map(|policy| policy.min_count).min(),
        max_replica_count: policies.iter().filter_map(|policy| policy.max_count).max(),
        policies,
    }
}

fn container(
    (at, typed): (usize, &ContainerForm),
    known: &GroupRuntime,
    wrong: &mut Wrong,
) -> ContainerRuntime {
    let (cpu, memory) = (format!("containers.{at}.cpu"), format!("containers.{at}.memory"));
    let given = resources(&typed.cpu, &typed.memory, &cpu, &memory, wrong);
    let before = known.containers.iter().find(|container| container.name == typed.name);
    let before = before.map(|container| container.resource_allocation.clone()).unwrap_or_default();
    ContainerRuntime {
        name: typed.name.clone(),
        resource_allocation: ResourceAllocation { cpu: given.cpu, memory: given.memory, ..before },
    }
}

/// Puts findings of the use case at the fields of the form. What no field shows is told in the message.
pub(super) fn at_fields(
    mut refusal: Refusal,
    form: &SettingsForm,
    now: &WorkloadRuntime,
) -> Refusal {
    if refusal.fields.is_empty() {
        return refusal;
    }
    let mut message = "Nothing was saved yet: some fields need another look.".to_owned();
    for fault in &mut refusal.fields {
        match field(&fault.field, form, now) {
            Some(field) => fault.field = field,
            None => message.push_str(&format!(" {}: {}.", fault.field, fault.message)),
        }
    }
    Refusal { message, ..refusal }
}

fn field(path: &str, form: &SettingsForm, now: &WorkloadRuntime) -> Option<String> {
    let rest = path.strip_prefix("runtime.containerGroups.0.")?;
    let parts: Vec<&str> = rest.split('.').collect();
    // A bound of all is said at the row that set it.
    let bound = |of: fn(&PolicyForm) -> &str, most: bool| {
        let rows = form.policies.iter().enumerate();
        let numbers = rows.map(|(at, row)| (of(row).trim().parse::<u32>().unwrap_or(0), at));
        let found = if most { numbers.max() } else { numbers.min() };
        found.map_or(0, |(_, at)| at)
    };
    Some(match parts[..] {
        ["replicaCount"] => "replicas".into(),
        ["resourceBundles", ..] => "bundle".into(),
        ["autoscaling", "policies"] => "policies".into(),
        ["autoscaling", "minReplicaCount"] => {
            format!("policies.{}.min", bound(|row| &row.min, false))
        }
        ["autoscaling", "maxReplicaCount"] => {
            format!("policies.{}.max", bound(|row| &row.max, true))
        }
        ["autoscaling", "policies", at, what] => {
            let what = match what {
                "scalingMetric" => "metric",
                "minCount" => "min",
                "maxCount" => "max",
                other => other,
            };
            format!("policies.{at}.{what}")
        }
        ["containers", at, "resourceAllocation", what] => {
            format!("containers.{}.{what}", position(at.parse().ok()?, form, now)?)
        }
        _ => return None,
    })
}

/// Where the form has the container that is at `at` after the form was merged into what is now.
fn position(at: usize, form: &SettingsForm, now: &WorkloadRuntime) -> Option<usize> {
    let known: Vec<&str> =
        now.container_groups.iter().flat_map(|g| &g.containers).map(|c| c.name.as_str()).collect();
    let new = form.containers.iter().map(|c| c.name.as_str()).filter(|name| !known.contains(name));
    let name = known.iter().copied().chain(new).nth(at)?;
    form.containers.iter().position(|container| container.name == name)
}

#[cfg(test)]
mod tests {
    use handover::model::{Bytes, Spec, WorkloadRuntime};
    use serde_json::json;

    use super::{at_fields, memory_text, present, runtime, stepped};
    use crate::refusal::{Fault, Refusal};

    fn spec() -> Spec {
        serde_json::from_value(json!({"containerGroups": [{"name": "default", "containers": [
            {"name": "main", "imageUri": "a:1"}, {"name": "side", "imageUri": "b:1"}]}]}))
        .expect("a spec")
    }

    fn of(group: serde_json::Value) -> WorkloadRuntime {
        serde_json::from_value(json!({ "containerGroups": [group] })).expect("a runtime")
    }

    #[test]
    fn a_form_that_nobody_touched_asks_for_what_is() {
        let fixed = of(json!({"name": "default", "replicaCount": 2, "containers": [
            {"name": "main", "resourceAllocation": {"cpu": 0.5, "memory": 536_870_912, "gpu": 1.0}},
            {"name": "side", "resourceAllocation": {}}]}));
        let form = present(&fixed, &spec());
        assert_eq!((form.containers[0].memory.as_str(), form.policies.len()), ("512MiB", 1));
        assert_eq!(runtime(&form, &fixed).expect("fine"), fixed);
        let policy = json!({"scalingMetric": "httpRequestsConcurrency", "target": 10.0,
            "priority": 3, "minCount": 0, "maxCount": 4});
        let scaled = of(
            json!({"name": "default", "replicaCount": null, "resourceBundles": ["a", "b"],
            "autoscaling": {"enabled": true, "minReplicaCount": 0, "maxReplicaCount": 4, "policies": [policy]}}),
        );
        let form = present(&scaled, &spec());
        assert_eq!(runtime(&form, &scaled).expect("fine"), scaled);
    }

    #[test]
    fn typing_a_number_beside_a_table_does_not_switch_scaling_off() {
        let scaled = of(json!({"name": "default", "replicaCount": null, "autoscaling":
            {"policies": [{"scalingMetric": "cpuAverageUtilization", "target": 70.0, "minCount": 1, "maxCount": 3}]}}));
        let mut form = present(&scaled, &spec());
        form.replicas = "9".into();
        let kept = runtime(&form, &scaled).expect("fine");
        assert_eq!(kept.bounds(), (1, 3));
        form.scaling = "fixed".into();
        assert_eq!(runtime(&form, &scaled).expect("fine").bounds(), (9, 9));
        let twice = super::SettingsForm {
            scaling: super::SCALED.into(),
            policies: vec![form.policies[0].clone(), form.policies[0].clone()],
            ..form.clone()
        };
        let refusal = runtime(&twice, &scaled).expect_err("the same twice");
        assert_eq!(refusal.fields[0].field, "policies.1.metric");
        form.replicas = "0".into();
        assert_eq!(runtime(&form, &scaled).expect_err("none").fields[0].field, "replicas");
    }

    #[test]
    fn rows_come_and_go() {
        let form = present(&of(json!({"name": "default", "replicaCount": 2})), &spec());
        let form = stepped(form, "add");
        assert_eq!(form.policies[1].metric, "httpRequestsConcurrency");
        assert_eq!(form.policies[1].min, form.policies[0].min);
        let form = stepped(stepped(form, "remove.0"), "remove.7");
        assert_eq!(form.policies.len(), 1);
        assert_eq!(form.scaling, "scaled");
    }

    #[test]
    fn findings_are_said_where_they_were_typed() {
        let now =
            of(json!({"name": "default", "replicaCount": 1, "containers": [{"name": "side"}]}));
        let mut form = stepped(present(&now, &spec()), "add");
        form.policies[0].max = "4".into();
        form.policies[1].max = "9".into();
        let paths = [
            "autoscaling.maxReplicaCount",
            "autoscaling.policies.1.minCount",
            "containers.0.resourceAllocation.cpu",
            "containers.1.resourceAllocation.memory",
        ];
        let fields = paths.map(|path| Fault {
            field: format!("runtime.containerGroups.0.{path}"),
            message: String::new(),
        });
        let refusal = Refusal { message: String::new(), fields: fields.into() };
        let fields = at_fields(refusal, &form, &now).fields;
        let fields: Vec<&str> = fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            ["policies.1.max", "policies.1.min", "containers.1.cpu", "containers.0.memory"]
        );
    }

    #[test]
    fn memory_is_written_as_it_would_be_typed() {
        let texts =
            [512 << 20, 3 << 29, 2_000_000_000, 1000, 1001, 0].map(|n| memory_text(Bytes(n)));
        assert_eq!(texts, ["512MiB", "1536MiB", "2GB", "1KB", "1001", "0"]);
    }
}
