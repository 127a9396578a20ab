//! Deployments as clients read them.

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        ChangeRequestRecord, ChangeStatus, Deployment, DeploymentId, DeploymentRecord, EntityKind,
        Page, Permission, Permissions,
    },
    store::{DeploymentFilter, Paging},
    workloads::record::missing,
};

pub async fn get(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
) -> Result<DeploymentRecord, Error> {
    let deployment = access::deployment(house, caller, id, Permission::View).await?;
    record(house, caller, deployment).await
}

/// What the caller may view of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &DeploymentFilter,
    paging: Paging,
) -> Result<Page<DeploymentRecord>, Error> {
    let filter = DeploymentFilter { viewer: caller.viewer(Permissions::VIEW), ..filter.clone() };
    let page = house.store.deployments(caller.org(), &filter, paging).await?;
    let ids = page.items.iter().map(|deployment| deployment.id.as_str());
    let grants = house.store.grants_among(EntityKind::Deployment, ids).await?;
    let mut people = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for deployment in page.items {
        let grants = grants.get(deployment.id.as_str()).map_or(&[][..], Vec::as_slice);
        let held = access::permissions(caller, &deployment.org_id, grants);
        items.push(shown(house, deployment, held, &mut people).await?);
    }
    Ok(Page { items, total: page.total })
}

/// What it was asked to change and what became of that, newest first.
pub async fn changes(
    house: &House,
    caller: &Caller,
    id: &DeploymentId,
    status: &[ChangeStatus],
    paging: Paging,
) -> Result<Page<ChangeRequestRecord>, Error> {
    let deployment = access::deployment(house, caller, id, Permission::View).await?;
    let page = house.store.change_requests(&deployment.id, status, paging).await?;
    let mut people = Creators::new(house);
    let mut items = Vec::with_capacity(page.items.len());
    for request in page.items {
        items.push(ChangeRequestRecord {
            requester: people.get(&request.requester_id).await?,
            reviewer: match &request.reviewer_id {
                Some(reviewer) => Some(people.get(reviewer).await?),
                None => None,
            },
            id: request.id,
            deployment_id: request.deployment_id,
            kind: request.kind,
            status: request.status,
            change: request.change,
            comment: request.comment,
            created_at: request.created_at,
            updated_at: request.updated_at,
        });
    }
    Ok(Page { items, total: page.total })
}

pub(super) async fn record(
    house: &House,
    caller: &Caller,
    deployment: Deployment,
) -> Result<DeploymentRecord, Error> {
    let held = access::held(&house.store, caller, &deployment).await?;
    shown(house, deployment, held, &mut Creators::new(house)).await
}

async fn shown(
    house: &House,
    deployment: Deployment,
    held: Permissions,
    people: &mut Creators<'_>,
) -> Result<DeploymentRecord, Error> {
    let workload = house
        .store
        .workload(&deployment.org_id, &deployment.workload_id)
        .await?
        .ok_or_else(|| missing("deployments", "workload_id", &deployment.id))?;
    let active = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let mut approvers = Vec::with_capacity(deployment.approvers.len());
    for approver in &deployment.approvers {
        approvers.push(people.get(approver).await?);
    }
    Ok(DeploymentRecord {
        endpoint: house.settings.deployment_endpoint(&deployment.id),
        creator: people.get(&deployment.creator_id).await?,
        deployment_id: deployment.id.clone(),
        id: deployment.id,
        name: deployment.name,
        description: deployment.description,
        workload_id: deployment.workload_id,
        status: workload.status(active.map(|proton| proton.status)),
        artifact_id: workload.artifact_id,
        approval_status: deployment.approval,
        importance: deployment.importance,
        approvers,
        permissions: held.words(),
        created_at: deployment.created_at,
        updated_at: deployment.updated_at,
    })
}
