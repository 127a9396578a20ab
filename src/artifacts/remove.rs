//! Deleting a draft that nothing runs.

use super::facts;
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::Error,
    house::House,
    model::{
        ArtifactId, ArtifactState, AuditAction, EventId, EventKind, NewEvent, Permission,
        WorkloadId,
    },
};

/// A locked version goes only with its whole repository; a draft that a workload uses stays.
pub async fn delete(house: &House, caller: &Caller, id: &ArtifactId) -> Result<(), Error> {
    let act = Act::on(AuditAction::ArtifactDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &ArtifactId) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let artifact = access::artifact_in(&mut write, caller, id, Permission::Delete).await?;
    if let ArtifactState::Locked { version } = artifact.state {
        return Err(Error::Conflict(format!(
            "it is locked as v{version}; a locked version goes only with its whole repository"
        )));
    }
    let users = write.workloads_using(caller.org(), id).await?;
    if !users.is_empty() {
        let ids: Vec<&str> = users.iter().map(WorkloadId::as_str).collect();
        return Err(Error::Conflict(format!(
            "it is in use by {}: {}; delete that first",
            if ids.len() == 1 { "the workload" } else { "the workloads" },
            ids.join(", ")
        )));
    }
    write.delete_artifact(caller.org(), id).await?;
    let message = format!("draft '{}' was deleted", artifact.name);
    let event = NewEvent::on_artifact(id, EventKind::ArtifactDeleted, message).by(caller.id());
    write.event(caller.org(), event, house.now(), EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::ArtifactDelete, id);
    audit::done(&mut write, house, caller, act, facts(house, &artifact), None);
    write.commit().await?;
    // One of its builds may be under way, for nobody now.
    house.builds.ring();
    Ok(())
}
