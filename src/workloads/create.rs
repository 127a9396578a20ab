//! Creating a workload, and the proton that goes with it.

use crate::{
    access::{self, Caller, may_create},
    artifacts,
    audit::{self, Act},
    bundles, credentials,
    error::{Error, FieldError, Findings},
    house::House,
    limits,
    model::{
        Artifact, ArtifactState, AuditAction, AuditedKind, CreateWorkload, EntityKind, EventId,
        EventKind, Images, Importance, NewEvent, Permission, Proton, ProtonId, ProtonStatus, Role,
        Snapshot, UserId, Wanted, Workload, WorkloadId, WorkloadRecord, WorkloadRuntime,
    },
    store::{StoreError, Write},
    validate,
    workloads::{facts, record, seen},
};

pub async fn create(
    house: &House,
    caller: &Caller,
    wanted: CreateWorkload,
) -> Result<WorkloadRecord, Error> {
    let act = Act::new(AuditAction::WorkloadCreate, AuditedKind::Workload);
    audit::attempt(house, caller, act, try_create(house, caller, wanted)).await
}

/// For whoever writes down a refusal.
pub(super) async fn try_create(
    house: &House,
    caller: &Caller,
    wanted: CreateWorkload,
) -> Result<WorkloadRecord, Error> {
    may_create(caller)?;
    let mut findings = Findings::default();
    validate::name(&wanted.name, "name", &mut findings);
    findings.check(
        wanted.artifact.is_some() != wanted.artifact_id.is_some(),
        "artifactId",
        "give either 'artifactId' or an inline 'artifact', and not both",
    );
    findings.done()?;
    let mut runtime = wanted.runtime.clone().unwrap_or_default();
    let now = house.now();
    let mut write = house.store.write().await?;
    let artifact = match (wanted.artifact, &wanted.artifact_id) {
        (Some(new), _) => artifacts::add(&mut write, house, caller, new).await?,
        (None, Some(id)) => {
            let found = access::artifact_in(&mut write, caller, id, Permission::View).await;
            found.map_err(|error| {
                if !matches!(error, Error::NotFound(_) | Error::Forbidden(_)) {
                    return error;
                }
                let text = format!("there is no artifact {id}, or you may not see it");
                Error::Invalid(vec![FieldError::body("artifactId", text)])
            })?
        }
        (None, None) => return Err(Error::BadRequest("an artifact is needed".into())),
    };
    validate::runtime(&mut runtime, &artifact.spec)?;
    validate::scaling_metrics(&runtime, artifact.kind)?;
    bundles::resolve(house, &mut runtime)?;
    runnable(&artifact)?;
    let usable = credentials::usable(&mut write, caller, &artifact.spec).await;
    usable.map_err(|error| validate::under("artifact", error))?;
    draft_is_free(&mut write, caller, &artifact, None).await?;
    limits::one_more(house, &mut write, caller.org()).await?;
    limits::replicas(house, &runtime)?;
    let id = WorkloadId::from_bytes(house.id());
    let by = caller.id();
    let proton = new_proton(house, &mut write, by, &id, &artifact, &runtime, Role::Active).await?;
    let mut workload = Workload {
        id: id.clone(),
        org_id: caller.org().clone(),
        name: wanted.name,
        description: wanted.description.unwrap_or_default(),
        importance: wanted.importance.unwrap_or(Importance::Low),
        wanted: Wanted::Running,
        artifact_id: artifact.id.clone(),
        runtime,
        active_proton: None,
        expires_at: match artifact.state {
            ArtifactState::Draft => Some(now + house.settings.draft_ttl),
            ArtifactState::Locked { .. } => None,
        },
        ended_at: None,
        creator_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        revision: 0,
    };
    workload.active_proton = Some(proton.id.clone());
    write.insert_workload(&workload).await.map_err(|error| name_taken(error, &workload.name))?;
    write.own(caller.org(), EntityKind::Workload, id.as_str(), caller.id(), now).await?;
    write.insert_proton(&proton).await?;
    let text = format!("{} was created on {}", workload.name, proton.snapshot.label);
    let event = NewEvent::on_workload(&id, EventKind::WorkloadCreated, text).by(caller.id());
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::WorkloadCreate, &id);
    audit::done(&mut write, house, caller, act, None, Some(facts(&workload)));
    write.commit().await?;
    // The route exists before the answer is sent, so that the first request is told "starting", not 404.
    let grants = house.store.grants_on(EntityKind::Workload, id.as_str()).await?;
    house.routes.put(id.clone(), caller.org().clone(), grants);
    house.controller.poke(&id);
    let record = record::of(house, &workload, record::Detail::Brief).await?;
    seen::one(house, caller, record).await
}

/// Every image must be there before anything can run.
pub(crate) fn runnable(artifact: &Artifact) -> Result<(), Error> {
    validate::images(&artifact.spec).map_err(|error| validate::under("artifact", error))
}

/// A draft runs in one workload at a time (rules.md L2).
pub(crate) async fn draft_is_free(
    write: &mut Write<'_>,
    caller: &Caller,
    artifact: &Artifact,
    except: Option<&WorkloadId>,
) -> Result<(), Error> {
    if artifact.state != ArtifactState::Draft {
        return Ok(());
    }
    let users = write.workloads_using(caller.org(), &artifact.id).await?;
    match users.iter().find(|id| Some(*id) != except) {
        Some(other) => Err(Error::Conflict(format!(
            "draft {} already runs in workload {other}; a draft runs in one workload at a time: clone it, or delete that workload",
            artifact.id
        ))),
        None => Ok(()),
    }
}

/// A proton with its own copy of what it runs. A locked version runs the very images that it ran before,
/// whatever their names have come to mean; those of a draft are looked up anew.
pub(crate) async fn new_proton(
    house: &House,
    write: &mut Write<'_>,
    by: &UserId,
    workload: &WorkloadId,
    artifact: &Artifact,
    runtime: &WorkloadRuntime,
    role: Role,
) -> Result<Proton, StoreError> {
    let now = house.now();
    let label = label(artifact);
    let images = match artifact.state {
        ArtifactState::Locked { .. } => write.images_of(&artifact.id).await?,
        ArtifactState::Draft => Images::new(),
    };
    Ok(Proton {
        id: ProtonId::from_bytes(house.id()),
        org_id: artifact.org_id.clone(),
        workload_id: workload.clone(),
        artifact_id: artifact.id.clone(),
        name: format!("{} {label}", artifact.name),
        status: ProtonStatus::Submitted,
        role: Some(role),
        replicas: runtime.replicas(),
        snapshot: Snapshot { spec: artifact.spec.clone(), runtime: runtime.clone(), label },
        images,
        running_since: None,
        restarts: 0,
        message: None,
        creator_id: by.clone(),
        created_at: now,
        updated_at: now,
    })
}

/// What people call this version: `v3`; a draft, which has no number, by the tag of its image.
pub(crate) fn label(artifact: &Artifact) -> String {
    if let Some(version) = artifact.state.version() {
        return format!("v{version}");
    }
    let image = artifact.spec.primary().and_then(|container| container.image_uri.as_deref());
    // A digest is too long to be a name; its beginning tells drafts apart well enough.
    if let Some((_, digest)) = image.and_then(|image| image.split_once("@sha256:")) {
        return format!("draft {}", digest.chars().take(8).collect::<String>());
    }
    // What follows the last colon is a tag only when no path does: registry:5000/name has none.
    match image.and_then(|image| image.rsplit_once(':')) {
        Some((_, tag)) if !tag.contains('/') => format!("draft {tag}"),
        _ => "draft".to_owned(),
    }
}

pub(super) fn name_taken(error: StoreError, name: &str) -> Error {
    match error {
        StoreError::Duplicate { .. } => Error::Conflict(format!(
            "a workload named '{name}' exists already; choose another name, or update that one"
        )),
        other => other.into(),
    }
}
