//! What is typed, between the address, the session and the use case.

use handover::{
    access::Caller,
    artifacts,
    house::House,
    model::{
        ArtifactId, Bytes, ContainerRuntime, GroupRuntime, ReplaceRequest, RolloutConfig, Spec,
        Strategy, WorkloadId, WorkloadRuntime,
    },
    replacement, workloads,
};

use crate::{
    actions::ReplaceForm,
    pages::{
        forms::{Wrong, number},
        query,
    },
    refusal::Refusal,
};

/// More containers than any specification has.
const CONTAINERS: usize = 64;

/// The form as the address has it.
pub(super) fn from_address() -> ReplaceForm {
    let text = |name: &str| query(name).unwrap_or_default();
    let each = |name: &str| {
        let mut all: Vec<String> =
            (0..CONTAINERS).map(|at| text(&format!("{name}[{at}]"))).collect();
        let used = all.iter().rposition(|value| !value.is_empty()).map_or(0, |last| last + 1);
        all.truncate(used);
        all
    };
    ReplaceForm {
        artifact: text("artifact"),
        shown: String::new(),
        warm_up: text("warm_up"),
        keep: text("keep"),
        replicas: text("replicas"),
        cpu: each("cpu"),
        memory: each("memory"),
    }
}

/// Begins the replacement that is typed; what is refused is said at the field that was typed in.
pub async fn begin(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    form: &ReplaceForm,
) -> Result<(), Refusal> {
    let workload = workloads::get(house, caller, id).await?;
    let artifact = form.artifact.parse::<ArtifactId>();
    let artifact = artifact.map_err(|_| Refusal::new("Choose a version first."))?;
    if !form.shown.is_empty() && form.shown != form.artifact {
        return Err(Refusal::new(
            "You chose another version than the one that was shown. Nothing was begun: look at what changes with this one, then press the button again.",
        ));
    }
    let spec = artifacts::get(house, caller, &artifact).await?.spec;
    let request = request(form, artifact, &spec, &workload.runtime)?;
    let wanted = request.runtime.clone();
    replacement::replace(house, caller, id, request)
        .await
        .map(drop)
        .map_err(|error| at_fields(error.into(), &spec, wanted.as_ref()))
}

/// The request that is typed, for a candidate of this specification.
pub(super) fn request(
    form: &ReplaceForm,
    artifact_id: ArtifactId,
    spec: &Spec,
    now: &WorkloadRuntime,
) -> Result<ReplaceRequest, Refusal> {
    let mut wrong = Wrong::default();
    let config = RolloutConfig {
        warmup_duration_minutes: wrong.take("warm_up", number(&form.warm_up)).unwrap_or(0),
        keep_old_version_minutes: wrong.take("keep", number(&form.keep)).unwrap_or(0),
    };
    let runtime = runtime(form, spec, now, &mut wrong);
    wrong.done()?;
    Ok(ReplaceRequest { artifact_id, strategy: Strategy::Rolling, config: Some(config), runtime })
}

/// The whole runtime when any of it is typed; none when all stays as it is.
fn runtime(
    form: &ReplaceForm,
    spec: &Spec,
    now: &WorkloadRuntime,
    wrong: &mut Wrong,
) -> Option<WorkloadRuntime> {
    let mut wanted = now.clone();
    if let Some(replicas) = wrong.take("replicas", number::<u32>(&form.replicas)) {
        for group in &mut wanted.container_groups {
            group.replica_count = Some(replicas);
            group.autoscaling = None;
        }
    }
    for (at, (group, name)) in containers(spec).enumerate() {
        let cpu_field = format!("cpu[{at}]");
        let memory_field = format!("memory[{at}]");
        let typed = |all: &[String]| all.get(at).map_or("", |text| text.trim()).to_owned();
        let cpu = wrong.take(&cpu_field, number::<f64>(&typed(&form.cpu)));
        let memory = match typed(&form.memory).as_str() {
            "" => Ok(None),
            text => text.parse::<Bytes>().map(Some).map_err(|why| why.to_string()),
        };
        let memory = wrong.take(&memory_field, memory);
        if cpu.is_some() || memory.is_some() {
            let allocation = &mut container(&mut wanted, group, name).resource_allocation;
            allocation.cpu = cpu.or(allocation.cpu);
            allocation.memory = memory.or(allocation.memory);
        }
    }
    (wanted != *now).then_some(wanted)
}

/// Every container of a specification with its group, in the order in which the form shows them.
pub(super) fn containers(spec: &Spec) -> impl Iterator<Item = (&str, &str)> {
    spec.container_groups.iter().flat_map(|group| {
        group.containers.iter().map(|container| (group.name.as_str(), container.title()))
    })
}

/// The container's entry, made when it has none. Sizes that are typed overrule a bundle, so that one goes.
fn container<'a>(
    runtime: &'a mut WorkloadRuntime,
    group: &str,
    name: &str,
) -> &'a mut ContainerRuntime {
    let groups = &mut runtime.container_groups;
    let at = groups.iter().position(|known| known.name == group).unwrap_or_else(|| {
        groups.push(GroupRuntime { name: group.to_owned(), ..GroupRuntime::default() });
        groups.len() - 1
    });
    let group = &mut groups[at];
    group.resource_bundles.clear();
    group.resolved_bundle = None;
    let containers = &mut group.containers;
    let at = containers.iter().position(|known| known.name == name).unwrap_or_else(|| {
        let resource_allocation = handover::model::ResourceAllocation::default();
        containers.push(ContainerRuntime { name: name.to_owned(), resource_allocation });
        containers.len() - 1
    });
    &mut containers[at]
}

/// Puts what the use case finds at the fields of the form.
pub(super) fn at_fields(
    mut refusal: Refusal,
    spec: &Spec,
    wanted: Option<&WorkloadRuntime>,
) -> Refusal {
    for fault in &mut refusal.fields {
        let path = fault.field.clone();
        fault.field = if path.contains("warmup") {
            "warm_up".into()
        } else if path.contains("keepOld") {
            "keep".into()
        } else if path.contains("replicaCount") {
            "replicas".into()
        } else {
            wanted.and_then(|wanted| resource_field(&path, spec, wanted)).unwrap_or(path)
        };
    }
    refusal
}

/// `runtime.containerGroups.0.containers.1.resourceAllocation.cpu` as the form's `cpu[2]`.
fn resource_field(path: &str, spec: &Spec, wanted: &WorkloadRuntime) -> Option<String> {
    let numbers: Vec<usize> = path.split('.').filter_map(|part| part.parse().ok()).collect();
    let [group, container, ..] = numbers[..] else { return None };
    let group = wanted.container_groups.get(group)?;
    let name = &group.containers.get(container)?.name;
    let at = containers(spec).position(|known| known == (group.name.as_str(), name.as_str()))?;
    let field = ["cpu", "memory"].into_iter().find(|field| path.ends_with(field))?;
    Some(format!("{field}[{at}]"))
}

#[cfg(test)]
mod tests {
    use handover::model::{
        ArtifactId, Autoscaling, Bytes, Container, ContainerGroup, GroupRuntime, Spec,
        WorkloadRuntime,
    };

    use super::{at_fields, request};
    use crate::{actions::ReplaceForm, refusal::Refusal};

    fn now(group: GroupRuntime) -> WorkloadRuntime {
        WorkloadRuntime { container_groups: vec![group], ..WorkloadRuntime::default() }
    }

    fn three() -> WorkloadRuntime {
        now(GroupRuntime { replica_count: Some(3), ..GroupRuntime::default() })
    }

    fn spec() -> Spec {
        let named = |name: &str| Container { name: Some(name.into()), ..Container::default() };
        let containers = vec![named("main"), named("side")];
        let group = ContainerGroup { name: "default".into(), containers };
        Spec { container_groups: vec![group], ..Spec::default() }
    }

    fn asked(
        form: &ReplaceForm,
        now: &WorkloadRuntime,
    ) -> Result<Option<WorkloadRuntime>, Refusal> {
        let id: ArtifactId = "a1".parse().expect("an id");
        request(form, id, &spec(), now).map(|request| request.runtime)
    }

    #[test]
    fn the_runtime_is_sent_only_when_something_of_it_changes() {
        let same = ReplaceForm {
            replicas: "3".into(),
            cpu: vec![String::new()],
            ..ReplaceForm::default()
        };
        assert_eq!(asked(&same, &three()).expect("fine"), None);
        let form = ReplaceForm {
            replicas: "4".into(),
            cpu: vec![String::new(), "0.5".into()],
            memory: vec!["1GiB".into()],
            ..ReplaceForm::default()
        };
        let wanted = asked(&form, &three()).expect("fine").expect("changed");
        assert_eq!(wanted.replicas(), 4);
        let [main, side] = &wanted.container_groups[0].containers[..] else { panic!("two") };
        assert_eq!(main.resource_allocation.memory, Some(Bytes(1 << 30)));
        assert_eq!((side.name.as_str(), side.resource_allocation.cpu), ("side", Some(0.5)));
    }

    #[test]
    fn autoscaling_stays_unless_a_number_is_typed() {
        let scaled = now(GroupRuntime {
            replica_count: None,
            autoscaling: Some(Autoscaling {
                enabled: true,
                min_replica_count: Some(0),
                max_replica_count: Some(3),
                policies: Vec::new(),
            }),
            ..GroupRuntime::default()
        });
        let sized = ReplaceForm { cpu: vec!["2".into()], ..ReplaceForm::default() };
        let kept = asked(&sized, &scaled).expect("fine").expect("changed");
        assert_eq!(kept.bounds(), (0, 3));
        let fixed = ReplaceForm { replicas: "2".into(), ..ReplaceForm::default() };
        let fixed = asked(&fixed, &scaled).expect("fine").expect("changed");
        assert_eq!(fixed.bounds(), (2, 2));
    }

    #[test]
    fn every_fault_is_at_its_field() {
        let form = ReplaceForm {
            warm_up: "soon".into(),
            memory: vec![String::new(), "lots".into()],
            ..ReplaceForm::default()
        };
        let refusal = asked(&form, &three()).expect_err("two mistakes");
        let fields: Vec<&str> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["warm_up", "memory[1]"]);

        let form = ReplaceForm { cpu: vec![String::new(), "900".into()], ..ReplaceForm::default() };
        let wanted = asked(&form, &three()).expect("fine").expect("changed");
        let path = "runtime.containerGroups.0.containers.0.resourceAllocation.cpu";
        let moved = at_fields(Refusal::at(path, "too much"), &spec(), Some(&wanted));
        assert_eq!(moved.fields[0].field, "cpu[1]");
    }
}
