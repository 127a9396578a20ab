//! What an artifact runs, and with how much, as lines of name and value in parts. The same lines are compared
//! when a version is replaced by another, so every field that changes what runs has a line.

use handover::model::{
    Autoscaling, Container, EnvVar, GroupRuntime, Probe, ProbeScheme, ResourceAllocation, Spec,
    WorkloadRuntime,
};
use leptos::prelude::*;
use serde::Serialize;

/// One line: the part it belongs to, what it is, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `Container main`, `Environment`, `Probes`, `Resources`, `Replicas`.
    pub part: String,
    pub name: String,
    pub value: String,
}

/// Lines of one part as they are gathered.
struct Part<'a> {
    title: String,
    lines: &'a mut Vec<Line>,
}

impl Part<'_> {
    fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let part = self.title.clone();
        self.lines.push(Line { part, name: name.into(), value: value.into() });
    }

    fn maybe(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(name, value.to_string());
        }
    }
}

/// All lines of a specification; resources and replicas too when the runtime is known.
pub fn lines(spec: &Spec, runtime: Option<&WorkloadRuntime>) -> Vec<Line> {
    let mut lines = Vec::new();
    let several = spec.containers().count() > 1;
    for group in &spec.container_groups {
        for container in &group.containers {
            let name = container.title();
            let mut part = Part { title: of("Container", name, several), lines: &mut lines };
            container_lines(container, &mut part);
            part.title = of("Environment", name, several);
            for (name, value) in container.environment_vars.iter().flatten().map(variable) {
                part.add(name, value);
            }
            part.title = of("Probes", name, several);
            probe_lines(container, &mut part);
        }
    }
    let mut rest = Part { title: "Artifact".into(), lines: &mut lines };
    rest.maybe("agent protocol", spec.a2a_enabled.map(|on| if on { "on" } else { "off" }));
    rest.maybe("template", spec.template_id.as_ref());
    rest.maybe("storage", spec.storage.as_ref().map(compact));
    if let Some(runtime) = runtime {
        lines.extend(runtime_lines(runtime));
    }
    lines
}

/// How much of it runs: resources and replicas.
pub fn runtime_lines(runtime: &WorkloadRuntime) -> Vec<Line> {
    let mut lines = Vec::new();
    let groups = &runtime.container_groups;
    let several = groups.iter().map(|group| group.containers.len()).sum::<usize>() > 1;
    for group in groups {
        let bundles =
            (!group.resource_bundles.is_empty()).then(|| group.resource_bundles.join(", "));
        let title = of("Resources", &group.name, groups.len() > 1);
        Part { title, lines: &mut lines }.maybe("bundle", bundles);
        for container in &group.containers {
            let title = of("Resources", &container.name, several);
            resource_lines(&container.resource_allocation, &mut Part { title, lines: &mut lines });
        }
        let title = of("Replicas", &group.name, groups.len() > 1);
        replica_lines(group, &mut Part { title, lines: &mut lines });
    }
    lines
}

/// `Container main` always; the other parts name theirs only when there are several.
fn of(title: &str, name: &str, several: bool) -> String {
    match (title, several) {
        ("Container", _) => format!("{title} {name}"),
        (_, true) => format!("{title} of {name}"),
        (_, false) => title.to_owned(),
    }
}

fn container_lines(container: &Container, part: &mut Part<'_>) {
    part.add("image", container.image_uri.clone().unwrap_or_else(|| "none yet".into()));
    part.maybe("port", container.port);
    part.maybe("entrypoint", container.entrypoint.as_ref().map(|words| words.join(" ")));
    part.maybe("built from", container.image_build_config.as_ref().map(compact));
    part.maybe("security", container.security_context.as_ref().map(compact));
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

fn probe_lines(container: &Container, part: &mut Part<'_>) {
    part.maybe("startup", container.startup_probe.as_ref().map(probe_words));
    part.maybe("readiness", container.readiness_probe.as_ref().map(probe_words));
    part.maybe("liveness", container.liveness_probe.as_ref().map(probe_words));
}

fn probe_words(probe: &Probe) -> String {
    let mut words = format!(
        "GET {} on {} every {} s, {} failures, {} s to answer",
        probe.path,
        probe.port,
        probe.period_seconds,
        probe.failure_threshold,
        probe.timeout_seconds
    );
    if probe.scheme == ProbeScheme::Https {
        words.push_str(", HTTPS");
    }
    if let Some(host) = &probe.host {
        words.push_str(&format!(", host {host}"));
    }
    if probe.initial_delay_seconds > 0 {
        words.push_str(&format!(", after {} s", probe.initial_delay_seconds));
    }
    if let Some(times) = probe.success_threshold.filter(|times| *times > 1) {
        words.push_str(&format!(", {times} times in a row"));
    }
    for (name, value) in probe.http_headers.iter().flatten() {
        words.push_str(&format!(", {name}: {value}"));
    }
    words
}

fn resource_lines(allocation: &ResourceAllocation, part: &mut Part<'_>) {
    part.maybe("cpu", allocation.cpu);
    part.maybe("memory", allocation.memory);
    part.maybe("gpu", allocation.gpu);
    part.maybe("gpu memory", allocation.gpu_memory);
}

fn replica_lines(group: &GroupRuntime, part: &mut Part<'_>) {
    match group.autoscaling.as_ref().filter(|scaling| scaling.enabled) {
        None => part.add("replicas", group.replicas().to_string()),
        Some(Autoscaling { min_replica_count, policies, .. }) => {
            let least = min_replica_count.unwrap_or(0);
            part.add("replicas", format!("{least} to {}", group.most_replicas()));
            for policy in policies {
                let bounds = match (policy.min_count, policy.max_count) {
                    (Some(min), Some(max)) => format!(", {min} to {max}"),
                    _ => String::new(),
                };
                part.add(
                    metric_words(&policy.scaling_metric),
                    format!("target {}{bounds}", policy.target),
                );
            }
        }
    }
}

/// What a metric is called; what a model server counts for itself has only its own name.
pub fn metric_words(metric: &str) -> &str {
    match metric {
        "cpuAverageUtilization" => "CPU utilization, %",
        "httpRequestsConcurrency" => "HTTP requests at once",
        "gpuCacheUtilization" => "GPU cache utilization, %",
        "gpuRequestQueueDepth" => "GPU request queue depth",
        other => other,
    }
}

/// As JSON, for what has no words of its own.
fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The lines as lists of facts, part by part.
pub fn spec_facts(spec: &Spec) -> impl IntoView + use<> {
    let lines = lines(spec, None);
    lines
        .chunk_by(|one, other| one.part == other.part)
        .map(|part| {
            let facts = part
                .iter()
                .map(|line| view! { <dt>{line.name.clone()}</dt><dd class="mono">{line.value.clone()}</dd> })
                .collect_view();
            view! { <h3 class="part">{part[0].part.clone()}</h3><dl class="facts">{facts}</dl> }
        })
        .collect_view()
}
