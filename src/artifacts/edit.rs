//! Editing a draft: some fields (PATCH) or everything (PUT), and locking it in the same request.
//! Workloads that run it keep the snapshot they were started with.

use super::{
    create::check,
    facts,
    lock::{lift_deadlines, lock_in},
    record,
};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    builds, credentials,
    error::{Error, Findings},
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactRecord, ArtifactState, ArtifactStatus, AuditAction,
        EditArtifact, EntityKind, EventId, EventKind, NewArtifact, NewEvent, NewTag, Permission,
        Tag, WorkloadId,
    },
    store::Write,
    tags,
};

/// Fields first, then the status, so that one request can edit and lock.
pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    wanted: EditArtifact,
) -> Result<ArtifactRecord, Error> {
    let act = Act::on(AuditAction::ArtifactEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    wanted: EditArtifact,
) -> Result<ArtifactRecord, Error> {
    let mut write = house.store.write().await?;
    let artifact = access::artifact_in(&mut write, caller, id, Permission::Update).await?;
    let EditArtifact { name, description, spec, status, tags } = wanted;
    let edits = name.is_some() || description.is_some() || spec.is_some();
    let retag = match tags {
        Some(wanted) => retag(&mut write, house, &artifact, wanted).await?,
        None => None,
    };
    if let ArtifactState::Locked { version } = artifact.state {
        return match status {
            None if !edits => retag_only(write, house, caller, artifact, retag).await,
            Some(ArtifactStatus::Locked) if !edits => {
                Err(Error::Forbidden(format!("it is already locked, as v{version}")))
            }
            Some(ArtifactStatus::Draft) => Err(Error::Forbidden(format!(
                "it is locked as v{version} and never becomes a draft again; clone it into a new draft"
            ))),
            _ => Err(immutable(version)),
        };
    }
    let mut edited = artifact.clone();
    edited.name = name.unwrap_or(edited.name);
    edited.description = description.unwrap_or(edited.description);
    edited.spec = spec.unwrap_or(edited.spec);
    store(write, house, caller, artifact, edited, retag, status.unwrap_or_default()).await
}

/// Replaces everything of a draft; what the body leaves out falls back to its default.
pub async fn replace_all(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    new: NewArtifact,
) -> Result<ArtifactRecord, Error> {
    let act = Act::on(AuditAction::ArtifactEdit, id);
    audit::attempt(house, caller, act, try_replace_all(house, caller, id, new)).await
}

async fn try_replace_all(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    new: NewArtifact,
) -> Result<ArtifactRecord, Error> {
    let mut write = house.store.write().await?;
    let artifact = access::artifact_in(&mut write, caller, id, Permission::Update).await?;
    if let ArtifactState::Locked { version } = artifact.state {
        return Err(immutable(version));
    }
    let mut findings = Findings::default();
    findings.check(
        new.kind == artifact.kind,
        "type",
        format!("the type is {} and can't be changed", artifact.kind),
    );
    let repository = new.artifact_repository_id.as_ref();
    findings.check(
        repository.is_none_or(|id| *id == artifact.repository_id),
        "artifactRepositoryId",
        format!("it belongs to repository {} and can't be moved", artifact.repository_id),
    );
    findings.done()?;
    let edited = Artifact {
        name: new.name,
        description: new.description,
        spec: new.spec,
        ..artifact.clone()
    };
    store(write, house, caller, artifact, edited, None, new.status).await
}

fn immutable(version: i64) -> Error {
    Error::Forbidden(format!(
        "it is locked as v{version} and can't be changed; clone it into a new draft"
    ))
}

/// Tags of one artifact before and after.
struct Retag {
    before: Vec<Tag>,
    after: Vec<Tag>,
}

/// What becomes of the tags; none when they stay as they are.
async fn retag(
    write: &mut Write<'_>,
    house: &House,
    artifact: &Artifact,
    wanted: Vec<NewTag>,
) -> Result<Option<Retag>, Error> {
    let before = write.tags_on(EntityKind::Artifact, artifact.id.as_str()).await?;
    let after = tags::replaced(house, &before, wanted)?;
    Ok((after != before).then_some(Retag { before, after }))
}

/// Tags are about an artifact and no part of it: those of a locked one may change.
async fn retag_only(
    mut write: Write<'_>,
    house: &House,
    caller: &Caller,
    mut artifact: Artifact,
    retag: Option<Retag>,
) -> Result<ArtifactRecord, Error> {
    if retag.is_some() {
        put(&mut write, house, caller, &mut artifact, vec![], retag).await?;
        write.commit().await?;
    } else {
        drop(write);
    }
    record(house, caller, artifact).await
}

/// Writes the fields and tags that changed, and tells of it.
async fn put(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    artifact: &mut Artifact,
    mut changed: Vec<&'static str>,
    retag: Option<Retag>,
) -> Result<(), Error> {
    artifact.updated_at = house.now();
    write.update_artifact(artifact).await?;
    let mut details = serde_json::Map::new();
    if let Some(Retag { before, after }) = retag {
        write.set_tags(caller.org(), EntityKind::Artifact, artifact.id.as_str(), &after).await?;
        details.insert("tags".into(), tags::change(&before, &after));
        changed.push("tags");
    }
    details.insert("fields".into(), serde_json::json!(changed));
    let message = format!("{} of '{}' changed", changed.join(", "), artifact.name);
    let event = NewEvent::on_artifact(&artifact.id, EventKind::ArtifactEdited, message);
    note(write, house, caller, event.with(details.into()));
    Ok(())
}

async fn store(
    mut write: Write<'_>,
    house: &House,
    caller: &Caller,
    before: Artifact,
    mut after: Artifact,
    retag: Option<Retag>,
    status: ArtifactStatus,
) -> Result<ArtifactRecord, Error> {
    check(caller, &after.name, &mut after.spec, after.kind)?;
    credentials::usable_where_new(&mut write, caller, &after.spec, &before.spec).await?;
    let known = Some(&before.spec);
    builds::settle(&mut write, house, caller, Some(&after.id), known, &mut after.spec).await?;
    let changed = changes(&before, &after);
    if !changed.is_empty() || retag.is_some() {
        put(&mut write, house, caller, &mut after, changed, retag).await?;
        let act = Act::on(AuditAction::ArtifactEdit, &after.id);
        let (was, is) = (facts(house, &before), facts(house, &after));
        audit::done(&mut write, house, caller, act, was, is);
    }
    let mut lifted: Vec<WorkloadId> = Vec::new();
    if status == ArtifactStatus::Locked {
        let version = lock_in(&mut write, house, &mut after).await?;
        lifted = lift_deadlines(&mut write, house, &after).await?;
        let message = format!("'{}' was locked as v{version}", after.name);
        let mut event = NewEvent::on_artifact(&after.id, EventKind::ArtifactLocked, message);
        // A draft runs in one workload at most, whose page should show this too.
        event.workload_id = lifted.first().cloned();
        note(&mut write, house, caller, event);
        let act = Act::on(AuditAction::ArtifactLock, &after.id);
        let locked = serde_json::json!({ "status": "locked", "version": version });
        audit::done(&mut write, house, caller, act, None, Some(locked));
    }
    write.commit().await?;
    for workload in &lifted {
        house.controller.poke(workload);
    }
    record(house, caller, after).await
}

fn note(write: &mut Write<'_>, house: &House, caller: &Caller, event: NewEvent) {
    write.event(caller.org(), event.by(caller.id()), house.now(), EventId::from_bytes(house.id()));
}

fn changes(before: &Artifact, after: &Artifact) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("spec", before.spec != after.spec),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}
