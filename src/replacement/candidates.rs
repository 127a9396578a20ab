//! What could be put behind an endpoint, and why not.

use serde::{Deserialize, Serialize};

use super::start::mismatch;
use crate::{
    access::{self, Caller},
    artifacts,
    error::Error,
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactRecord, ArtifactStatus, Page, Permission, Permissions,
        Proton, RepositoryId, Workload, WorkloadId,
    },
    store::{ArtifactFilter, Paging},
    workloads::create::runnable,
};

/// A version or draft, and why it can't be chosen; none when it can.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub artifact: ArtifactRecord,
    pub runs: Runs,
    pub refusal: Option<String>,
}

/// Whether an artifact is what a workload runs. What runs is a copy from when it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Runs {
    Not,
    AsStored,
    /// As it was before it was edited.
    Older,
}

/// `active` is what serves the workload.
pub(crate) fn runs(artifact: &Artifact, active: Option<&Proton>) -> Runs {
    match active.filter(|active| active.artifact_id == artifact.id) {
        None => Runs::Not,
        // A locked version has never been edited.
        Some(active) if !active.snapshot.label.starts_with("draft") => Runs::AsStored,
        Some(active) if active.snapshot.spec == artifact.spec => Runs::AsStored,
        Some(_) => Runs::Older,
    }
}

async fn active(house: &House, workload: &Workload) -> Result<Option<Proton>, Error> {
    Ok(match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    })
}

/// The versions and drafts of a repository (the workload's own unless named), newest first.
pub async fn candidates(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    repository: Option<&RepositoryId>,
    paging: Paging,
) -> Result<Page<Candidate>, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let present = access::artifact(house, caller, &workload.artifact_id, Permission::View).await?;
    let filter = ArtifactFilter {
        repository_id: Some(repository.unwrap_or(&present.repository_id).clone()),
        viewer: caller.viewer(Permissions::VIEW),
        ..ArtifactFilter::default()
    };
    let page = house.store.artifacts(caller.org(), &filter, paging).await?;
    let active = active(house, &workload).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for artifact in page.items {
        let refusal = unfit(house, caller, &workload, &present, &artifact).await?;
        let runs = runs(&artifact, active.as_ref());
        let artifact = artifacts::record(house, caller, artifact).await?;
        items.push(Candidate { artifact, runs, refusal });
    }
    Ok(Page { items, total: page.total })
}

/// One of them by name, from whichever repository.
pub async fn candidate(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    artifact: &ArtifactId,
) -> Result<Candidate, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let present = access::artifact(house, caller, &workload.artifact_id, Permission::View).await?;
    let artifact = access::artifact(house, caller, artifact, Permission::View).await?;
    let refusal = unfit(house, caller, &workload, &present, &artifact).await?;
    let runs = runs(&artifact, active(house, &workload).await?.as_ref());
    let artifact = artifacts::record(house, caller, artifact).await?;
    Ok(Candidate { artifact, runs, refusal })
}

/// Why `artifact` can't take the place of `present`; none when it can.
pub(super) async fn unfit(
    house: &House,
    caller: &Caller,
    workload: &Workload,
    present: &Artifact,
    artifact: &Artifact,
) -> Result<Option<String>, Error> {
    if let Some(why) = mismatch(present, artifact) {
        return Ok(Some(why));
    }
    if artifact.state.status() == ArtifactStatus::Draft {
        let users = house.store.workloads_using(caller.org(), &artifact.id).await?;
        if let Some(other) = users.iter().find(|other| **other != workload.id) {
            return Ok(Some(format!("this draft runs in workload {other}; clone it first")));
        }
    } else if artifact.id == present.id {
        let why = match runs(artifact, active(house, workload).await?.as_ref()) {
            Runs::Older => {
                "what runs is the draft from before it was edited and locked; to roll out what was locked, change the settings"
            }
            Runs::AsStored | Runs::Not => {
                "it runs already; to roll the same version again, change its settings"
            }
        };
        return Ok(Some(why.into()));
    }
    if artifact.kind != present.kind {
        return Ok(Some(format!(
            "it is of type {}, the workload of type {}",
            artifact.kind, present.kind
        )));
    }
    Ok(runnable(artifact).err().map(|error| error.to_string()))
}
