//! Reading the trail.

use crate::{
    access::{self, Caller, administrator},
    error::Error,
    house::House,
    model::{AuditRecord, DeploymentId, Page, Permission, WorkloadId},
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
