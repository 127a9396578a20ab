//! Finding an entity for a caller: it exists, the caller may know that, and may do what is needed.

use super::{Caller, need, permissions};
use crate::{
    error::Error,
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactRepository, Deployment, DeploymentId, EntityKind, Grant,
        OrgId, Permission, Permissions, RepositoryId, Workload, WorkloadId,
    },
    store::{Store, StoreError, Write},
};

/// What can be shared.
pub trait Entity {
    const KIND: EntityKind;
    /// What it is called in an error.
    const NOUN: &'static str;
    fn org(&self) -> &OrgId;
    fn key(&self) -> &str;
}

macro_rules! entities {
    ($($name:ty, $kind:ident, $noun:literal;)*) => {$(
        impl Entity for $name {
            const KIND: EntityKind = EntityKind::$kind;
            const NOUN: &'static str = $noun;
            fn org(&self) -> &OrgId {
                &self.org_id
            }
            fn key(&self) -> &str {
                self.id.as_str()
            }
        }
    )*};
}

entities! {
    Workload, Workload, "workload";
    Artifact, Artifact, "artifact";
    ArtifactRepository, Repository, "artifact repository";
    Deployment, Deployment, "deployment";
}

/// What the caller may do with this entity.
pub(crate) async fn held<E: Entity>(
    store: &Store,
    caller: &Caller,
    entity: &E,
) -> Result<Permissions, StoreError> {
    let grants = store.grants_on(E::KIND, entity.key()).await?;
    Ok(permissions(caller, entity.org(), &grants))
}

/// The same inside a transaction.
pub(crate) async fn held_in<E: Entity>(
    write: &mut Write<'_>,
    caller: &Caller,
    entity: &E,
) -> Result<Permissions, StoreError> {
    let grants = write.grants_on(E::KIND, entity.key()).await?;
    Ok(permissions(caller, entity.org(), &grants))
}

/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`], as in [`need`].
pub async fn workload(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    one: Permission,
) -> Result<Workload, Error> {
    let found = house.store.workload(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(Workload::NOUN))?;
    need(held(&house.store, caller, &found).await?, one, Workload::NOUN)?;
    Ok(found)
}

/// The same inside a transaction that changes it. The controller writes workloads too, and what was read
/// before the turn to write came may be out of date, which the caller would be told as a conflict.
pub async fn workload_in(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &WorkloadId,
    one: Permission,
) -> Result<Workload, Error> {
    let found = write.workload(caller.org(), id).await?.ok_or(Error::NotFound(Workload::NOUN))?;
    need(held_in(write, caller, &found).await?, one, Workload::NOUN)?;
    as_expected(caller, id.as_str(), found.revision)?;
    Ok(found)
}

/// An artifact may be viewed by whoever may view a workload that runs it or is about to (rules.md L12).
pub async fn artifact(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    one: Permission,
) -> Result<Artifact, Error> {
    let found = house.store.artifact(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(Artifact::NOUN))?;
    let mut held = held(&house.store, caller, &found).await?;
    if !held.holds(Permission::View) {
        let users = house.store.workloads_using(caller.org(), id).await?;
        let ids = users.iter().map(WorkloadId::as_str);
        let grants = house.store.grants_among(EntityKind::Workload, ids).await?;
        held = held.and(lent(caller, grants.values()));
    }
    need(held, one, Artifact::NOUN)?;
    Ok(found)
}

pub async fn artifact_in(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &ArtifactId,
    one: Permission,
) -> Result<Artifact, Error> {
    let found = write.artifact(caller.org(), id).await?.ok_or(Error::NotFound(Artifact::NOUN))?;
    let mut held = held_in(write, caller, &found).await?;
    if !held.holds(Permission::View) {
        for user in write.workloads_using(caller.org(), id).await? {
            let grants = write.grants_on(EntityKind::Workload, user.as_str()).await?;
            held = held.and(lent(caller, [&grants]));
        }
    }
    need(held, one, Artifact::NOUN)?;
    as_expected(caller, id.as_str(), found.revision)?;
    Ok(found)
}

fn as_expected(caller: &Caller, entity: &str, revision: i64) -> Result<(), Error> {
    caller.expects.as_ref().map_or(Ok(()), |expected| expected.check(entity, revision))
}

/// What the workloads that run it lend to somebody who may view one of them: a look.
fn lent<'g>(caller: &Caller, workloads: impl IntoIterator<Item = &'g Vec<Grant>>) -> Permissions {
    workloads.into_iter().fold(Permissions::NONE, |sum, grants| {
        sum.and(permissions(caller, caller.org(), grants).within(Permissions::VIEW))
    })
}

pub async fn repository(
    house: &House,
    caller: &Caller,
    id: &RepositoryId,
    one: Permission,
) -> Result<ArtifactRepository, Error> {
    let found = house.store.repository(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(ArtifactRepository::NOUN))?;
    need(held(&house.store, caller, &found).await?, one, ArtifactRepository::NOUN)?;
    Ok(found)
}

pub async fn repository_in(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &RepositoryId,
    one: Permission,
) -> Result<ArtifactRepository, Error> {
    let found = write.repository(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(ArtifactRepository::NOUN))?;
    need(held_in(write, caller, &found).await?, one, ArtifactRepository::NOUN)?;
    Ok(found)
}

pub async fn deployment(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
    one: Permission,
) -> Result<Deployment, Error> {
    let found = house.store.deployment(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(Deployment::NOUN))?;
    need(held(&house.store, caller, &found).await?, one, Deployment::NOUN)?;
    Ok(found)
}

pub async fn deployment_in(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &DeploymentId,
    one: Permission,
) -> Result<Deployment, Error> {
    let found = write.deployment(caller.org(), id).await?;
    let found = found.ok_or(Error::NotFound(Deployment::NOUN))?;
    need(held_in(write, caller, &found).await?, one, Deployment::NOUN)?;
    Ok(found)
}
