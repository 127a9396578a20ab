//! New artifacts: from a body, inline with a workload, or as a copy.

use super::{facts, lock_in, record};
use crate::{
    access::{self, Caller, may_create},
    audit::{self, Act},
    builds, credentials,
    error::{Error, Findings},
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactKind, ArtifactRecord, ArtifactRepository, ArtifactState,
        ArtifactStatus, AuditAction, AuditedKind, EntityKind, EventId, EventKind, NewArtifact,
        NewEvent, Permission, RepositoryId, Spec,
    },
    store::Write,
    validate,
};

pub async fn create(
    house: &House,
    caller: &Caller,
    new: NewArtifact,
) -> Result<ArtifactRecord, Error> {
    let act = Act::new(AuditAction::ArtifactCreate, AuditedKind::Artifact);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(
    house: &House,
    caller: &Caller,
    new: NewArtifact,
) -> Result<ArtifactRecord, Error> {
    let mut write = house.store.write().await?;
    let artifact = insert(&mut write, house, caller, new, None).await?;
    write.commit().await?;
    record(house, caller, artifact).await
}

/// An artifact that comes inline with a workload; wrong fields are found below `artifact`.
pub(crate) async fn add(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    new: NewArtifact,
) -> Result<Artifact, Error> {
    let added = insert(write, house, caller, new, None).await;
    added.map_err(|error| validate::under("artifact", error))
}

/// A new draft with the same spec in the same repository. Whoever may see it may copy it.
pub async fn clone(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    name: String,
) -> Result<ArtifactRecord, Error> {
    let act = Act::on(AuditAction::ArtifactClone, id);
    audit::attempt(house, caller, act, try_clone(house, caller, id, name)).await
}

async fn try_clone(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    name: String,
) -> Result<ArtifactRecord, Error> {
    let mut write = house.store.write().await?;
    let source = access::artifact_in(&mut write, caller, id, Permission::View).await?;
    let new = NewArtifact {
        name,
        spec: source.spec.clone(),
        description: source.description,
        kind: source.kind,
        status: ArtifactStatus::Draft,
        artifact_repository_id: Some(source.repository_id),
    };
    let artifact = insert(&mut write, house, caller, new, Some(&source.spec)).await?;
    write.commit().await?;
    record(house, caller, artifact).await
}

async fn insert(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    mut new: NewArtifact,
    copied: Option<&Spec>,
) -> Result<Artifact, Error> {
    may_create(caller)?;
    check(caller, &new.name, &mut new.spec, new.kind)?;
    credentials::usable(write, caller, &new.spec).await?;
    builds::settle(write, house, caller, None, copied, &mut new.spec).await?;
    let repository_id = match &new.artifact_repository_id {
        Some(id) => existing(write, caller, id, new.kind).await?,
        None => open(write, house, caller, &new).await?,
    };
    let now = house.now();
    let mut artifact = Artifact {
        id: ArtifactId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        repository_id,
        name: new.name,
        description: new.description,
        kind: new.kind,
        state: ArtifactState::Draft,
        spec: new.spec,
        creator_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        revision: 0,
    };
    write.insert_artifact(&artifact).await?;
    let (org, id) = (caller.org(), artifact.id.as_str());
    write.own(org, EntityKind::Artifact, id, caller.id(), now).await?;
    let mut message = format!("draft '{}' was created", artifact.name);
    if new.status == ArtifactStatus::Locked {
        let version = lock_in(write, house, &mut artifact).await?;
        message = format!("'{}' was created and locked as v{version}", artifact.name);
    }
    let event = NewEvent::on_artifact(&artifact.id, EventKind::ArtifactCreated, message);
    write.event(caller.org(), event.by(caller.id()), now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::ArtifactCreate, &artifact.id);
    audit::done(write, house, caller, act, None, facts(house, &artifact));
    Ok(artifact)
}

/// What holds for the content of every artifact, new or edited.
pub(super) fn check(
    caller: &Caller,
    name: &str,
    spec: &mut Spec,
    kind: ArtifactKind,
) -> Result<(), Error> {
    let mut findings = Findings::default();
    validate::name(name, "name", &mut findings);
    findings.done()?;
    validate::spec(spec)?;
    validate::nim_only(spec, kind)?;
    match validate::elevated(spec) {
        Some(field) if !caller.user.is_admin() => {
            Err(Error::Forbidden(format!("securityContext.{field} needs an administrator")))
        }
        _ => Ok(()),
    }
}

async fn existing(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &RepositoryId,
    kind: ArtifactKind,
) -> Result<RepositoryId, Error> {
    let repository = access::repository_in(write, caller, id, Permission::Update).await?;
    let mut findings = Findings::default();
    findings.check(
        repository.kind == kind,
        "artifactRepositoryId",
        format!("that repository holds artifacts of type {}, this one is {kind}", repository.kind),
    );
    findings.done()?;
    Ok(repository.id)
}

async fn open(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    new: &NewArtifact,
) -> Result<RepositoryId, Error> {
    let now = house.now();
    let repository = ArtifactRepository {
        id: RepositoryId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        name: new.name.clone(),
        kind: new.kind,
        last_version: 0,
        creator_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
    };
    write.insert_repository(&repository).await?;
    let (org, id) = (caller.org(), repository.id.as_str());
    write.own(org, EntityKind::Repository, id, caller.id(), now).await?;
    Ok(repository.id)
}
