//! Artifact repositories: the lineages whose versions count up (rules.md L3, §13).

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        ArtifactRepository, EntityKind, Page, Permission, Permissions, RepositoryId,
        RepositoryRecord,
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
    if !caller.ceiling().holds(Permission::View) {
        return Ok(Page { items: Vec::new(), total: 0 });
    }
    let filter = RepositoryFilter { viewer: caller.viewer(), ..filter.clone() };
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

async fn record(
    house: &House,
    repository: ArtifactRepository,
    held: Permissions,
    creators: &mut Creators<'_>,
) -> Result<RepositoryRecord, Error> {
    Ok(RepositoryRecord {
        num_artifacts: house.store.artifact_count(&repository.id).await?,
        creator: creators.get(&repository.creator_id).await?,
        id: repository.id,
        name: repository.name,
        kind: repository.kind,
        last_version_number: repository.last_version,
        tags: Vec::new(),
        permissions: held.words(),
        created_at: repository.created_at,
        updated_at: repository.updated_at,
    })
}
