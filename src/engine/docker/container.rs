//! From a container of an artifact to one of the engine.

use std::collections::{BTreeSet, HashMap};

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, RestartPolicy,
    RestartPolicyNameEnum,
};

use super::{image::Image, link::Link, reach};
use crate::{
    engine::{
        Given,
        supervised::{
            Unit,
            environment::{Own, Refused, environment, words},
            runner::Runner,
        },
    },
    model::{Container, SeccompKind, SecurityContext},
};

/// Processes and threads that one container may have.
const MOST_PIDS: i64 = 1024;
/// The engine's own copy of the log, of which ours is taken. It has to last while the server is away.
const LOG_BYTES: &str = "8m";
const LOG_FILES: &str = "2";

/// Where a container's network is.
pub(super) enum Net<'a> {
    /// Its own, on our bridge.
    Bridge(&'a Link),
    /// That of the replica's first container.
    Of(&'a str),
}

/// What can't be asked of this engine at all.
pub(super) fn refusal(container: &Container) -> Option<String> {
    let seccomp = container.security_context.as_ref()?.seccomp_profile.as_ref()?;
    (seccomp.kind == SeccompKind::Localhost).then(|| {
        "The Docker engine takes no seccomp profile from a file; use RuntimeDefault.".to_owned()
    })
}

/// The order for the engine.
pub(super) fn order<R: Runner>(
    unit: &Unit<R>,
    image: &Image,
    user: Option<String>,
    net: &Net<'_>,
    labels: HashMap<String, String>,
    given: &Given,
) -> Result<ContainerCreateBody, Refused> {
    let container = &unit.container;
    let replica = unit.replica();
    let own = Own { workload: &unit.proton.workload, replica: &replica, port: port(unit) };
    let variables = environment(container, Vec::new(), &own, given)?;
    let entrypoint = container.entrypoint.as_ref().filter(|words| !words.is_empty());
    let entrypoint = entrypoint.map(|entrypoint| words(entrypoint, &variables));
    let (network, hostname) = match net {
        Net::Bridge(link) => (link.names.network(), Some(replica.clone())),
        Net::Of(id) => (format!("container:{id}"), None),
    };
    let published = match net {
        Net::Bridge(link) if link.publishes() => asked(unit),
        _ => BTreeSet::new(),
    };
    let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let log = HashMap::from([option("max-size", LOG_BYTES), option("max-file", LOG_FILES)]);
    let memory = unit.limits.memory.and_then(|bytes| i64::try_from(bytes).ok());
    let host = HostConfig {
        network_mode: Some(network),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(log),
        }),
        pids_limit: Some(MOST_PIDS),
        memory,
        // No swap beside it: what is killed for its memory is to be known soon.
        memory_swap: memory,
        nano_cpus: unit.limits.cpu.map(nano),
        port_bindings: Some(published.iter().map(|port| reach::binding(*port)).collect()),
        ..secured(container.security_context.as_ref())
    };
    Ok(ContainerCreateBody {
        image: Some(image.id.clone()),
        hostname,
        user,
        // An entrypoint of the artifact takes the place of the image's, and of its arguments.
        cmd: entrypoint.is_some().then(Vec::new),
        entrypoint,
        env: Some(variables.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(labels),
        exposed_ports: Some(published.iter().map(|port| format!("{port}/tcp")).collect()),
        host_config: Some(host),
        // Probes are ours; what an image says of its health would only cost time.
        healthcheck: Some(HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        }),
        ..ContainerCreateBody::default()
    })
}

/// Where a container is to listen, if anybody asks it anything.
pub(super) fn port<R: Runner>(unit: &Unit<R>) -> Option<u16> {
    unit.container.port
}

/// Every port of the unit's replica that is asked anything: all its containers share one network.
fn asked<R: Runner>(unit: &Unit<R>) -> BTreeSet<u16> {
    let of = |container: &Container| {
        let probes =
            [&container.startup_probe, &container.readiness_probe, &container.liveness_probe];
        let probes = probes.map(|probe| probe.as_ref().map(|probe| probe.port));
        container.port.into_iter().chain(probes.into_iter().flatten())
    };
    unit.siblings.iter().flat_map(of).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "no machine has so many cores")]
fn nano(cores: f64) -> i64 {
    (cores * 1e9).round() as i64
}

fn secured(context: Option<&SecurityContext>) -> HostConfig {
    let default = SecurityContext::default();
    let context = context.unwrap_or(&default);
    let capabilities = context.capabilities.clone().unwrap_or_default();
    let mut options = Vec::new();
    // Asked for, or not given: a program that is not root has no need of it.
    if context.allow_privilege_escalation != Some(true) {
        options.push("no-new-privileges".to_owned());
    }
    if context.seccomp_profile.as_ref().is_some_and(|p| p.kind == SeccompKind::Unconfined) {
        options.push("seccomp=unconfined".to_owned());
    }
    HostConfig {
        readonly_rootfs: context.read_only_root_filesystem,
        cap_add: capabilities.add,
        cap_drop: capabilities.drop,
        security_opt: Some(options),
        ..HostConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{nano, secured};
    use crate::model::{Capabilities, SeccompKind, SeccompProfile, SecurityContext};

    #[test]
    fn security_is_as_declared_and_privileges_never_grow_unasked() {
        let plain = secured(None);
        assert_eq!(plain.security_opt, Some(vec!["no-new-privileges".to_owned()]));
        assert_eq!((plain.readonly_rootfs, plain.cap_drop), (None, None));
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let asked = secured(Some(&SecurityContext {
            allow_privilege_escalation: Some(true),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities { add: names(&["CHOWN"]), drop: names(&["ALL"]) }),
            seccomp_profile: Some(SeccompProfile {
                kind: SeccompKind::Unconfined,
                localhost_profile: None,
            }),
        }));
        assert_eq!(asked.security_opt, Some(vec!["seccomp=unconfined".to_owned()]));
        assert_eq!(asked.readonly_rootfs, Some(true));
        assert_eq!((asked.cap_add, asked.cap_drop), (names(&["CHOWN"]), names(&["ALL"])));
    }

    #[test]
    fn cores_are_counted_in_billionths() {
        assert_eq!((nano(0.25), nano(2.0)), (250_000_000, 2_000_000_000));
    }
}
