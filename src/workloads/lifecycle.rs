//! Start and stop (rules.md L10).

use super::{create::runnable, draft_is_free, facts, new_proton, record::missing};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::Error,
    house::House,
    limits,
    model::{
        Action, ArtifactState, ArtifactStatus, AuditAction, EventId, EventKind, NewEvent,
        Permission, Role, Situation, Wanted, WorkloadId, WorkloadStatus, refusal,
    },
    rollout::plan,
};

/// Whether there was anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Begun,
    /// It was so already.
    Already,
}

/// Starts a stopped workload on the present spec of its artifact. Gives a draft a fresh deadline.
pub async fn start(house: &House, caller: &Caller, id: &WorkloadId) -> Result<Effect, Error> {
    let act = Act::on(AuditAction::WorkloadStart, id);
    audit::attempt(house, caller, act, try_start(house, caller, id)).await
}

async fn try_start(house: &House, caller: &Caller, id: &WorkloadId) -> Result<Effect, Error> {
    let mut write = house.store.write().await?;
    let mut workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    let active = match &workload.active_proton {
        Some(id) => write.proton(id).await?.map(|p| p.status),
        None => None,
    };
    let status = workload.status(active);
    let errored = status == WorkloadStatus::Errored;
    if workload.wanted == Wanted::Running && !errored {
        return Ok(Effect::Already);
    }
    let situation = Situation {
        wanted: workload.wanted,
        status,
        artifact: ArtifactStatus::Draft,
        running: None,
    };
    if let Some(why) = refusal(Action::Start, &situation) {
        return Err(Error::Conflict(why));
    }
    let now = house.now();
    let artifact = write
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", id))?;
    runnable(&artifact)?;
    draft_is_free(&mut write, caller, &artifact, Some(id)).await?;
    limits::one_more(house, &mut write, caller.org()).await?;
    limits::replicas(house, &workload.runtime)?;
    let (by, runtime) = (caller.id(), &workload.runtime);
    let proton = new_proton(house, &mut write, by, id, &artifact, runtime, Role::Active).await?;
    workload.wanted = Wanted::Running;
    workload.active_proton = Some(proton.id.clone());
    workload.expires_at = match artifact.state {
        ArtifactState::Draft => Some(now + house.settings.draft_ttl),
        ArtifactState::Locked { .. } => None,
    };
    workload.updated_at = now;
    write.insert_proton(&proton).await?;
    write.update_workload(&mut workload).await?;
    let text = format!("{} was started on {}", workload.name, proton.snapshot.label);
    let event = NewEvent::on_workload(id, EventKind::WorkloadStarted, text).by(caller.id());
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::WorkloadStart, id);
    audit::done(&mut write, house, caller, act, None, Some(facts(&workload)));
    write.commit().await?;
    house.controller.poke(id);
    Ok(Effect::Begun)
}

/// Drains and stops what runs, and keeps everything else. A replacement that goes on is cancelled first.
pub async fn stop(house: &House, caller: &Caller, id: &WorkloadId) -> Result<Effect, Error> {
    let act = Act::on(AuditAction::WorkloadStop, id);
    audit::attempt(house, caller, act, try_stop(house, caller, id)).await
}

async fn try_stop(house: &House, caller: &Caller, id: &WorkloadId) -> Result<Effect, Error> {
    let mut write = house.store.write().await?;
    let mut workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    if workload.wanted != Wanted::Running {
        return Ok(Effect::Already);
    }
    let now = house.now();
    if let Some(mut running) = write.running_replacement(id).await? {
        running.progress = plan::cut_short(&running.progress, now);
        running.note = Some("the workload was stopped meanwhile".into());
        running.ended_at = Some(now);
        running.updated_at = now;
        let text = format!("{}: ended because the workload was stopped", running.name);
        let event =
            NewEvent::on_workload(id, EventKind::ReplacementCancelled, text).by(caller.id());
        write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
        write.update_replacement(&mut running).await?;
    }
    workload.wanted = Wanted::Stopped;
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    let text = format!("{} is being stopped", workload.name);
    let event = NewEvent::on_workload(id, EventKind::WorkloadStopped, text).by(caller.id());
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::WorkloadStop, id);
    audit::done(&mut write, house, caller, act, None, Some(facts(&workload)));
    write.commit().await?;
    house.controller.poke(id);
    Ok(Effect::Begun)
}
