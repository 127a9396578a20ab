//! Random nouns: whatever the types allow, hostile text included.

use handover::model::*;
use proptest::{
    arbitrary::any,
    collection::vec,
    option::of,
    prop_oneof,
    sample::select,
    strategy::{Just, Strategy},
};

use crate::make;

/// Text of any characters; NUL is replaced by the store, and has a test of its own.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', "\u{1f409}"))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_000_i64).prop_map(Timestamp::from_micros)
}

fn amount() -> impl Strategy<Value = f64> {
    (0..1_000_000_u32).prop_map(|n| f64::from(n) / 1000.0)
}

fn key<T>() -> impl Strategy<Value = T>
where
    T: TryFrom<String> + std::fmt::Debug,
    T::Error: std::fmt::Debug,
{
    "[A-Za-z0-9_-]{1,64}".prop_map(|text| T::try_from(text).unwrap())
}

fn word<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

fn env() -> impl Strategy<Value = EnvVar> {
    prop_oneof![
        (text(), text(), any::<bool>()).prop_map(|(name, value, said)| EnvVar::Plain(PlainVar {
            source: said.then_some(PlainSource::Text),
            name,
            value
        })),
        (text(), text(), text()).prop_map(|(name, dr_credential_id, key)| {
            let source = CredentialSource::Credential;
            EnvVar::Credential(CredentialVar { source, name, dr_credential_id, key })
        }),
        of(text())
            .prop_map(|name| EnvVar::ApiKey(ApiKeyVar { source: ApiKeySource::ApiKey, name })),
    ]
}

fn probe() -> impl Strategy<Value = Probe> {
    (text(), any::<u16>(), word(ProbeScheme::ALL), of(text()), any::<[u32; 4]>(), of(any::<u32>()))
        .prop_map(|(path, port, scheme, host, times, success_threshold)| Probe {
            path,
            port,
            scheme,
            http_headers: host.clone().map(|host| [("X-Host".to_owned(), host)].into()),
            host,
            initial_delay_seconds: times[0],
            period_seconds: times[1],
            timeout_seconds: times[2],
            failure_threshold: times[3],
            success_threshold,
        })
}

fn container() -> impl Strategy<Value = Container> {
    (
        of(text()),
        of(any::<bool>()),
        of(any::<u16>()),
        of(vec(text(), 0..3)),
        of(vec(env(), 0..4)),
        of(probe()),
    )
        .prop_map(|(name, primary, port, entrypoint, environment_vars, probe)| Container {
            image_uri: name.clone(),
            security_context: primary.map(|flag| SecurityContext {
                read_only_root_filesystem: Some(flag),
                ..SecurityContext::default()
            }),
            name,
            primary,
            port,
            entrypoint,
            environment_vars,
            readiness_probe: probe.clone(),
            startup_probe: probe,
            ..Container::default()
        })
}

fn spec() -> impl Strategy<Value = Spec> {
    (vec((text(), vec(container(), 0..3)), 0..3), of(any::<bool>()), of(text())).prop_map(
        |(groups, a2a_enabled, template_id)| Spec {
            container_groups: groups
                .into_iter()
                .map(|(name, containers)| ContainerGroup { name, containers })
                .collect(),
            a2a_enabled,
            storage: template_id.clone().map(|text| Storage { mode: None, pvc_size: Some(text) }),
            template_id,
            ..Spec::default()
        },
    )
}

fn group() -> impl Strategy<Value = GroupRuntime> {
    let memory = 0..=i64::MAX as u64;
    (text(), of(any::<u32>()), of((any::<bool>(), amount())), amount(), memory).prop_map(
        |(name, replica_count, scaling, cpu, memory)| GroupRuntime {
            autoscaling: scaling.map(|(enabled, target)| Autoscaling {
                enabled,
                min_replica_count: replica_count,
                max_replica_count: None,
                policies: vec![ScalingPolicy {
                    scaling_metric: name.clone(),
                    target,
                    priority: Some(-3),
                    min_count: None,
                    max_count: replica_count,
                }],
            }),
            containers: vec![ContainerRuntime {
                name: name.clone(),
                resource_allocation: ResourceAllocation {
                    cpu: Some(cpu),
                    memory: Some(Bytes(memory)),
                    ..ResourceAllocation::default()
                },
            }],
            resource_bundles: vec![name.clone()],
            name,
            replica_count,
            ..GroupRuntime::default()
        },
    )
}

fn runtime() -> impl Strategy<Value = WorkloadRuntime> {
    let policy = of(word(EnclavePolicy::ALL));
    (vec(group(), 0..3), of(text()), policy).prop_map(
        |(container_groups, enclave, enclave_selection_policy)| WorkloadRuntime {
            container_groups,
            enclaves: enclave.map(|name| vec![name]),
            enclave_selection_policy,
        },
    )
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![Just(Cause::Asked), text().prop_map(Cause::Failed)]
}

fn course() -> impl Strategy<Value = Course> {
    prop_oneof![
        Just(Course::Forward),
        cause().prop_map(Course::Withdraw),
        cause().prop_map(Course::Back)
    ]
}

fn progress() -> impl Strategy<Value = Progress> {
    let asks = &[Ask::Withdraw, Ask::SwitchNow, Ask::Finish];
    (
        word(Stage::ALL),
        course(),
        moment(),
        any::<[u64; 3]>(),
        select(&[Gate::Open, Gate::Held][..]),
        of(select(&asks[..])),
        any::<u32>(),
    )
        .prop_map(|(stage, course, since, times, gate, ask, setbacks)| Progress {
            stage,
            course,
            since,
            spent: Millis(times[0]),
            limit: Millis(times[1]),
            gate,
            ask,
            unready: Millis(times[2]),
            setbacks,
        })
}

fn flight() -> impl Strategy<Value = FlightRecord> {
    let probe = (moment(), text(), word(ProbeKind::ALL), of(any::<u16>()), any::<u64>()).prop_map(
        |(at, replica, kind, status, millis)| ProbeAttempt {
            at,
            head: status.map(|_| replica.clone()),
            replica,
            kind,
            status,
            millis,
            passed: status.is_none(),
        },
    );
    let exit = (text(), of(any::<i32>()), of(any::<i32>()), moment())
        .prop_map(|(replica, code, signal, at)| Exit { replica, code, signal, at });
    (vec(text(), 0..4), vec(probe, 0..4), vec(exit, 0..3), any::<u32>()).prop_map(
        |(log_tail, probes, exits, restarts)| FlightRecord { log_tail, probes, exits, restarts },
    )
}

pub(crate) fn user() -> impl Strategy<Value = User> {
    (text(), text(), text(), of(text()), word(PlatformRole::ALL), moment(), of(moment())).prop_map(
        |(username, full_name, email, password_hash, role, created_at, deactivated_at)| User {
            username,
            full_name,
            email,
            password_hash,
            role,
            created_at,
            deactivated_at,
            ..make::user()
        },
    )
}

pub(crate) fn repository() -> impl Strategy<Value = ArtifactRepository> {
    (text(), word(ArtifactKind::ALL), 0..i64::MAX, key(), moment(), moment()).prop_map(
        |(name, kind, last_version, creator_id, created_at, updated_at)| ArtifactRepository {
            name,
            kind,
            last_version,
            creator_id,
            created_at,
            updated_at,
            ..make::repository(0)
        },
    )
}

pub(crate) fn artifact() -> impl Strategy<Value = Artifact> {
    (text(), text(), word(ArtifactKind::ALL), of(any::<i64>()), spec(), key(), moment(), moment())
        .prop_map(|(name, description, kind, version, spec, creator_id, created_at, updated_at)| {
            Artifact {
                name,
                description,
                kind,
                state: version
                    .map_or(ArtifactState::Draft, |version| ArtifactState::Locked { version }),
                spec,
                creator_id,
                created_at,
                updated_at,
                ..make::artifact(0, 0)
            }
        })
}

pub(crate) fn workload() -> impl Strategy<Value = Workload> {
    let times = (of(moment()), of(moment()), moment(), moment());
    let refs = (key(), of(key()), key());
    (text(), text(), word(Importance::ALL), word(Wanted::ALL), refs, runtime(), times).prop_map(
        |(name, description, importance, wanted, refs, runtime, times)| Workload {
            name,
            description,
            importance,
            wanted,
            artifact_id: refs.0,
            active_proton: refs.1,
            creator_id: refs.2,
            runtime,
            expires_at: times.0,
            ended_at: times.1,
            created_at: times.2,
            updated_at: times.3,
            ..make::workload(0)
        },
    )
}

pub(crate) fn proton() -> impl Strategy<Value = Proton> {
    let snapshot = (spec(), runtime(), text()).prop_map(|(spec, runtime, label)| Snapshot {
        spec,
        runtime,
        label,
    });
    let times = (of(moment()), moment(), moment());
    let words = (word(ProtonStatus::ALL), of(word(Role::ALL)));
    let pin = (text(), of(text())).prop_map(|(id, digest)| ImagePin { id, digest });
    let ran = (snapshot, proptest::collection::btree_map(text(), pin, 0..3));
    (text(), words, ran, any::<[u32; 2]>(), of(text()), (key(), key()), times).prop_map(
        |(name, words, (snapshot, images), [restarts, replicas], message, refs, times)| Proton {
            artifact_id: refs.0,
            creator_id: refs.1,
            name,
            status: words.0,
            role: words.1,
            snapshot,
            images,
            replicas,
            restarts,
            message,
            running_since: times.0,
            created_at: times.1,
            updated_at: times.2,
            ..make::proton(0, 0)
        },
    )
}

pub(crate) fn replacement() -> impl Strategy<Value = Replacement> {
    let refs = (key(), of(key()), of(key()), of(key()), key());
    let counts = (any::<[u64; 4]>(), of(any::<u64>()), any::<[u32; 2]>(), 0..i64::MAX as u64);
    let times = (moment(), moment(), of(moment()), of(moment()), of(moment()), of(moment()));
    let texts = (text(), of(text()));
    let runtimes = (runtime(), runtime());
    (word(ReplacementKind::ALL), texts, refs, counts, runtimes, (progress(), flight()), times)
        .prop_map(|(kind, texts, refs, counts, runtimes, (progress, flight), times)| Replacement {
            kind,
            name: texts.0,
            note: texts.1,
            candidate_artifact: refs.0,
            previous_artifact: refs.1,
            candidate: refs.2,
            previous: refs.3,
            user_id: refs.4,
            config: RolloutConfig {
                warmup_duration_minutes: counts.2[0],
                keep_old_version_minutes: counts.2[1],
            },
            start_budget: Millis(counts.3),
            runtime: runtimes.0,
            previous_runtime: runtimes.1,
            progress,
            receipt: Receipt {
                served_by_old: counts.0[0],
                served_by_new: counts.0[1],
                failed: counts.0[2],
                cut_at_cap: counts.0[3],
                ready_to_switched_ms: counts.1,
            },
            flight,
            created_at: times.0,
            updated_at: times.1,
            ready_at: times.2,
            switched_at: times.3,
            retired_at: times.4,
            ended_at: times.5,
            ..make::replacement(0, 0)
        })
}

pub(crate) fn event() -> impl Strategy<Value = NewEvent> {
    let refs = (of(key()), of(key()), of(key()));
    (refs, word(EventKind::ALL), word(EventLevel::ALL), text(), of(text())).prop_map(
        |(refs, kind, level, message, detail)| NewEvent {
            workload_id: refs.0,
            artifact_id: refs.1,
            actor_id: refs.2,
            kind,
            level,
            message,
            details: detail.map(|text| serde_json::json!({ "text": text, "list": [1, null] })),
        },
    )
}
