//! One container: its image, what it runs, its environment, its probes and its rights.

use std::collections::BTreeSet;

use crate::{
    error::Findings,
    files::relative,
    model::{Container, Dockerfile, EnvVar, ImageBuildConfig, Probe, SeccompKind, SecurityContext},
};

/// The longest a probe may take for one of its steps: a day. Beyond it is a slip of the finger, and their
/// sums and products stay far from the end of the numbers.
const LONGEST_SECONDS: u32 = 24 * 60 * 60;

/// The most attempts a probe may be given.
const MOST_ATTEMPTS: u32 = 10_000;

/// The name of an API key variable that names none.
const API_KEY_NAME: &str = "DATAROBOT_API_TOKEN";

pub(super) fn check(container: &Container, path: &str, findings: &mut Findings) {
    match container.image_uri.as_deref() {
        Some(image) => findings.check(
            (1..=2048).contains(&image.len()) && !image.contains(is_blank_or_control),
            &format!("{path}.imageUri"),
            "an image reference without blanks, such as registry/name:tag",
        ),
        None => findings.check(
            container.image_build_config.is_some(),
            &format!("{path}.imageUri"),
            "an image is needed, unless imageBuildConfig says how to build one",
        ),
    }
    if let Some(build) = &container.image_build_config {
        check_build(build, &format!("{path}.imageBuildConfig"), findings);
    }
    if let Some(entrypoint) = &container.entrypoint {
        let path = format!("{path}.entrypoint");
        findings.check(
            entrypoint.first().is_none_or(|program| !program.is_empty()),
            &path,
            "the first word names the program and can't be empty",
        );
        findings.check(
            entrypoint.iter().all(|word| !word.contains('\0')),
            &path,
            "words can't hold the NUL character",
        );
    }
    check_environment(container, path, findings);
    let probes = [
        ("startupProbe", &container.startup_probe),
        ("readinessProbe", &container.readiness_probe),
        ("livenessProbe", &container.liveness_probe),
    ];
    for (name, probe) in probes {
        if let Some(probe) = probe {
            check_probe(probe, &format!("{path}.{name}"), findings);
        }
    }
    if let Some(context) = &container.security_context {
        check_context(context, &format!("{path}.securityContext"), findings);
    }
}

fn check_build(given: &serde_json::Value, path: &str, findings: &mut Findings) {
    let source = match ImageBuildConfig::read(given) {
        Ok(source) => source,
        Err(why) => return findings.add(path, why),
    };
    match source.dockerfile {
        Dockerfile::Provided(provided) => {
            let inside = relative(&provided.path);
            if let Err(why) = inside {
                findings.add(&format!("{path}.dockerfile.path"), why);
            }
        }
        Dockerfile::Generated(generated) => {
            let words = &generated.entrypoint;
            findings.check(
                words.first().is_some_and(|program| !program.is_empty())
                    && words.iter().all(|word| !word.contains('\0')),
                &format!("{path}.dockerfile.entrypoint"),
                "at least one word, the first of which names the program; none with the NUL character",
            );
        }
    }
}

fn check_environment(container: &Container, path: &str, findings: &mut Findings) {
    let mut taken = BTreeSet::new();
    for (index, variable) in container.environment_vars.iter().flatten().enumerate() {
        let path = format!("{path}.environmentVars.{index}");
        let name = match variable {
            EnvVar::Plain(plain) => {
                let free_of_nul = !plain.value.contains('\0');
                findings.check(free_of_nul, &format!("{path}.value"), "can't hold NUL");
                &plain.name
            }
            EnvVar::Credential(credential) => {
                let given = !credential.dr_credential_id.is_empty();
                findings.check(given, &format!("{path}.drCredentialId"), "can't be empty");
                findings.check(
                    !credential.key.is_empty(),
                    &format!("{path}.key"),
                    "can't be empty",
                );
                &credential.name
            }
            EnvVar::ApiKey(api_key) => api_key.name.as_deref().unwrap_or(API_KEY_NAME),
        };
        findings.check(
            is_variable_name(name),
            &format!("{path}.name"),
            "letters, digits, '_', '-' and '.', not starting with a digit",
        );
        findings.check(
            taken.insert(name),
            &format!("{path}.name"),
            format!("the variable '{name}' is set twice"),
        );
    }
}

fn is_variable_name(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && name.chars().all(ok) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn check_probe(probe: &Probe, path: &str, findings: &mut Findings) {
    let at = |field: &str| format!("{path}.{field}");
    findings.check(
        probe.path.starts_with('/') && !probe.path.contains(is_blank_or_control),
        &at("path"),
        "a path that starts with '/' and holds no blanks",
    );
    findings.check(probe.port != 0, &at("port"), "a port from 1 to 65535");
    let host = probe.host.as_deref();
    findings.check(
        host.is_none_or(|host| !host.is_empty() && !host.contains(is_blank_or_control)),
        &at("host"),
        "a host name or address",
    );
    for (name, value) in probe.http_headers.iter().flatten() {
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        findings.check(
            !name.is_empty() && name.chars().all(token) && !value.contains(char::is_control),
            &at("httpHeaders"),
            format!("'{}' is not a header that can be sent", name.escape_debug()),
        );
    }
    let ranges = [
        ("initialDelaySeconds", Some(probe.initial_delay_seconds), 0, LONGEST_SECONDS),
        ("periodSeconds", Some(probe.period_seconds), 1, LONGEST_SECONDS),
        ("timeoutSeconds", Some(probe.timeout_seconds), 1, LONGEST_SECONDS),
        ("failureThreshold", Some(probe.failure_threshold), 1, MOST_ATTEMPTS),
        ("successThreshold", probe.success_threshold, 1, MOST_ATTEMPTS),
    ];
    for (field, value, from, to) in ranges {
        let within = value.is_none_or(|value| (from..=to).contains(&value));
        findings.check(within, &at(field), format!("from {from} to {to}"));
    }
}

fn check_context(context: &SecurityContext, path: &str, findings: &mut Findings) {
    if let Some(capabilities) = &context.capabilities {
        for (field, given) in [("add", &capabilities.add), ("drop", &capabilities.drop)] {
            let named = |capability: &String| {
                !capability.is_empty() && !capability.contains(is_blank_or_control)
            };
            findings.check(
                given.iter().flatten().all(named),
                &format!("{path}.capabilities.{field}"),
                "names of capabilities, without blanks",
            );
        }
    }
    let Some(profile) = &context.seccomp_profile else { return };
    let localhost = profile.kind == SeccompKind::Localhost;
    findings.check(
        localhost == profile.localhost_profile.is_some(),
        &format!("{path}.seccompProfile.localhostProfile"),
        "given with type Localhost, and only then",
    );
    findings.check(
        profile.localhost_profile.as_deref() != Some(""),
        &format!("{path}.seccompProfile.localhostProfile"),
        "can't be empty",
    );
}

fn is_blank_or_control(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}
