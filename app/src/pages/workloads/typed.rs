//! From "New workload" as it was typed to what the use case takes, and back to the fields from its findings.

use handover::{
    access::Caller,
    artifacts,
    house::House,
    model::{
        ArtifactId, ArtifactKind, ArtifactStatus, ContainerGroup, ContainerRuntime, CreateWorkload,
        GroupRuntime, Importance, NewArtifact, ResourceAllocation, Spec, WorkloadRuntime,
    },
};

use crate::{
    actions::WorkloadForm,
    pages::forms::{CONTAINER, Wrong, number, rename, resources, short_spec},
    refusal::Refusal,
};

/// # Errors
/// A refusal that names every field that can't be read.
pub async fn new_workload(
    house: &House,
    caller: &Caller,
    form: &WorkloadForm,
) -> Result<CreateWorkload, Refusal> {
    let mut wrong = Wrong::default();
    if !form.is_existing() {
        let spec = short_spec(form, &mut wrong);
        let runtime = runtime(form, &spec, &mut wrong);
        wrong.done()?;
        let artifact = NewArtifact {
            name: form.name.trim().into(),
            spec,
            description: String::new(),
            kind: ArtifactKind::Service,
            status: ArtifactStatus::Draft,
            artifact_repository_id: None,
        };
        return Ok(request(form, None, Some(artifact), runtime));
    }
    let Ok(id) = form.artifact_id.trim().parse::<ArtifactId>() else {
        wrong.add("artifact_id", "choose what it runs, or describe a new artifact");
        // What else is wrong is told at the same time.
        runtime(form, &Spec::default(), &mut wrong);
        wrong.done()?;
        return Err(Refusal::new("Choose what it runs first."));
    };
    // Its containers have names of their own, which the resources are for.
    let artifact = artifacts::get(house, caller, &id).await;
    let artifact = artifact.map_err(|error| Refusal::at("artifact_id", error.to_string()))?;
    let runtime = runtime(form, &artifact.spec, &mut wrong);
    wrong.done()?;
    Ok(request(form, Some(id), None, runtime))
}

fn request(
    form: &WorkloadForm,
    artifact_id: Option<ArtifactId>,
    artifact: Option<NewArtifact>,
    runtime: WorkloadRuntime,
) -> CreateWorkload {
    let importance: Option<Importance> = form.importance.parse().ok();
    CreateWorkload {
        name: form.name.trim().into(),
        artifact_id,
        artifact,
        runtime: Some(runtime),
        description: Some(form.description.trim().into()),
        importance: Some(importance.unwrap_or(Importance::Low)),
    }
}

/// Replicas and size of the spec's group. What is typed for a container is for the one that serves.
fn runtime(form: &WorkloadForm, spec: &Spec, wrong: &mut Wrong) -> WorkloadRuntime {
    let replica_count = wrong.take("replicas", number::<u32>(&form.replicas));
    let resource_allocation = resources(&form.cpu, &form.memory, "cpu", "memory", wrong);
    let sized = resource_allocation != ResourceAllocation::default();
    if sized && !form.bundle.is_empty() {
        wrong.add("bundle", "choose a size here, or type CPU and memory, but not both");
    }
    let group = spec.container_groups.first();
    let container = group.and_then(serving).filter(|_| sized);
    let containers =
        container.map(|name| ContainerRuntime { name, resource_allocation }).into_iter().collect();
    let bundle = Some(form.bundle.clone()).filter(|bundle| !bundle.is_empty());
    let mut made = GroupRuntime {
        replica_count,
        containers,
        resource_bundles: bundle.into_iter().collect(),
        ..GroupRuntime::default()
    };
    if let Some(group) = group {
        made.name.clone_from(&group.name);
    }
    WorkloadRuntime { container_groups: vec![made], ..WorkloadRuntime::default() }
}

/// The name of the container that requests go to.
fn serving(group: &ContainerGroup) -> Option<String> {
    let primary = group.containers.iter().find(|container| container.primary == Some(true));
    primary.or(group.containers.first())?.name.clone()
}

pub fn at_fields(refusal: Refusal) -> Refusal {
    let runtime = [
        ("replicaCount", "replicas"),
        ("resourceBundles", "bundle"),
        ("cpu", "cpu"),
        ("memory", "memory"),
        ("artifactId", "artifact_id"),
        ("description", "description"),
        ("name", "name"),
    ];
    rename(refusal, &[&CONTAINER[..], &runtime[..]].concat())
}

#[cfg(test)]
mod tests {
    use handover::model::{Container, ContainerGroup, Spec};

    use super::{request, runtime};
    use crate::{
        actions::WorkloadForm,
        pages::forms::{Wrong, short_spec, variable_lines},
    };

    fn faults(wrong: Wrong) -> Vec<String> {
        let refusal = wrong.done().err().unwrap_or_default();
        refusal.fields.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn every_wrong_field_is_said_at_once_and_nothing_is_lost() {
        let form = WorkloadForm {
            name: "api".into(),
            port: "eighty".into(),
            env: "A=1\nB".into(),
            memory: "lots".into(),
            ..WorkloadForm::default()
        };
        let mut wrong = Wrong::default();
        let spec = short_spec(&form, &mut wrong);
        runtime(&form, &spec, &mut wrong);
        assert_eq!(faults(wrong), ["image", "port", "env", "memory"]);
        let form = WorkloadForm {
            image: "x:1".into(),
            port: "9000".into(),
            env: "A=1=2\r\n\r\nB=".into(),
            memory: "512MB".into(),
            readiness: "/up".into(),
            ..form
        };
        let mut wrong = Wrong::default();
        let spec = short_spec(&form, &mut wrong);
        let container = spec.primary().expect("one");
        assert_eq!(variable_lines(container), "A=1=2\nB=");
        assert_eq!(container.readiness_probe.as_ref().map(|probe| probe.port), Some(9000));
        let sized = runtime(&form, &spec, &mut wrong);
        assert_eq!(sized.container_groups[0].memory(), Some(512_000_000));
        assert!(faults(wrong).is_empty());
    }

    #[test]
    fn resources_are_for_the_container_that_serves_whatever_it_is_called() {
        let container = |name: &str, primary| Container {
            name: Some(name.into()),
            primary,
            ..Container::default()
        };
        let group = ContainerGroup {
            name: "web".into(),
            containers: vec![container("side", None), container("front", Some(true))],
        };
        let spec = Spec { container_groups: vec![group], ..Spec::default() };
        let form =
            WorkloadForm { cpu: "0.5".into(), replicas: "3".into(), ..WorkloadForm::default() };
        let mut wrong = Wrong::default();
        let made = request(&form, None, None, runtime(&form, &spec, &mut wrong));
        let group = &made.runtime.expect("given").container_groups[0];
        assert_eq!((group.name.as_str(), group.replica_count), ("web", Some(3)));
        assert_eq!(group.containers[0].name, "front");
        let both = WorkloadForm { bundle: "cpu.nano".into(), ..form };
        runtime(&both, &spec, &mut wrong);
        assert_eq!(faults(wrong), ["bundle"]);
    }
}
