//! Where a credential is used: the workloads that need it when they start anew, and the artifacts that name
//! it. What the caller may not see is counted and not named.

use super::{NOUN, own};
use crate::{
    access::{self, Caller, need},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        ArtifactId, CredentialId, CredentialRecord, Permission, Permissions, UserData, WorkloadId,
    },
};

/// The most artifacts that are told.
const MOST: u64 = 50;

/// A credential and what would miss it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub record: CredentialRecord,
    /// Names of the fields that it has.
    pub fields: Vec<String>,
    pub creator: UserData,
    /// Workloads that stop it from being deleted, by id and name.
    pub workloads: Vec<(WorkloadId, String)>,
    /// The newest artifacts that name it.
    pub artifacts: Vec<(ArtifactId, String)>,
    /// Workloads and artifacts that name it and that the caller may not see.
    pub unseen: usize,
    /// Why the caller may not change it; none when they may.
    pub fixed: Option<String>,
}

pub async fn used(house: &House, caller: &Caller, id: &CredentialId) -> Result<Used, Error> {
    let found = house.store.credential(caller.org(), id).await?;
    let credential = own(caller, found, Permission::View)?;
    let mut unseen = 0;
    let mut workloads = Vec::new();
    for id in house.store.workloads_naming(caller.org(), id).await? {
        match access::workload(house, caller, &id, Permission::View).await {
            Ok(workload) => workloads.push((id, workload.name)),
            Err(Error::NotFound(_) | Error::Forbidden(_)) => unseen += 1,
            Err(other) => return Err(other),
        }
    }
    let mut artifacts = Vec::new();
    for id in house.store.artifacts_naming(caller.org(), id, MOST).await? {
        match access::artifact(house, caller, &id, Permission::View).await {
            Ok(artifact) => artifacts.push((id, artifact.name)),
            Err(Error::NotFound(_) | Error::Forbidden(_)) => unseen += 1,
            Err(other) => return Err(other),
        }
    }
    let held: Permissions = caller.ceiling();
    let creator = Creators::new(house).get(&credential.creator_id).await?;
    Ok(Used {
        fields: credential.fields.clone(),
        creator,
        workloads,
        artifacts,
        unseen,
        fixed: need(held, Permission::Update, NOUN).err().map(|error| error.to_string()),
        record: credential.into(),
    })
}
