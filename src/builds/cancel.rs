//! Ending a build before it has come to its end.

use super::progress::end;
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::Error,
    house::House,
    model::{ArtifactId, AuditAction, BuildId, BuildLevel, BuildLine, BuildStatus, Permission},
};

/// What was built before stays; the work on this one ends soon after.
///
/// # Errors
/// [`Error::Conflict`] when it has come to its end already.
pub async fn cancel(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    id: &BuildId,
) -> Result<(), Error> {
    let act = Act::on(AuditAction::BuildCancel, artifact);
    audit::attempt(house, caller, act, try_cancel(house, caller, artifact, id)).await
}

async fn try_cancel(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactId,
    id: &BuildId,
) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let artifact = access::artifact_in(&mut write, caller, artifact, Permission::Update).await?;
    let build = write.build(caller.org(), id).await?;
    let build = build.filter(|build| build.artifact_id == artifact.id);
    let mut build = build.ok_or(Error::NotFound("build"))?;
    if build.status.is_over() {
        return Err(Error::Conflict(format!("it is {} already", build.status)));
    }
    let line = BuildLine {
        at: house.now(),
        level: BuildLevel::Warning,
        message: format!("cancelled by {}", caller.user.username),
    };
    let before = serde_json::json!({ "buildId": id, "status": build.status });
    end(&mut write, house, &mut build, BuildStatus::Cancelled, &[line]).await?;
    let after = serde_json::json!({ "buildId": id, "status": build.status });
    let act = Act::on(AuditAction::BuildCancel, &artifact.id);
    audit::done(&mut write, house, caller, act, Some(before), Some(after));
    write.commit().await?;
    house.builds.ring();
    Ok(())
}
