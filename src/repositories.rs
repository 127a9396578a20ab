//! Artifact repositories: the lineages whose versions count up (rules.md L3, §13).

use crate::{
    access::{Caller, Owned, permissions, visible},
    creator::{Creators, narrow_to_own},
    error::Error,
    house::House,
    model::{ArtifactRepository, OrgId, Page, RepositoryId, RepositoryRecord, UserId},
    store::{Paging, RepositoryFilter},
};

impl Owned for ArtifactRepository {
    fn org(&self) -> &OrgId {
        &self.org_id
    }
    fn creator(&self) -> &UserId {
        &self.creator_id
    }
    const NOUN: &'static str = "artifact repository";
}

pub async fn get(
    house: &House,
    caller: &Caller,
    id: &RepositoryId,
) -> Result<RepositoryRecord, Error> {
    let repository = visible(caller, house.store.repository(caller.org(), id).await?)?;
    record(house, repository, &mut Creators::new(house)).await
}

/// What the caller may see of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &RepositoryFilter,
    paging: Paging,
) -> Result<Page<RepositoryRecord>, Error> {
    let mut filter = filter.clone();
    if !narrow_to_own(caller, &mut filter.created_by) {
        return Ok(Page { items: Vec::new(), total: 0 });
    }
    let page = house.store.repositories(caller.org(), &filter, paging).await?;
    let mut creators = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for repository in page.items {
        items.push(record(house, repository, &mut creators).await?);
    }
    Ok(Page { items, total: page.total })
}

async fn record(
    house: &House,
    repository: ArtifactRepository,
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
        permissions: permissions(),
        created_at: repository.created_at,
        updated_at: repository.updated_at,
    })
}
