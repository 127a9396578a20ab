//! Artifact repositories: the lineages whose versions count up (rules.md L3, §13).
//!
//! Deleting one is how a locked version can go at all: with its whole lineage, as an explicit act.

use crate::{
    access::{self, Caller},
    audit::{self, Act},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        ArtifactRepository, AuditAction, EntityKind, EventId, EventKind, NewEvent, Page,
        Permission, Permissions, RepositoryId, RepositoryRecord, WorkloadId,
    },
    store::{Paging, RepositoryFilter},
};

pub async fn get(
    house: &House,
    caller: &Caller,
    id: &RepositoryId,
) -> Result<RepositoryRecord, Error> {
    let repository = access::repository(house, caller, id, Permission::View).await?;
    let held = access::held(&house.store, caller, &repository).await?;
    record(house, repository, held, &mut Creators::new(house)).await
}

/// What the caller may see of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &RepositoryFilter,
    paging: Paging,
) -> Result<Page<RepositoryRecord>, Error> {
    let filter = RepositoryFilter { viewer: caller.viewer(Permissions::VIEW), ..filter.clone() };
    let page = house.store.repositories(caller.org(), &filter, paging).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    let ids = page.items.iter().map(|repository| repository.id.as_str());
    let grants = house.store.grants_among(EntityKind::Repository, ids).await?;
    for repository in page.items {
        let grants = grants.get(repository.id.as_str()).map_or(&[][..], Vec::as_slice);
        let held = access::permissions(caller, &repository.org_id, grants);
        items.push(record(house, repository, held, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

/// Removes it with all of its artifacts, locked ones too, unless a workload uses one.
pub async fn delete(house: &House, caller: &Caller, id: &RepositoryId) -> Result<(), Error> {
    let act = Act::on(AuditAction::RepositoryDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &RepositoryId) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let repository = access::repository_in(&mut write, caller, id, Permission::Delete).await?;
    let artifacts = write.artifacts_of(id).await?;
    let mut users = Vec::new();
    for artifact in &artifacts {
        users.extend(write.workloads_using(caller.org(), &artifact.id).await?);
    }
    users.sort_unstable();
    users.dedup();
    if !users.is_empty() {
        let ids: Vec<&str> = users.iter().map(WorkloadId::as_str).collect();
        return Err(Error::Conflict(format!(
            "an artifact of it is in use by {}: {}; delete that first",
            if ids.len() == 1 { "the workload" } else { "the workloads" },
            ids.join(", ")
        )));
    }
    let now = house.now();
    for artifact in &artifacts {
        write.delete_artifact(caller.org(), &artifact.id).await?;
        let message =
            format!("'{}' was deleted with its repository '{}'", artifact.name, repository.name);
        let event = NewEvent::on_artifact(&artifact.id, EventKind::ArtifactDeleted, message);
        write.event(caller.org(), event.by(caller.id()), now, EventId::from_bytes(house.id()));
    }
    write.delete_repository(id).await?;
    let act = Act::on(AuditAction::RepositoryDelete, id);
    let before = serde_json::json!({
        "name": repository.name,
        "artifactIds": artifacts.iter().map(|artifact| &artifact.id).collect::<Vec<_>>(),
    });
    audit::done(&mut write, house, caller, act, Some(before), None);
    write.commit().await?;
    Ok(())
}

async fn record(
    house: &House,
    repository: ArtifactRepository,
    held: Permissions,
    creators: &mut Creators<'_>,
) -> Result<RepositoryRecord, Error> {
    Ok(RepositoryRecord {
        num_artifacts: house.store.artifact_count(&repository.id).await?,
        tags: house.store.tags_on(EntityKind::Repository, repository.id.as_str()).await?,
        creator: creators.get(&repository.creator_id).await?,
        id: repository.id,
        name: repository.name,
        kind: repository.kind,
        last_version_number: repository.last_version,
        permissions: held.words(),
        created_at: repository.created_at,
        updated_at: repository.updated_at,
    })
}
