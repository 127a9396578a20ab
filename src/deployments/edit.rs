//! Changing a deployment, and returning its workload to the ordinary rules.

use super::{create::facts, read::record};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        AuditAction, Deployment, DeploymentId, DeploymentRecord, EditDeployment, EventId,
        EventKind, NewEvent, Permission, WorkloadId,
    },
    store::Write,
    validate,
};

pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
    wanted: EditDeployment,
) -> Result<DeploymentRecord, Error> {
    let act = Act::on(AuditAction::DeploymentEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
    wanted: EditDeployment,
) -> Result<DeploymentRecord, Error> {
    let mut findings = Findings::default();
    if let Some(name) = &wanted.name {
        validate::name(name, "name", &mut findings);
    }
    findings.done()?;
    let mut write = house.store.write().await?;
    let before = access::deployment_in(&mut write, caller, id, Permission::Update).await?;
    let mut after = before.clone();
    after.name = wanted.name.unwrap_or(after.name);
    after.description = wanted.description.unwrap_or(after.description);
    after.importance = wanted.importance.unwrap_or(after.importance);
    let fields = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("importance", before.importance != after.importance),
    ];
    let changed: Vec<_> = fields.iter().filter(|(_, is)| *is).map(|(field, _)| *field).collect();
    if changed.is_empty() {
        drop(write);
        return record(house, caller, after).await;
    }
    let now = house.now();
    after.updated_at = now;
    write.update_deployment(&mut after).await?;
    let text = format!("{} of deployment '{}' changed", changed.join(", "), after.name);
    let event = NewEvent::on_workload(&after.workload_id, EventKind::DeploymentChanged, text)
        .by(caller.id())
        .with(serde_json::json!({ "deploymentId": id, "fields": changed }));
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::DeploymentEdit, id);
    let (was, is) = (facts(&before), facts(&after));
    audit::done(&mut write, house, caller, act, Some(was), Some(is));
    write.commit().await?;
    record(house, caller, after).await
}

/// The workload goes on as it is, ungoverned.
pub async fn delete(house: &House, caller: &Caller, id: &DeploymentId) -> Result<(), Error> {
    let act = Act::on(AuditAction::DeploymentDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &DeploymentId) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let deployment = access::deployment_in(&mut write, caller, id, Permission::Delete).await?;
    remove(&mut write, house, caller, &deployment).await?;
    write.commit().await?;
    house.routes.ungovern(id);
    Ok(())
}

/// Ends the governance of a workload that is being deleted. Returns the deployment whose address has to be
/// closed once the transaction has committed.
pub(crate) async fn release(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
) -> Result<Option<DeploymentId>, Error> {
    let Some(deployment) = write.deployment_of(workload).await? else { return Ok(None) };
    remove(write, house, caller, &deployment).await?;
    Ok(Some(deployment.id))
}

async fn remove(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    deployment: &Deployment,
) -> Result<(), Error> {
    write.delete_deployment(&deployment.id).await?;
    let text = format!("deployment '{}' was deleted", deployment.name);
    let event = NewEvent::on_workload(&deployment.workload_id, EventKind::DeploymentDeleted, text)
        .by(caller.id())
        .with(serde_json::json!({ "deploymentId": deployment.id }));
    write.event(caller.org(), event, house.now(), EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::DeploymentDelete, &deployment.id)
        .with_workload(&deployment.workload_id);
    audit::done(write, house, caller, act, Some(facts(deployment)), None);
    Ok(())
}
