//! Artifacts: what to run. A draft may be edited in place, a locked one never again (rules.md L2, L3, §11).
//!
//! Everything that decides and then writes reads inside its own transaction. Writes take turns, so what was
//! true when it was decided is true when it commits.

mod check;
mod create;
mod edit;
mod lock;
mod remove;
mod source;

pub use check::{Change, check_draft, check_new, last_change};
pub use create::{clone, create};
pub use edit::{edit, replace_all};
pub use lock::lock;
pub use remove::delete;
pub use source::{set_source, with_source};

pub(crate) use create::add;
pub(crate) use lock::lock_in;

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{Artifact, ArtifactId, ArtifactRecord, EntityKind, Page, Permission, Permissions, Tag},
    store::{ArtifactFilter, Paging},
};

/// What the audit trail keeps of an artifact.
pub(crate) fn facts(house: &House, artifact: &Artifact) -> Option<serde_json::Value> {
    let facts = serde_json::json!({
        "name": artifact.name,
        "description": artifact.description,
        "type": artifact.kind,
        "status": artifact.state.status(),
        "version": artifact.state.version(),
        "artifactRepositoryId": artifact.repository_id,
        "spec": artifact.spec,
    });
    crate::audit::shown(house, &facts)
}

pub async fn get(house: &House, caller: &Caller, id: &ArtifactId) -> Result<ArtifactRecord, Error> {
    let artifact = access::artifact(house, caller, id, Permission::View).await?;
    record(house, caller, artifact).await
}

/// What the caller may see of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &ArtifactFilter,
    paging: Paging,
) -> Result<Page<ArtifactRecord>, Error> {
    let filter = ArtifactFilter { viewer: caller.viewer(Permissions::VIEW), ..filter.clone() };
    let page = house.store.artifacts(caller.org(), &filter, paging).await?;
    let ids = page.items.iter().map(|artifact| artifact.id.as_str());
    let mut tags = house.store.tags_among(EntityKind::Artifact, ids).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    let ids = page.items.iter().map(|artifact| artifact.id.as_str());
    let grants = house.store.grants_among(EntityKind::Artifact, ids).await?;
    for artifact in page.items {
        let grants = grants.get(artifact.id.as_str()).map_or(&[][..], Vec::as_slice);
        let held = access::permissions(caller, &artifact.org_id, grants);
        let tags = tags.remove(artifact.id.as_str()).unwrap_or_default();
        items.push(shown(artifact, held, tags, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

/// The artifact as clients read it.
pub(crate) async fn record(
    house: &House,
    caller: &Caller,
    artifact: Artifact,
) -> Result<ArtifactRecord, Error> {
    let held = access::held(&house.store, caller, &artifact).await?;
    let tags = house.store.tags_on(EntityKind::Artifact, artifact.id.as_str()).await?;
    shown(artifact, held, tags, &mut Creators::new(house)).await
}

/// Whoever sees it at all may at least view it: a workload that runs it may have lent that.
async fn shown(
    artifact: Artifact,
    held: Permissions,
    tags: Vec<Tag>,
    creators: &mut Creators<'_>,
) -> Result<ArtifactRecord, Error> {
    let held = held.and(Permissions::of(&[Permission::View]));
    let creator = creators.get(&artifact.creator_id).await?;
    Ok(ArtifactRecord {
        id: artifact.id,
        name: artifact.name,
        description: artifact.description,
        kind: artifact.kind,
        status: artifact.state.status(),
        version: artifact.state.version(),
        artifact_repository_id: artifact.repository_id,
        spec: artifact.spec,
        creator,
        tags,
        permissions: held.words(),
        created_at: artifact.created_at,
        updated_at: artifact.updated_at,
        revision: artifact.revision,
    })
}
