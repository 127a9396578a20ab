//! Locking: the artifact gets the next version of its repository and never changes again.

use super::edit;
use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactRecord, ArtifactState, ArtifactStatus, EditArtifact, Wanted,
        WorkloadId,
    },
    store::Write,
    validate,
};

pub async fn lock(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<ArtifactRecord, Error> {
    let wanted = EditArtifact { status: Some(ArtifactStatus::Locked), ..EditArtifact::default() };
    edit(house, caller, id, wanted).await
}

/// Gives the artifact the next version number and stores it. Also the first two effects of a promotion.
pub(crate) async fn lock_in(
    write: &mut Write<'_>,
    house: &House,
    artifact: &mut Artifact,
) -> Result<i64, Error> {
    if let ArtifactState::Locked { version } = artifact.state {
        return Err(Error::Forbidden(format!("it is already locked, as v{version}")));
    }
    validate::images(&artifact.spec)?;
    let version = write.next_version(&artifact.repository_id).await?;
    artifact.state = ArtifactState::Locked { version };
    artifact.updated_at = house.now();
    write.update_artifact(artifact).await?;
    Ok(version)
}

/// A workload lives as long as its artifact allows: with the artifact locked, the deadline of a draft is
/// gone. Returns the workloads this changed. Promotion does the same for itself, and more.
pub(super) async fn lift_deadlines(
    write: &mut Write<'_>,
    house: &House,
    artifact: &Artifact,
) -> Result<Vec<WorkloadId>, Error> {
    let mut lifted = Vec::new();
    for id in write.workloads_using(&artifact.org_id, &artifact.id).await? {
        let Some(mut workload) = write.workload(&artifact.org_id, &id).await? else { continue };
        let lives = matches!(workload.wanted, Wanted::Running | Wanted::Stopped);
        if workload.artifact_id == artifact.id && lives && workload.expires_at.is_some() {
            workload.expires_at = None;
            workload.updated_at = house.now();
            write.update_workload(&mut workload).await?;
            lifted.push(id);
        }
    }
    Ok(lifted)
}
