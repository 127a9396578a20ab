//! Plain examples of the nouns, for tests that care about one field.

use handover::{
    model::*,
    store::{Store, Write},
};

/// An id from a number; ids of different nouns may share one.
pub(crate) fn id<T: TryFrom<String>>(n: u64) -> T
where
    T::Error: std::fmt::Debug,
{
    format!("{n:024x}").try_into().unwrap()
}

pub(crate) fn at(n: i64) -> Timestamp {
    Timestamp::from_micros(1_780_000_000_000_000 + n)
}

pub(crate) fn org() -> OrgId {
    "0b1f4d9e-6a4f-4f0e-9d6c-3a8a5a1f2c11".parse().unwrap()
}

pub(crate) fn user() -> User {
    User {
        id: id(1),
        org_id: org(),
        username: "ada".into(),
        full_name: "Ada L.".into(),
        email: "ada@example.org".into(),
        password_hash: None,
        role: PlatformRole::Admin,
        created_at: at(0),
        deactivated_at: None,
    }
}

pub(crate) fn repository(n: u64) -> ArtifactRepository {
    ArtifactRepository {
        id: id(n),
        org_id: org(),
        name: format!("lineage {n}"),
        kind: ArtifactKind::Service,
        last_version: 0,
        creator_id: id(1),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn artifact(n: u64, repository: u64) -> Artifact {
    Artifact {
        id: id(n),
        org_id: org(),
        repository_id: id(repository),
        name: format!("artifact {n}"),
        description: String::new(),
        kind: ArtifactKind::Service,
        state: ArtifactState::Draft,
        spec: Spec::default(),
        creator_id: id(1),
        created_at: at(0),
        updated_at: at(0),
        revision: 1,
    }
}

pub(crate) fn workload(n: u64) -> Workload {
    Workload {
        id: id(n),
        org_id: org(),
        name: format!("workload {n}"),
        description: String::new(),
        importance: Importance::Low,
        wanted: Wanted::Running,
        artifact_id: id(1),
        runtime: WorkloadRuntime::default(),
        active_proton: None,
        expires_at: None,
        ended_at: None,
        creator_id: id(1),
        created_at: at(0),
        updated_at: at(0),
        revision: 1,
    }
}

pub(crate) fn proton(n: u64, workload: u64) -> Proton {
    Proton {
        id: id(n),
        org_id: org(),
        workload_id: id(workload),
        artifact_id: id(1),
        name: format!("proton {n}"),
        status: ProtonStatus::Running,
        role: None,
        snapshot: Snapshot {
            spec: Spec::default(),
            runtime: WorkloadRuntime::default(),
            label: "v1".into(),
        },
        images: Images::new(),
        replicas: 1,
        running_since: None,
        restarts: 0,
        message: None,
        creator_id: id(1),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn progress(stage: Stage) -> Progress {
    Progress {
        stage,
        course: Course::Forward,
        since: at(0),
        spent: Millis(0),
        limit: Millis::minutes(10),
        gate: Gate::Open,
        ask: None,
        unready: Millis(0),
        setbacks: 0,
    }
}

pub(crate) fn replacement(n: u64, workload: u64) -> Replacement {
    Replacement {
        id: id(n),
        org_id: org(),
        workload_id: id(workload),
        kind: ReplacementKind::Replace,
        name: "v1 → v2".into(),
        candidate_artifact: id(2),
        previous_artifact: Some(id(1)),
        candidate: None,
        previous: None,
        config: RolloutConfig::default(),
        start_budget: Millis(0),
        runtime: WorkloadRuntime::default(),
        previous_runtime: WorkloadRuntime::default(),
        progress: progress(Stage::Submitted),
        note: None,
        receipt: Receipt::default(),
        flight: FlightRecord::default(),
        user_id: id(1),
        created_at: at(0),
        updated_at: at(0),
        ready_at: None,
        switched_at: None,
        retired_at: None,
        ended_at: None,
        revision: 1,
    }
}

/// An organisation with one person in it.
pub(crate) async fn settle(store: &Store) {
    let mut write = store.write().await.unwrap();
    write.insert_org(&org(), "Example", at(0)).await.unwrap();
    write.insert_user(&user()).await.unwrap();
    write.commit().await.unwrap();
}

/// Runs one transaction to its commit.
pub(crate) async fn commit(store: &Store, work: impl AsyncFnOnce(&mut Write<'_>)) -> i64 {
    let mut write = store.write().await.unwrap();
    work(&mut write).await;
    write.commit().await.unwrap()
}
