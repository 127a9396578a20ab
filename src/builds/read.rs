//! Reading builds and their logs.

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{ArtifactId, Build, BuildId, BuildLine, BuildRecord, Page, Permission},
    store::Paging,
};

/// Newest first.
pub async fn list(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    paging: Paging,
) -> Result<Page<BuildRecord>, Error> {
    let artifact = access::artifact(house, caller, artifact, Permission::View).await?;
    let page = house.store.builds(caller.org(), &artifact.id, paging).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for build in page.items {
        items.push(record(build, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

pub async fn get(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    id: &BuildId,
) -> Result<BuildRecord, Error> {
    let build = find(house, caller, artifact, id).await?;
    record(build, &mut Creators::new(house)).await
}

/// Every line so far, oldest first.
pub async fn log(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    id: &BuildId,
) -> Result<Vec<BuildLine>, Error> {
    let build = find(house, caller, artifact, id).await?;
    Ok(house.store.build_lines(&build.id).await?)
}

async fn find(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    id: &BuildId,
) -> Result<Build, Error> {
    let artifact = access::artifact(house, caller, artifact, Permission::View).await?;
    let build = house.store.build(caller.org(), id).await?;
    build.filter(|build| build.artifact_id == artifact.id).ok_or(Error::NotFound("build"))
}

async fn record(build: Build, creators: &mut Creators<'_>) -> Result<BuildRecord, Error> {
    Ok(BuildRecord {
        creator: creators.get(&build.creator_id).await?,
        id: build.id,
        name: build.name,
        artifact_id: build.artifact_id,
        status: build.status,
        created_at: build.created_at,
        updated_at: build.updated_at,
    })
}
