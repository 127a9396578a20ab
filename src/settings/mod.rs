//! Runtime settings: replicas, autoscaling, resources (rules.md L7). A change is a rolling replacement by
//! the same artifact in its present spec, so unchanged values redeploy it. What a change would do is told
//! before it is made ([`preview`]), by the same steps that make it.

mod preview;

pub use preview::{Roll, SettingsPreview, preview};

use crate::{
    access::{self, Caller},
    audit::{self, Act},
    bundles,
    error::Error,
    house::House,
    limits,
    model::{
        Action, Artifact, ArtifactStatus, AuditAction, EventId, EventKind, FlightRecord, NewEvent,
        Permission, Receipt, Replacement, ReplacementId, ReplacementKind, ReplacementRecord,
        RolloutConfig, SettingsRequest, Situation, Stage, Wanted, Workload, WorkloadId,
        WorkloadRuntime, WorkloadStatus, refusal,
    },
    replacement::{self, Move, begin},
    rollout::plan,
    store::Write,
    validate,
    workloads::{create::runnable, facts, record::missing},
};

pub async fn read(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<WorkloadRuntime, Error> {
    Ok(access::workload(house, caller, id, Permission::View).await?.runtime)
}

pub async fn change(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    request: SettingsRequest,
) -> Result<ReplacementRecord, Error> {
    let act = Act::on(AuditAction::WorkloadSettings, id);
    audit::attempt(house, caller, act, try_change(house, caller, id, request)).await
}

async fn try_change(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    request: SettingsRequest,
) -> Result<ReplacementRecord, Error> {
    let mut write = house.store.write().await?;
    let workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    let running = write.running_replacement(id).await?;
    if let Some(why) = why_not(&workload, running.as_ref()) {
        return Err(Error::Conflict(why));
    }
    let artifact = write
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", id))?;
    let runtime = settled(house, &workload, &artifact, &request.runtime)?;
    let name = name(&workload.runtime, &runtime);
    let event = NewEvent::on_workload(id, EventKind::SettingsChanged, name.clone())
        .by(caller.id())
        .with(serde_json::json!({ "before": workload.runtime, "after": runtime }));
    if workload.wanted == Wanted::Stopped {
        return keep_for_start(house, caller, write, workload, runtime, name, event).await;
    }
    let to = Move {
        kind: ReplacementKind::Settings,
        action: AuditAction::WorkloadSettings,
        name,
        config: RolloutConfig::default(),
        runtime,
        events: vec![event],
    };
    begin(house, caller, write, workload, &artifact, to).await
}

/// Why the settings can't be changed now; none when they can.
fn why_not(workload: &Workload, running: Option<&Replacement>) -> Option<String> {
    let situation = Situation {
        wanted: workload.wanted,
        status: WorkloadStatus::Running,
        artifact: ArtifactStatus::Draft,
        running,
    };
    refusal(Action::Settings, &situation)
}

/// What the workload has after `wanted` was merged into what it has now, checked.
fn settled(
    house: &House,
    workload: &Workload,
    artifact: &Artifact,
    wanted: &WorkloadRuntime,
) -> Result<WorkloadRuntime, Error> {
    let mut runtime = validate::merge_runtime(&workload.runtime, wanted);
    validate::runtime(&mut runtime, &artifact.spec)?;
    validate::scaling_metrics(&runtime, artifact.kind)?;
    bundles::resolve(house, &mut runtime)?;
    runnable(artifact)?;
    limits::replicas(house, &runtime)?;
    Ok(runtime)
}

/// What changed, for people.
fn name(before: &WorkloadRuntime, after: &WorkloadRuntime) -> String {
    let (old, new) = (count(before), count(after));
    if old != new {
        format!("settings: {old} → {new} replicas")
    } else if before == after {
        "settings: unchanged, rolled again".to_owned()
    } else {
        "settings: resources and scaling".to_owned()
    }
}

/// `2`, or `1 to 4` when they are scaled.
fn count(runtime: &WorkloadRuntime) -> String {
    match runtime.bounds() {
        (least, most) if least == most => most.to_string(),
        (least, most) => format!("{least} to {most}"),
    }
}

/// Nothing runs, so nothing rolls: the next start uses it.
async fn keep_for_start(
    house: &House,
    caller: &Caller,
    mut write: Write<'_>,
    mut workload: Workload,
    runtime: WorkloadRuntime,
    name: String,
    event: NewEvent,
) -> Result<ReplacementRecord, Error> {
    let now = house.now();
    let mut progress = plan::submitted(now);
    progress.stage = Stage::Done;
    let done = Replacement {
        id: ReplacementId::from_bytes(house.id()),
        org_id: workload.org_id.clone(),
        workload_id: workload.id.clone(),
        kind: ReplacementKind::Settings,
        name,
        candidate_artifact: workload.artifact_id.clone(),
        previous_artifact: Some(workload.artifact_id.clone()),
        candidate: None,
        previous: None,
        config: RolloutConfig::default(),
        start_budget: crate::model::Millis::ZERO,
        runtime: runtime.clone(),
        previous_runtime: workload.runtime.clone(),
        progress,
        note: Some("the workload is stopped; the new settings apply from its next start".into()),
        receipt: Receipt::default(),
        flight: FlightRecord::default(),
        user_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        ready_at: None,
        switched_at: None,
        retired_at: None,
        ended_at: Some(now),
        revision: 0,
    };
    let before = facts(&workload);
    workload.runtime = runtime;
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    write.insert_replacement(&done).await?;
    write.event(&workload.org_id, event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::WorkloadSettings, &workload.id);
    audit::done(&mut write, house, caller, act, Some(before), Some(facts(&workload)));
    write.commit().await?;
    house.controller.poke(&workload.id);
    replacement::record(house, &done).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::name;
    use crate::model::WorkloadRuntime;

    #[test]
    fn a_change_is_named_by_what_people_look_for() {
        let of = |group| -> WorkloadRuntime {
            serde_json::from_value(json!({ "containerGroups": [group] })).unwrap()
        };
        let fixed = of(json!({ "replicaCount": 2 }));
        let scaled = of(json!({ "autoscaling": { "minReplicaCount": 2, "maxReplicaCount": 4,
            "policies": [{ "scalingMetric": "httpRequestsConcurrency", "target": 8 }] } }));
        let sized = of(json!({ "replicaCount": 2, "resourceBundles": ["cpu.small"] }));
        assert_eq!(name(&fixed, &scaled), "settings: 2 → 2 to 4 replicas");
        assert_eq!(name(&scaled, &fixed), "settings: 2 to 4 → 2 replicas");
        assert_eq!(name(&fixed, &sized), "settings: resources and scaling");
        assert_eq!(name(&fixed, &fixed), "settings: unchanged, rolled again");
    }
}
