//! What an artifact runs, container by container, as lines of name and value. The same lines are compared
//! when a version is replaced by another.

use handover::model::{Container, EnvVar, Probe, Spec, WorkloadRuntime};
use leptos::prelude::*;

/// One line: what it is, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    pub value: String,
}

impl Line {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// All lines of a specification; resources too when the runtime is known.
pub fn lines(spec: &Spec, runtime: Option<&WorkloadRuntime>) -> Vec<Line> {
    let mut lines = Vec::new();
    for group in &spec.container_groups {
        for container in &group.containers {
            let name = container.name.clone().unwrap_or_default();
            lines.push(Line::new("container", name.clone()));
            container_lines(container, &mut lines);
            let sized = runtime
                .into_iter()
                .flat_map(|runtime| &runtime.container_groups)
                .filter(|g| g.name == group.name)
                .flat_map(|g| &g.containers)
                .find(|c| c.name == name);
            if let Some(sized) = sized {
                let allocation = &sized.resource_allocation;
                if let Some(cpu) = allocation.cpu {
                    lines.push(Line::new("cpu", cpu.to_string()));
                }
                if let Some(memory) = allocation.memory {
                    lines.push(Line::new("memory", memory.to_string()));
                }
            }
        }
    }
    lines
}

fn container_lines(container: &Container, lines: &mut Vec<Line>) {
    lines.push(Line::new("image", container.image_uri.clone().unwrap_or_else(|| "none".into())));
    if let Some(port) = container.port {
        lines.push(Line::new("port", port.to_string()));
    }
    if let Some(entrypoint) = &container.entrypoint {
        lines.push(Line::new("entrypoint", entrypoint.join(" ")));
    }
    for (name, value) in container.environment_vars.iter().flatten().map(variable) {
        lines.push(Line::new(name, value));
    }
    let probes = [
        ("startup", &container.startup_probe),
        ("readiness", &container.readiness_probe),
        ("liveness", &container.liveness_probe),
    ];
    for (name, probe) in probes {
        if let Some(probe) = probe {
            lines.push(Line::new(name, probe_words(probe)));
        }
    }
}

fn variable(var: &EnvVar) -> (String, String) {
    match var {
        EnvVar::Plain(plain) => (plain.name.clone(), plain.value.clone()),
        EnvVar::Credential(secret) => (
            secret.name.clone(),
            format!("from credential {}, {}", secret.dr_credential_id, secret.key),
        ),
        EnvVar::ApiKey(key) => {
            (key.name.clone().unwrap_or_else(|| "API key".into()), "an API key".into())
        }
    }
}

fn probe_words(probe: &Probe) -> String {
    let mut words = format!(
        "GET {} on {} every {} s, {} failures",
        probe.path, probe.port, probe.period_seconds, probe.failure_threshold
    );
    if probe.initial_delay_seconds > 0 {
        words.push_str(&format!(", after {} s", probe.initial_delay_seconds));
    }
    words
}

/// The lines as a list of facts.
pub fn spec_facts(spec: &Spec) -> impl IntoView + use<> {
    let facts = lines(spec, None)
        .into_iter()
        .map(|line| view! { <dt>{line.name}</dt><dd class="mono">{line.value}</dd> })
        .collect_view();
    view! { <dl class="facts">{facts}</dl> }
}
