//! The spec of an artifact as a whole: its groups, which container serves, and how containers are called.

use std::collections::BTreeSet;

use super::container;
use crate::{
    error::{Error, Findings},
    model::{ArtifactKind, BuildStatus, ContainerGroup, SeccompKind, Spec, Storage, StorageMode},
};

/// The port of a primary container that names none; probes have the same default.
const DEFAULT_PORT: u16 = 8080;

/// Checks a spec and fills in what its author may leave out: container names, which container is the
/// primary when there is only one, and the primary's port.
///
/// # Errors
/// [`Error::Invalid`] with every wrong field, below `spec`.
pub fn spec(spec: &mut Spec) -> Result<(), Error> {
    let mut findings = Findings::default();
    findings.check(
        spec.container_groups.len() == 1,
        "spec.containerGroups",
        "exactly one container group is supported",
    );
    for (index, group) in spec.container_groups.iter_mut().enumerate() {
        check_group(group, &format!("spec.containerGroups.{index}"), &mut findings);
    }
    if let Some(storage) = &spec.storage {
        check_storage(storage, &mut findings);
    }
    findings.done()
}

fn check_group(group: &mut ContainerGroup, path: &str, findings: &mut Findings) {
    let length = group.name.chars().count();
    findings.check((1..=63).contains(&length), &format!("{path}.name"), "1 to 63 characters");
    if group.containers.is_empty() {
        findings.add(&format!("{path}.containers"), "at least one container is needed");
        return;
    }
    name_containers(group, path, findings);
    choose_primary(group, path, findings);
    for (index, container) in group.containers.iter_mut().enumerate() {
        let path = format!("{path}.containers.{index}");
        if container.primary == Some(true) {
            let port = *container.port.get_or_insert(DEFAULT_PORT);
            findings.check(port >= 1024, &format!("{path}.port"), "a port from 1024 to 65535");
        } else {
            findings.check(
                container.port.is_none(),
                &format!("{path}.port"),
                "only the primary container has a port",
            );
        }
        container::check(container, &path, findings);
    }
}

/// The first container without a name becomes `main`, a later one `container-2` and so on.
fn name_containers(group: &mut ContainerGroup, path: &str, findings: &mut Findings) {
    let mut taken = BTreeSet::new();
    for (index, container) in group.containers.iter().enumerate() {
        let Some(name) = container.name.as_deref().filter(|name| !name.is_empty()) else {
            continue;
        };
        let path = format!("{path}.containers.{index}.name");
        findings.check(name.chars().count() <= 63, &path, "at most 63 characters");
        findings.check(
            taken.insert(name.to_owned()),
            &path,
            format!("another container of this group is already called '{name}'"),
        );
    }
    for (index, container) in group.containers.iter_mut().enumerate() {
        if container.name.as_deref().is_some_and(|name| !name.is_empty()) {
            continue;
        }
        let wish = if index == 0 { "main".to_owned() } else { format!("container-{}", index + 1) };
        let more = (index + 2..).map(|n| format!("container-{n}"));
        let free = std::iter::once(wish).chain(more).find(|name| !taken.contains(name));
        if let Some(name) = free {
            taken.insert(name.clone());
            container.name = Some(name);
        }
    }
}

fn choose_primary(group: &mut ContainerGroup, path: &str, findings: &mut Findings) {
    if let [only] = group.containers.as_mut_slice() {
        only.primary.get_or_insert(true);
    }
    for container in &mut group.containers {
        container.primary.get_or_insert(false);
    }
    let primaries = group.containers.iter().filter(|c| c.primary == Some(true)).count();
    findings.check(
        primaries == 1,
        &format!("{path}.containers"),
        format!("exactly one container must be primary, here are {primaries}"),
    );
}

fn check_storage(storage: &Storage, findings: &mut Findings) {
    let Some(size) = &storage.pvc_size else { return };
    findings.check(
        storage.mode != Some(StorageMode::NimCache),
        "spec.storage.pvcSize",
        "only with mode dedicatedPvc",
    );
    findings.check(
        is_volume_size(size),
        "spec.storage.pvcSize",
        "a number followed by Gi, Mi or Ti",
    );
}

fn is_volume_size(text: &str) -> bool {
    let number = ["Gi", "Mi", "Ti"].iter().find_map(|unit| text.strip_suffix(unit));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    number.is_some_and(|number| match number.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(number),
    })
}

/// Storage belongs to the model servers that load weights.
///
/// # Errors
/// [`Error::Invalid`] when another kind of artifact has it.
pub fn nim_only(spec: &Spec, kind: ArtifactKind) -> Result<(), Error> {
    let mut findings = Findings::default();
    findings.check(
        spec.storage.is_none() || kind == ArtifactKind::Nim,
        "spec.storage",
        "only an artifact of type nim has storage",
    );
    findings.done()
}

/// Every container has an image that can run: one that was given, or one whose build has completed for the
/// very code that the container names.
///
/// # Errors
/// [`Error::Invalid`] naming what each container lacks.
pub fn images(spec: &Spec) -> Result<(), Error> {
    let mut findings = Findings::default();
    for (path, container) in spec.containers() {
        let name = container.title();
        if !container.is_built() {
            findings.check(
                container.image_uri.is_some(),
                &format!("{path}.imageUri"),
                format!("container '{name}' has no image"),
            );
            continue;
        }
        let at = format!("{path}.imageBuildConfig");
        let code = container.source().and_then(|source| source.code_ref);
        let build = container.build.as_ref();
        match (code, build) {
            (None, _) => findings.add(
                &at,
                format!("container '{name}' is built from source, and no code has been uploaded"),
            ),
            (Some(_), None) => findings.add(
                &at,
                format!("the code of container '{name}' has not been built: start a build"),
            ),
            (Some(_), Some(build)) => findings.check(
                build.status == BuildStatus::Completed && container.image_uri.is_some(),
                &at,
                format!(
                    "container '{name}' has no image yet: its build {} is {}, not COMPLETED",
                    build.artifact_image_build_id, build.status
                ),
            ),
        }
    }
    findings.done()
}

/// Which field asks for more rights than containers normally get; only administrators may store it.
pub fn elevated(spec: &Spec) -> Option<&'static str> {
    let containers = spec.container_groups.iter().flat_map(|group| &group.containers);
    containers.filter_map(|container| container.security_context.as_ref()).find_map(|context| {
        let adds = context.capabilities.as_ref().and_then(|c| c.add.as_ref());
        let profile = context.seccomp_profile.as_ref().map(|profile| profile.kind);
        if adds.is_some_and(|add| !add.is_empty()) {
            Some("capabilities.add")
        } else if context.allow_privilege_escalation == Some(true) {
            Some("allowPrivilegeEscalation")
        } else if profile == Some(SeccompKind::Unconfined) {
            Some("seccompProfile.type Unconfined")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::spec;
    use crate::{
        error::{Error, FieldError},
        model::Spec,
    };

    fn checked(json: serde_json::Value) -> Result<serde_json::Value, Vec<String>> {
        let mut given: Spec = serde_json::from_value(json).unwrap();
        match spec(&mut given) {
            Ok(()) => Ok(serde_json::to_value(&given).unwrap()),
            Err(Error::Invalid(fields)) => Err(fields.iter().map(FieldError::dotted).collect()),
            Err(other) => panic!("{other}"),
        }
    }

    fn group(containers: &serde_json::Value) -> serde_json::Value {
        serde_json::json!({"containerGroups": [{"containers": containers}]})
    }

    #[test]
    fn only_name_primary_and_port_are_filled_in() {
        let filled = checked(group(&serde_json::json!([{"imageUri": "a:1"}]))).unwrap();
        let whole = serde_json::json!({"containerGroups": [{"name": "default", "containers": [
            {"name": "main", "primary": true, "imageUri": "a:1", "port": 8080}
        ]}]});
        assert_eq!(filled, whole);
        assert_eq!(checked(filled), Ok(whole));
    }

    #[test]
    fn filled_names_never_collide_with_given_ones() {
        let filled = checked(group(&serde_json::json!([
            {"imageUri": "a:1", "primary": true},
            {"imageUri": "a:1"},
            {"imageUri": "a:1", "name": "container-2"},
            {"imageUri": "a:1", "name": "main"},
        ])))
        .unwrap();
        let containers = filled["containerGroups"][0]["containers"].as_array().unwrap();
        let names: Vec<_> = containers.iter().map(|c| c["name"].as_str().unwrap()).collect();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), 4, "{names:?}");
        assert_eq!(names[2..], ["container-2", "main"]);
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_where() {
        let wrong = checked(group(&serde_json::json!([
            {"name": "a", "primary": true, "port": 80, "imageUri": "x y",
             "environmentVars": [{"name": "1 A", "value": "v"}]},
            {"name": "a", "primary": true, "port": 8080,
             "readinessProbe": {"path": "ready", "periodSeconds": 0}},
        ])));
        let at = |rest: &str| format!("spec.containerGroups.0.containers{rest}");
        let mut wrong = wrong.unwrap_err();
        wrong.sort();
        let mut expected = vec![
            at(""),
            at(".0.environmentVars.0.name"),
            at(".0.imageUri"),
            at(".0.port"),
            at(".1.imageUri"),
            at(".1.name"),
            at(".1.readinessProbe.path"),
            at(".1.readinessProbe.periodSeconds"),
        ];
        expected.sort();
        assert_eq!(wrong, expected);
    }

    #[test]
    fn storage_has_a_size_when_it_is_dedicated() {
        let of = |storage: serde_json::Value| {
            let mut spec = group(&serde_json::json!([{"imageUri": "a:1"}]));
            spec["storage"] = storage;
            checked(spec).map(|spec| spec["storage"].clone())
        };
        let at_size = || Err(vec!["spec.storage.pvcSize".to_owned()]);
        for size in ["10Gi", "1.5Ti", "512Mi"] {
            let storage = serde_json::json!({"pvcSize": size});
            assert_eq!(of(storage.clone()), Ok(storage), "nothing is invented");
        }
        for size in ["10", "Gi", "1.Gi", "10GB", "-1Gi"] {
            assert_eq!(of(serde_json::json!({"pvcSize": size})), at_size(), "{size}");
        }
        let cached = serde_json::json!({"mode": "NIMCACHE", "pvcSize": "1Gi"});
        assert_eq!(of(cached), at_size());
    }

    #[test]
    fn a_port_belongs_to_the_primary_alone() {
        let wrong = checked(group(&serde_json::json!([
            {"name": "a", "primary": true, "imageUri": "a:1"},
            {"name": "b", "imageUri": "b:1", "port": 9000},
        ])));
        assert_eq!(wrong, Err(vec!["spec.containerGroups.0.containers.1.port".to_owned()]));
    }
}
