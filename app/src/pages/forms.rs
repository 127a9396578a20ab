//! From what was typed to what use cases take, and from the paths of their findings back to the fields that
//! were typed in.

use handover::model::{
    Bytes, Container, ContainerGroup, EditArtifact, EnvVar, PlainVar, Probe, ProbeScheme,
    ResourceAllocation, Spec, default_group,
};

use crate::{
    actions::{ArtifactForm, WorkloadForm},
    refusal::{Fault, Refusal},
};

/// The name of the container that the short form makes.
const MAIN: &str = "main";

/// Collects what is wrong, so that a person hears of all of it at once.
#[derive(Default)]
pub(super) struct Wrong(Vec<Fault>);

impl Wrong {
    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(Fault { field: field.into(), message: message.into() });
    }

    /// The value, or its default and a note.
    pub(super) fn take<T: Default>(&mut self, field: &str, value: Result<T, String>) -> T {
        value.unwrap_or_else(|why| {
            self.add(field, why);
            T::default()
        })
    }

    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Refusal {
            message: "Nothing was changed yet: some fields need another look.".into(),
            fields: self.0,
        })
    }
}

/// What "New workload" describes: one container that serves.
pub(super) fn short_spec(form: &WorkloadForm, wrong: &mut Wrong) -> Spec {
    let mut container =
        Container { name: Some(MAIN.into()), primary: Some(true), ..Container::default() };
    let fields = Fields {
        image: &form.image,
        port: &form.port,
        entrypoint: &form.entrypoint,
        env: &form.env,
        readiness: &form.readiness,
    };
    fields.write(&mut container, wrong);
    let group = ContainerGroup { name: default_group(), containers: vec![container] };
    Spec { container_groups: vec![group], ..Spec::default() }
}

/// The usual fields of one container.
struct Fields<'a> {
    image: &'a str,
    port: &'a str,
    entrypoint: &'a str,
    env: &'a str,
    readiness: &'a str,
}

impl Fields<'_> {
    fn write(&self, container: &mut Container, wrong: &mut Wrong) {
        let image = self.image.trim();
        if image.is_empty() {
            wrong.add("image", "give an image, such as handover/demo:1.0");
        }
        container.image_uri = Some(image.into());
        container.port = wrong.take("port", number(self.port)).or(container.port);
        container.entrypoint = lines(self.entrypoint);
        container.environment_vars = wrong.take("env", variables(self.env, container));
        container.readiness_probe = readiness(self.readiness, container);
    }
}

pub fn edited_artifact(form: &ArtifactForm, mut spec: Spec) -> Result<EditArtifact, Refusal> {
    let mut wrong = Wrong::default();
    let fields = Fields {
        image: &form.image,
        port: &form.port,
        entrypoint: &form.entrypoint,
        env: &form.env,
        readiness: &form.readiness,
    };
    match primary(&mut spec) {
        Some(container) => fields.write(container, &mut wrong),
        None => {
            wrong.add("image", "this artifact has no container; edit its specification as JSON");
        }
    }
    wrong.done()?;
    Ok(EditArtifact {
        name: Some(form.name.trim().into()),
        description: Some(form.description.trim().into()),
        spec: Some(spec),
        ..EditArtifact::default()
    })
}

fn primary(spec: &mut Spec) -> Option<&mut Container> {
    let group = spec.container_groups.first_mut()?;
    let at = group.containers.iter().position(|c| c.primary == Some(true)).unwrap_or(0);
    group.containers.get_mut(at)
}

pub fn spec(text: &str) -> Result<EditArtifact, Refusal> {
    let spec: Spec = serde_json::from_str(text)
        .map_err(|why| Refusal::at("spec", format!("not a specification: {why}")))?;
    Ok(EditArtifact { spec: Some(spec), ..EditArtifact::default() })
}

pub(super) fn resources(
    cpu: &str,
    memory: &str,
    cpu_field: &str,
    memory_field: &str,
    wrong: &mut Wrong,
) -> ResourceAllocation {
    let memory = match memory.trim() {
        "" => Ok(None),
        text => text.parse::<Bytes>().map(Some).map_err(|why| why.to_string()),
    };
    ResourceAllocation {
        cpu: wrong.take(cpu_field, number(cpu)),
        memory: wrong.take(memory_field, memory),
        ..ResourceAllocation::default()
    }
}

/// A number; none when nothing was typed.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, String> {
    match text.trim() {
        "" => Ok(None),
        text => {
            text.parse().map(Some).map_err(|_| format!("'{text}' is not a number that fits here"))
        }
    }
}

/// The lines that hold something; none when there is no such line.
fn lines(text: &str) -> Option<Vec<String>> {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.trim().is_empty())
        .map(Into::into)
        .collect();
    (!lines.is_empty()).then_some(lines)
}

/// `NAME=value` per line. Variables that are no plain text (credentials) stay as they are.
fn variables(text: &str, now: &Container) -> Result<Option<Vec<EnvVar>>, String> {
    let before = now.environment_vars.as_deref().unwrap_or_default();
    let source = |name: &str| {
        before.iter().find_map(|var| match var {
            EnvVar::Plain(plain) if plain.name == name => plain.source,
            _ => None,
        })
    };
    let mut all: Vec<EnvVar> =
        before.iter().filter(|var| !matches!(var, EnvVar::Plain(_))).cloned().collect();
    for line in lines(text).unwrap_or_default() {
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("write NAME=value; '{}' has no '='", line.trim()))?;
        let name = name.trim();
        all.push(EnvVar::Plain(PlainVar {
            source: source(name),
            name: name.into(),
            value: value.into(),
        }));
    }
    Ok((!all.is_empty()).then_some(all))
}

/// The plain variables as they are typed.
pub fn variable_lines(container: &Container) -> String {
    let plain = container.environment_vars.iter().flatten().filter_map(|var| match var {
        EnvVar::Plain(plain) => Some(format!("{}={}", plain.name, plain.value)),
        _ => None,
    });
    plain.collect::<Vec<_>>().join("\n")
}

/// A readiness probe on a path; none when no path was typed. What else a probe has stays.
fn readiness(path: &str, now: &Container) -> Option<Probe> {
    let path = path.trim();
    if path.is_empty() {
        return None;
    }
    let probe = now.readiness_probe.clone().unwrap_or(Probe {
        path: String::new(),
        port: 8080,
        scheme: ProbeScheme::Http,
        host: None,
        http_headers: None,
        initial_delay_seconds: 0,
        period_seconds: 2,
        timeout_seconds: 2,
        failure_threshold: 3,
        success_threshold: None,
    });
    let port =
        if now.readiness_probe.is_some() { probe.port } else { now.port.unwrap_or(probe.port) };
    Some(Probe { path: path.into(), port, ..probe })
}

/// Puts findings of the use case at the fields of the form. `names` are parts of paths and their fields; the
/// first that fits wins.
pub(super) fn rename(mut refusal: Refusal, names: &[(&str, &str)]) -> Refusal {
    for fault in &mut refusal.fields {
        if let Some((_, field)) = names.iter().find(|(part, _)| fault.field.contains(part)) {
            fault.field = (*field).into();
        }
    }
    refusal
}

pub(super) const CONTAINER: [(&str, &str); 5] = [
    ("imageUri", "image"),
    ("readinessProbe", "readiness"),
    ("environmentVars", "env"),
    ("entrypoint", "entrypoint"),
    ("port", "port"),
];

pub fn artifact_faults(refusal: Refusal) -> Refusal {
    rename(refusal, &[&CONTAINER[..], &[("description", "description"), ("name", "name")]].concat())
}

/// Everything that is wrong is in the one field that holds all; the paths say where.
pub fn under_spec(mut refusal: Refusal) -> Refusal {
    for fault in &mut refusal.fields {
        fault.message = format!("{}: {}", fault.field, fault.message);
        fault.field = "spec".into();
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::edited_artifact;
    use crate::actions::ArtifactForm;
    use handover::model::{
        Container, ContainerGroup, CredentialSource, CredentialVar, EnvVar, Spec,
    };

    #[test]
    fn an_edit_keeps_what_the_form_does_not_show() {
        let secret = EnvVar::Credential(CredentialVar {
            source: CredentialSource::Credential,
            name: "KEY".into(),
            dr_credential_id: "c".into(),
            key: "k".into(),
        });
        let container =
            Container { environment_vars: Some(vec![secret.clone()]), ..Container::default() };
        let group = ContainerGroup { name: "default".into(), containers: vec![container] };
        let spec = Spec { container_groups: vec![group], ..Spec::default() };
        let form =
            ArtifactForm { image: "x:2".into(), env: "A=1".into(), ..ArtifactForm::default() };
        let edit = edited_artifact(&form, spec).expect("fine");
        let spec = edit.spec.expect("a spec");
        let variables = spec.primary().and_then(|c| c.environment_vars.clone()).expect("two");
        assert_eq!(variables[0], secret);
        assert_eq!(variables.len(), 2);
    }
}
