//! Artifacts: what to run. A draft may be edited in place, a locked one never again (rules.md L2, L3, §11).
//!
//! Everything that decides and then writes reads inside its own transaction. Writes take turns, so what was
//! true when it was decided is true when it commits.
//!
//! Known limitation: there are no image builds yet, so a container that is to be built has no image, and an
//! artifact with such a container can be stored but neither locked nor run.

mod create;
mod edit;
mod lock;
mod remove;

pub use create::{clone, create};
pub use edit::{edit, replace_all};
pub use lock::lock;
pub use remove::delete;

pub(crate) use create::add;
pub(crate) use lock::lock_in;

use crate::{
    access::{Caller, permissions, visible},
    creator::{Creators, narrow_to_own},
    error::Error,
    house::House,
    model::{Artifact, ArtifactId, ArtifactRecord, Page},
    store::{ArtifactFilter, Paging},
};

pub async fn get(house: &House, caller: &Caller, id: &ArtifactId) -> Result<ArtifactRecord, Error> {
    let artifact = visible(caller, house.store.artifact(caller.org(), id).await?)?;
    record(house, artifact).await
}

/// What the caller may see of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &ArtifactFilter,
    paging: Paging,
) -> Result<Page<ArtifactRecord>, Error> {
    let mut filter = filter.clone();
    if !narrow_to_own(caller, &mut filter.created_by) {
        return Ok(Page { items: Vec::new(), total: 0 });
    }
    let page = house.store.artifacts(caller.org(), &filter, paging).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for artifact in page.items {
        items.push(shown(artifact, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

/// The artifact as clients read it.
pub(crate) async fn record(house: &House, artifact: Artifact) -> Result<ArtifactRecord, Error> {
    shown(artifact, &mut Creators::new(house)).await
}

async fn shown(artifact: Artifact, creators: &mut Creators<'_>) -> Result<ArtifactRecord, Error> {
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
        tags: Vec::new(),
        permissions: permissions(),
        created_at: artifact.created_at,
        updated_at: artifact.updated_at,
    })
}
