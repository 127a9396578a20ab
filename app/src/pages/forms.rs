//! From what was typed to what use cases take, and from the paths of their findings back to the fields that
//! were typed in.

use handover::model::{
    Bytes, Container, ContainerGroup, EnvVar, PlainVar, Probe, ProbeScheme, ResourceAllocation,
    Spec, default_group,
};

use crate::{
    actions::WorkloadForm,
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
    let image = form.image.trim();
    if image.is_empty() {
        wrong.add("image", "give an image, such as handover/demo:1.0");
    }
    container.image_uri = Some(image.into());
    container.port = wrong.take("port", number(&form.port));
    container.entrypoint = lines(&form.entrypoint);
    container.environment_vars = wrong.take("env", variables(&form.env));
    container.readiness_probe = readiness(&form.readiness, container.port);
    let group = ContainerGroup { name: default_group(), containers: vec![container] };
    Spec { container_groups: vec![group], ..Spec::default() }
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

/// `NAME=value` per line.
fn variables(text: &str) -> Result<Option<Vec<EnvVar>>, String> {
    let mut all = Vec::new();
    for line in lines(text).unwrap_or_default() {
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("write NAME=value; '{}' has no '='", line.trim()))?;
        let name = name.trim().into();
        all.push(EnvVar::Plain(PlainVar { source: None, name, value: value.into() }));
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

/// A readiness probe on a path of the port that serves; none when no path was typed.
fn readiness(path: &str, port: Option<u16>) -> Option<Probe> {
    let path = path.trim();
    (!path.is_empty()).then(|| Probe {
        path: path.into(),
        port: port.unwrap_or(8080),
        scheme: ProbeScheme::Http,
        host: None,
        http_headers: None,
        initial_delay_seconds: 0,
        period_seconds: 2,
        timeout_seconds: 2,
        failure_threshold: 3,
        success_threshold: None,
    })
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
