//! A record through the eyes of who reads it: what they may do with it, and who owns it.

use std::collections::{HashMap, HashSet};

use crate::{
    access::{Caller, permissions},
    error::Error,
    house::House,
    model::{
        EntityKind, Grant, Permissions, Recipient, User, UserData, UserId, WorkloadRecord, narrowed,
    },
};

pub(crate) async fn one(
    house: &House,
    caller: &Caller,
    record: WorkloadRecord,
) -> Result<WorkloadRecord, Error> {
    let mut seen = all(house, caller, vec![record]).await?;
    seen.pop().map(|(_, record)| record).ok_or(Error::NotFound("workload"))
}

/// The same for a page of them, in two statements, each with what the caller may do with it.
pub(super) async fn all(
    house: &House,
    caller: &Caller,
    records: Vec<WorkloadRecord>,
) -> Result<Vec<(Permissions, WorkloadRecord)>, Error> {
    let ids = records.iter().map(|record| record.id.as_str());
    let grants = house.store.grants_among(EntityKind::Workload, ids).await?;
    let owners: HashSet<&UserId> = grants.values().flatten().filter_map(owner).collect();
    let owners: Vec<UserId> = owners.into_iter().cloned().collect();
    let people = house.store.users_by_id(&owners).await?;
    let none = Vec::new();
    Ok(records
        .into_iter()
        .map(|record| {
            let grants = grants.get(record.id.as_str()).unwrap_or(&none);
            let held = permissions(caller, caller.org(), grants);
            (held, through(held, grants, &people, record))
        })
        .collect())
}

fn owner(grant: &Grant) -> Option<&UserId> {
    match &grant.recipient {
        Recipient::User(id) if grant.role.is_owner() => Some(id),
        _ => None,
    }
}

fn through(
    held: Permissions,
    grants: &[Grant],
    people: &HashMap<UserId, User>,
    mut record: WorkloadRecord,
) -> WorkloadRecord {
    let owners = grants.iter().filter_map(owner).filter_map(|id| people.get(id));
    record.owners = owners.map(UserData::from).collect();
    record.permissions = held.words();
    record.allowed = narrowed(record.allowed, held);
    if let Some(replacement) = &mut record.replacement {
        replacement.allowed = narrowed(std::mem::take(&mut replacement.allowed), held);
    }
    record
}
