//! Promoting a draft to production in place (rules.md L8): five effects in one transaction, and nothing
//! that runs is touched.

use crate::{
    access::{self, Caller},
    artifacts,
    audit::{self, Act},
    error::Error,
    house::House,
    model::{
        Action, Artifact, AuditAction, EventId, EventKind, FlightRecord, Millis, NewEvent,
        Permission, Proton, Receipt, Replacement, ReplacementId, ReplacementKind, RolloutConfig,
        Situation, Spec, Stage, Workload, WorkloadId, WorkloadRecord, refusal,
    },
    rollout::plan,
    stats, validate,
    workloads::{full, record::missing},
};

/// What promoting would do, for the page that asks.
#[derive(Debug, Clone, PartialEq)]
pub struct PromotePreview {
    /// The number the artifact will get.
    pub version: i64,
    /// What is locked.
    pub stored: Spec,
    /// What runs, when the stored draft is something else: the next start or redeploy will pick the edits up.
    pub running: Option<Spec>,
    /// Why it can't be promoted now; none when it can.
    pub refusal: Option<String>,
}

const EDITED: &str = "the draft was edited after this workload started: what is locked is the stored draft, and the next start or redeploy will run it";

pub async fn preview(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<PromotePreview, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let artifact = access::artifact(house, caller, &workload.artifact_id, Permission::View).await?;
    let active = active(house, &workload).await?;
    let repository = house
        .store
        .repository(caller.org(), &artifact.repository_id)
        .await?
        .ok_or_else(|| missing("artifacts", "repository_id", &artifact.id))?;
    let running = house.store.latest_replacement(id).await?.filter(|r| !r.progress.is_over());
    let refusal = why_not(&workload, active.as_ref(), &artifact, running.as_ref())
        .or(may_not(house, caller, &workload, &artifact).await?)
        .or(validate::images(&artifact.spec).err().map(|error| error.to_string()));
    let differs = edited(active.as_ref(), &artifact);
    Ok(PromotePreview {
        version: repository.last_version + 1,
        running: active.filter(|_| differs).map(|proton| proton.snapshot.spec),
        stored: artifact.spec,
        refusal,
    })
}

/// Promoting changes the artifact for good, so it takes the right to edit both.
async fn may_not(
    house: &House,
    caller: &Caller,
    workload: &Workload,
    artifact: &Artifact,
) -> Result<Option<String>, Error> {
    let workload = access::held(&house.store, caller, workload).await?;
    let artifact = access::held(&house.store, caller, artifact).await?;
    let lacks = match (workload.holds(Permission::Update), artifact.holds(Permission::Update)) {
        (false, _) => "your role on this workload does not allow that",
        (true, false) => "it locks the artifact for good, and your role on that does not allow it",
        (true, true) => return Ok(None),
    };
    Ok(Some(lacks.to_owned()))
}

async fn active(house: &House, workload: &Workload) -> Result<Option<Proton>, Error> {
    match &workload.active_proton {
        Some(id) => Ok(house.store.proton(id).await?),
        None => Ok(None),
    }
}

fn edited(active: Option<&Proton>, artifact: &Artifact) -> bool {
    active.is_some_and(|proton| proton.snapshot.spec != artifact.spec)
}

fn why_not(
    workload: &Workload,
    active: Option<&Proton>,
    artifact: &Artifact,
    running: Option<&Replacement>,
) -> Option<String> {
    let situation = Situation {
        wanted: workload.wanted,
        status: workload.status(active.map(|p| p.status)),
        artifact: artifact.state.status(),
        running,
    };
    refusal(Action::Promote, &situation)
}

pub async fn promote(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<WorkloadRecord, Error> {
    let act = Act::on(AuditAction::WorkloadPromote, id);
    audit::attempt(house, caller, act, try_promote(house, caller, id)).await
}

async fn try_promote(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<WorkloadRecord, Error> {
    let mut write = house.store.write().await?;
    let mut workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    let active = active(house, &workload).await?;
    let artifact = &workload.artifact_id;
    let mut artifact =
        access::artifact_in(&mut write, caller, artifact, Permission::Update).await?;
    let running = write.running_replacement(id).await?;
    if let Some(why) = why_not(&workload, active.as_ref(), &artifact, running.as_ref()) {
        return Err(Error::Refused(why));
    }
    let now = house.now();
    let note = edited(active.as_ref(), &artifact).then(|| EDITED.to_owned());
    let version = artifacts::lock_in(&mut write, house, &mut artifact).await?;
    stats::clear_all(house, &mut write, &workload).await?;
    let mut progress = plan::submitted(now);
    progress.stage = Stage::Done;
    progress.limit = Millis::ZERO;
    let entry = Replacement {
        id: ReplacementId::from_bytes(house.id()),
        org_id: workload.org_id.clone(),
        workload_id: workload.id.clone(),
        kind: ReplacementKind::Promote,
        name: format!("promoted as v{version}"),
        candidate_artifact: artifact.id.clone(),
        previous_artifact: Some(artifact.id.clone()),
        candidate: None,
        previous: workload.active_proton.clone(),
        config: RolloutConfig::default(),
        start_budget: Millis::ZERO,
        runtime: workload.runtime.clone(),
        previous_runtime: workload.runtime.clone(),
        progress,
        note,
        receipt: Receipt::default(),
        flight: FlightRecord::default(),
        user_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        ready_at: None,
        switched_at: Some(now),
        retired_at: None,
        ended_at: Some(now),
        revision: 0,
    };
    write.insert_replacement(&entry).await?;
    workload.expires_at = None;
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    let text = format!("{} was promoted to production as v{version}", workload.name);
    let event = NewEvent::on_workload(id, EventKind::Promoted, text)
        .by(caller.id())
        .with(serde_json::json!({ "artifactId": artifact.id, "version": version }));
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let after = serde_json::json!({ "artifactId": artifact.id, "version": version });
    let act = Act::on(AuditAction::WorkloadPromote, id);
    audit::done(&mut write, house, caller, act, None, Some(after));
    write.commit().await?;
    house.controller.poke(id);
    house.controller.live().changed(id);
    full(house, caller, &workload).await
}
