//! Putting a workload under governance.

use super::read::record;
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::{Error, FieldError, Findings},
    house::House,
    model::{
        ApprovalStatus, ArtifactState, AuditAction, AuditedKind, Deployment, DeploymentId,
        DeploymentRecord, EntityKind, EventId, EventKind, NewDeployment, NewEvent, Permission,
        User, UserId,
    },
    store::Write,
    validate,
    workloads::record::missing,
};

/// Only an owner of the workload may, and only while it runs a locked version.
pub async fn create(
    house: &House,
    caller: &Caller,
    new: NewDeployment,
) -> Result<DeploymentRecord, Error> {
    let act = Act::new(AuditAction::DeploymentCreate, AuditedKind::Deployment)
        .with_workload(&new.workload_id);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(
    house: &House,
    caller: &Caller,
    new: NewDeployment,
) -> Result<DeploymentRecord, Error> {
    let mut findings = Findings::default();
    if let Some(name) = &new.name {
        validate::name(name, "name", &mut findings);
    }
    findings.done()?;
    let mut write = house.store.write().await?;
    let need = Permission::ShareOwner;
    let workload = access::workload_in(&mut write, caller, &new.workload_id, need).await?;
    let artifact = write
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", &workload.id))?;
    if artifact.state == ArtifactState::Draft {
        return Err(Error::Refused(format!(
            "workload {} runs the draft '{}', and only a locked version can be deployed: promote the \
             workload, or PATCH artifact {} with {{\"status\": \"locked\"}}, then try again",
            workload.id, artifact.name, artifact.id
        )));
    }
    if let Some(known) = write.deployment_of(&workload.id).await? {
        return Err(Error::Conflict(format!(
            "workload {} is governed by deployment {} ('{}') already; change or delete that one",
            workload.id, known.id, known.name
        )));
    }
    let approvers = people(&mut write, caller, new.approvers.unwrap_or_default()).await?;
    let now = house.now();
    let deployment = Deployment {
        id: DeploymentId::from_bytes(house.id()),
        org_id: workload.org_id.clone(),
        workload_id: workload.id.clone(),
        name: new.name.unwrap_or_else(|| workload.name.clone()),
        description: new.description.unwrap_or_default(),
        importance: new.importance.unwrap_or(workload.importance),
        approval: ApprovalStatus::NotRequired,
        approvers,
        creator_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        revision: 0,
    };
    write.insert_deployment(&deployment).await?;
    let (org, id) = (caller.org(), deployment.id.as_str());
    write.own(org, EntityKind::Deployment, id, caller.id(), now).await?;
    let text = format!("deployment '{}' was created", deployment.name);
    let event = NewEvent::on_workload(&workload.id, EventKind::DeploymentCreated, text)
        .by(caller.id())
        .with(serde_json::json!({ "deploymentId": deployment.id }));
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::DeploymentCreate, &deployment.id);
    audit::done(&mut write, house, caller, act, None, Some(facts(&deployment)));
    write.commit().await?;
    // Its address answers before it is told to anybody.
    let grants = house.store.grants_on(EntityKind::Deployment, id).await?;
    house.routes.govern(&deployment.id, &workload.id, grants);
    record(house, caller, deployment).await
}

/// What the audit trail keeps of a deployment.
pub(super) fn facts(deployment: &Deployment) -> serde_json::Value {
    serde_json::json!({
        "name": deployment.name,
        "description": deployment.description,
        "importance": deployment.importance,
        "workloadId": deployment.workload_id,
        "approvers": deployment.approvers,
    })
}

/// The people who are named by id or username, each once.
async fn people(
    write: &mut Write<'_>,
    caller: &Caller,
    named: Vec<String>,
) -> Result<Vec<UserId>, Error> {
    let mut found: Vec<UserId> = Vec::new();
    let mut wrong = Vec::new();
    for (index, text) in named.iter().enumerate() {
        let by_id = match text.parse::<UserId>() {
            Ok(id) => write.user(&id).await?,
            Err(_) => None,
        };
        let person: Option<User> = match by_id {
            Some(person) => Some(person),
            None => write.user_by_name(text).await?,
        };
        match person.filter(|person| person.org_id == *caller.org() && person.is_active()) {
            Some(person) if found.contains(&person.id) => {}
            Some(person) => found.push(person.id),
            None => wrong.push(FieldError::body(
                &format!("approvers.{index}"),
                "there is nobody with this id or username in the organisation",
            )),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(Error::Invalid(wrong)) }
}
