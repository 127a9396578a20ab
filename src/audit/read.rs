//! Reading the trail.

use std::collections::HashMap;

use crate::{
    access::{self, Caller, administrator},
    error::Error,
    house::House,
    model::{AuditRecord, AuditedKind, DeploymentId, Page, Permission, WorkloadId},
    store::{AuditFilter, Paging},
};

/// All of the organisation's, newest first.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &AuditFilter,
    paging: Paging,
) -> Result<Page<AuditRecord>, Error> {
    administrator(caller, Permission::View)?;
    Ok(house.store.audit(caller.org(), filter, paging).await?)
}

/// The entry in one place of the organisation's trail.
pub async fn get(house: &House, caller: &Caller, id: &str) -> Result<AuditRecord, Error> {
    administrator(caller, Permission::View)?;
    let found = match id.parse() {
        Ok(seq) => house.store.audit_entry(caller.org(), seq).await?,
        Err(_) => None,
    };
    found.ok_or(Error::NotFound("audit entry"))
}

/// The next `limit` of all that matches, newest first, below the number `before`; of one workload if one is named.
pub async fn before(
    house: &House,
    caller: &Caller,
    workload: Option<&WorkloadId>,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<AuditRecord>, Error> {
    let filter = match workload {
        Some(id) => within(house, caller, id, filter).await?,
        None => {
            administrator(caller, Permission::View)?;
            filter.clone()
        }
    };
    Ok(house.store.audit_before(caller.org(), &filter, before, limit).await?)
}

/// What the entities of these entries are called now, by id, where the entry itself does not say. What is gone
/// has no name any more.
pub async fn names(
    house: &House,
    caller: &Caller,
    records: &[AuditRecord],
) -> Result<HashMap<String, String>, Error> {
    administrator(caller, Permission::View)?;
    let (store, org) = (&house.store, caller.org());
    let mut names = HashMap::new();
    for entity in records.iter().map(|record| &record.entry.entity) {
        let Some(id) = entity.id.as_ref().filter(|id| !names.contains_key(*id)) else { continue };
        let name = match entity.kind {
            AuditedKind::User => match id.parse() {
                Ok(id) => store.user(&id).await?.map(|found| found.username),
                Err(_) => None,
            },
            AuditedKind::Workload => match id.parse() {
                Ok(id) => store.workload(org, &id).await?.map(|found| found.name),
                Err(_) => None,
            },
            AuditedKind::Artifact => match id.parse() {
                Ok(id) => store.artifact(org, &id).await?.map(|found| found.name),
                Err(_) => None,
            },
            AuditedKind::Deployment => match id.parse() {
                Ok(id) => store.deployment(org, &id).await?.map(|found| found.name),
                Err(_) => None,
            },
            _ => None,
        };
        names.extend(name.map(|name| (id.clone(), name)));
    }
    Ok(names)
}

/// What concerns one workload: itself, the artifacts while it ran them, its deployment. Somebody who deleted
/// it can still be found by an administrator.
pub async fn of_workload(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    filter: &AuditFilter,
    paging: Paging,
) -> Result<Page<AuditRecord>, Error> {
    let filter = within(house, caller, id, filter).await?;
    Ok(house.store.audit(caller.org(), &filter, paging).await?)
}

/// The filter for one workload, for who may read that.
async fn within(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    filter: &AuditFilter,
) -> Result<AuditFilter, Error> {
    if administrator(caller, Permission::View).is_err() {
        access::workload(house, caller, id, Permission::View).await?;
    }
    Ok(AuditFilter { workload: Some(id.clone()), ..filter.clone() })
}

/// What was done to one deployment itself. What was done to its workload is in that one's trail, because not
/// everybody who may view the deployment may view the workload.
pub async fn of_deployment(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
    filter: &AuditFilter,
    paging: Paging,
) -> Result<Page<AuditRecord>, Error> {
    access::deployment(house, caller, id, Permission::View).await?;
    let filter = AuditFilter { entity: Some(id.to_string()), ..filter.clone() };
    Ok(house.store.audit(caller.org(), &filter, paging).await?)
}
