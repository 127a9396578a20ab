//! What could be put behind an endpoint, and why not.

use serde::{Deserialize, Serialize};

use super::start::mismatch;
use crate::{
    access::{self, Caller},
    artifacts,
    error::Error,
    house::House,
    model::{ArtifactRecord, ArtifactStatus, Permission, Permissions, RepositoryId, WorkloadId},
    store::{ArtifactFilter, Paging},
    workloads::create::runnable,
};

/// A version or draft, and why it can't be chosen; none when it can.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub artifact: ArtifactRecord,
    pub refusal: Option<String>,
}

/// The versions and drafts of a repository (the workload's own unless named), newest first.
pub async fn candidates(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    repository: Option<&RepositoryId>,
) -> Result<Vec<Candidate>, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let present = access::artifact(house, caller, &workload.artifact_id, Permission::View).await?;
    let filter = ArtifactFilter {
        repository_id: Some(repository.unwrap_or(&present.repository_id).clone()),
        viewer: caller.viewer(Permissions::VIEW),
        ..ArtifactFilter::default()
    };
    let page =
        house.store.artifacts(caller.org(), &filter, Paging { offset: 0, limit: 100 }).await?;
    let mut all = Vec::with_capacity(page.items.len());
    for artifact in page.items {
        let same = artifact.id == present.id;
        let elsewhere = house.store.workloads_using(caller.org(), &artifact.id).await?;
        let busy = elsewhere.iter().find(|other| **other != workload.id);
        let draft = artifact.state.status() == ArtifactStatus::Draft;
        let refusal = if let Some(why) = mismatch(&present, &artifact) {
            Some(why)
        } else if same && !draft {
            Some("it runs already; to roll the same version again, change its settings".to_owned())
        } else if let (true, Some(other)) = (draft, busy) {
            Some(format!("this draft runs in workload {other}; clone it first"))
        } else if artifact.kind != present.kind {
            Some(format!("it is of type {}, the workload of type {}", artifact.kind, present.kind))
        } else {
            runnable(&artifact).err().map(|error| error.to_string())
        };
        let artifact = artifacts::record(house, caller, artifact).await?;
        all.push(Candidate { artifact, refusal });
    }
    Ok(all)
}
