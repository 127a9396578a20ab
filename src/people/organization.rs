//! The organisation as its administrators see it.

use crate::{
    access::{Caller, administrator},
    error::Error,
    house::House,
    model::{OrgId, OrganizationRecord, Permission},
};

pub async fn get(house: &House, caller: &Caller, id: &OrgId) -> Result<OrganizationRecord, Error> {
    administrator(caller, Permission::View)?;
    let found = house.store.organization(id).await?.filter(|found| found.id == *caller.org());
    let found = found.ok_or(Error::NotFound("organization"))?;
    Ok(OrganizationRecord { id: found.id, name: found.name, created_at: found.created_at })
}
