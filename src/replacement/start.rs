//! Starting a replacement (rules.md L6.2): the record and the candidate exist, and are visible, before the
//! answer is sent.

use super::record;
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    bundles, credentials,
    error::{Error, FieldError},
    house::House,
    limits,
    model::{
        Action, Artifact, ArtifactStatus, AuditAction, EventId, EventKind, FlightRecord, Millis,
        NewEvent, Permission, Probe, Receipt, ReplaceRequest, Replacement, ReplacementId,
        ReplacementKind, ReplacementRecord, Role, RolloutConfig, Situation, Spec, Wanted, Workload,
        WorkloadId, WorkloadRuntime, WorkloadStatus, refusal,
    },
    rollout::plan,
    scaling::Rules,
    store::Write,
    validate,
    workloads::{
        create::{label, runnable},
        draft_is_free, new_proton,
        record::missing,
    },
};

/// The longest warm-up and keep window one may ask for: a week.
const LONGEST_MINUTES: u32 = 7 * 24 * 60;

/// Puts another artifact, or a draft's new spec, behind the endpoint.
pub async fn replace(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    request: ReplaceRequest,
) -> Result<ReplacementRecord, Error> {
    let act = Act::on(AuditAction::WorkloadReplace, id);
    audit::attempt(house, caller, act, try_replace(house, caller, id, request)).await
}

async fn try_replace(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    request: ReplaceRequest,
) -> Result<ReplacementRecord, Error> {
    let mut write = house.store.write().await?;
    let workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    let wanted = &request.artifact_id;
    let candidate = access::artifact_in(&mut write, caller, wanted, Permission::View).await?;
    if workload.wanted != Wanted::Running {
        return Err(Error::Refused(not_running(&workload)));
    }
    let running = idle(&mut write, id).await?;
    if let Some(why) = running {
        return Err(Error::Conflict(why));
    }
    let present = write
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", id))?;
    let same = present.id == candidate.id;
    let (config, runtime) = settle(house, &workload.runtime, &present, &candidate, request)?;
    let running = match &workload.active_proton {
        Some(id) => write.proton(id).await?,
        None => None,
    };
    // What it runs already, whoever rolls it out again, it may go on running.
    let running = running.map(|proton| proton.snapshot.spec).unwrap_or_default();
    let usable = credentials::usable_where_new(&mut write, caller, &candidate.spec, &running).await;
    usable.map_err(|error| validate::under("artifact", error))?;
    draft_is_free(&mut write, caller, &candidate, Some(id)).await?;
    limits::replicas(house, &runtime)?;
    let to = Move {
        kind: ReplacementKind::Replace,
        action: AuditAction::WorkloadReplace,
        name: if same {
            again(&mut write, &workload, &candidate).await?
        } else {
            format!("{} → {}", label(&present), label(&candidate))
        },
        config,
        runtime,
        events: vec![],
    };
    begin(house, caller, write, workload, &candidate, to).await
}

/// What a request comes to, as far as that follows from what runs and what is to run.
pub(super) fn settle(
    house: &House,
    current: &WorkloadRuntime,
    present: &Artifact,
    candidate: &Artifact,
    request: ReplaceRequest,
) -> Result<(RolloutConfig, WorkloadRuntime), Error> {
    if let Some(why) = mismatch(present, candidate) {
        return Err(Error::BadRequest(why));
    }
    let same = present.id == candidate.id;
    let locked = candidate.state.status() == ArtifactStatus::Locked;
    if same && locked && request.runtime.is_none() && request.config.is_none() {
        return Err(Error::Refused(
            "the workload runs this locked artifact already; choose another version, or send 'config' or 'runtime' to roll it anew".into(),
        ));
    }
    let config = request.config.unwrap_or_default();
    check(config)?;
    if present.kind != candidate.kind {
        return Err(Error::Refused(format!(
            "the workload is of type {}, this artifact is of type {}",
            present.kind, candidate.kind
        )));
    }
    let mut runtime = match request.runtime {
        Some(wanted) => validate::settled_runtime(current, wanted),
        None => current.clone(),
    };
    validate::runtime(&mut runtime, &candidate.spec)?;
    validate::scaling_metrics(&runtime, candidate.kind)?;
    bundles::resolve(house, &mut runtime)?;
    runnable(candidate)?;
    Ok((config, runtime))
}

/// What rolling out the same artifact is called. A draft that was edited since it started is another
/// version to people.
async fn again(
    write: &mut Write<'_>,
    workload: &Workload,
    candidate: &Artifact,
) -> Result<String, Error> {
    let after = label(candidate);
    let running = match &workload.active_proton {
        Some(id) => write.proton(id).await?,
        None => None,
    };
    Ok(match running.map(|proton| proton.snapshot.label) {
        Some(before) if before != after => format!("{before} → {after}"),
        _ => format!("{after} again"),
    })
}

fn not_running(workload: &Workload) -> String {
    let situation = Situation {
        wanted: workload.wanted,
        status: WorkloadStatus::Stopped,
        artifact: ArtifactStatus::Draft,
        running: None,
    };
    refusal(Action::Replace, &situation).unwrap_or_else(|| "it is not running".into())
}

/// Why nothing may be begun now: another replacement goes on. None when nothing does.
pub(crate) async fn idle(write: &mut Write<'_>, id: &WorkloadId) -> Result<Option<String>, Error> {
    let Some(running) = write.running_replacement(id).await? else { return Ok(None) };
    let situation = Situation {
        wanted: Wanted::Running,
        status: WorkloadStatus::Running,
        artifact: ArtifactStatus::Draft,
        running: Some(&running),
    };
    Ok(refusal(Action::Replace, &situation))
}

/// A draft is replaced by a draft, a locked version by a locked one.
pub(super) fn mismatch(present: &Artifact, candidate: &Artifact) -> Option<String> {
    match (present.state.status(), candidate.state.status()) {
        (ArtifactStatus::Draft, ArtifactStatus::Locked) => Some(
            "the workload runs a draft and takes drafts only; to run a locked version, promote the draft or create a workload from that version".into(),
        ),
        (ArtifactStatus::Locked, ArtifactStatus::Draft) => {
            Some("the workload runs a locked version and takes locked versions only; lock the draft first".into())
        }
        _ => None,
    }
}

fn check(config: RolloutConfig) -> Result<(), Error> {
    let fields = [
        ("config.warmupDurationMinutes", config.warmup_duration_minutes),
        ("config.keepOldVersionMinutes", config.keep_old_version_minutes),
    ];
    let wrong: Vec<_> = fields
        .into_iter()
        .filter(|(_, minutes)| *minutes > LONGEST_MINUTES)
        .map(|(path, _)| {
            FieldError::body(path, format!("at most {LONGEST_MINUTES} minutes (a week)"))
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What kind of move it is, and with what.
pub(crate) struct Move {
    pub(crate) kind: ReplacementKind,
    /// What the audit trail calls it.
    pub(crate) action: AuditAction,
    pub(crate) name: String,
    pub(crate) config: RolloutConfig,
    pub(crate) runtime: WorkloadRuntime,
    /// Told besides the start itself.
    pub(crate) events: Vec<NewEvent>,
}

/// Writes the record and its candidate, commits, and wakes the controller.
pub(crate) async fn begin(
    house: &House,
    caller: &Caller,
    mut write: Write<'_>,
    mut workload: Workload,
    artifact: &Artifact,
    to: Move,
) -> Result<ReplacementRecord, Error> {
    let now = house.now();
    let (by, to_run) = (caller.id(), &to.runtime);
    let mut candidate =
        new_proton(house, &mut write, by, &workload.id, artifact, to_run, Role::Candidate).await?;
    if let (Some(rules), Some(active)) = (Rules::of(&to.runtime), &workload.active_proton) {
        let present = write.proton(active).await?.map_or(0, |active| active.replicas);
        candidate.replicas = rules.begin_with(present);
    }
    let replacement = Replacement {
        id: ReplacementId::from_bytes(house.id()),
        org_id: workload.org_id.clone(),
        workload_id: workload.id.clone(),
        kind: to.kind,
        name: to.name,
        candidate_artifact: artifact.id.clone(),
        previous_artifact: Some(workload.artifact_id.clone()),
        candidate: Some(candidate.id.clone()),
        previous: workload.active_proton.clone(),
        config: to.config,
        start_budget: start_budget(&artifact.spec),
        runtime: to.runtime,
        previous_runtime: workload.runtime.clone(),
        progress: plan::submitted(now),
        note: None,
        receipt: Receipt::default(),
        flight: FlightRecord::default(),
        user_id: caller.id().clone(),
        created_at: now,
        updated_at: now,
        ready_at: None,
        switched_at: None,
        retired_at: None,
        ended_at: None,
        revision: 0,
    };
    write.insert_proton(&candidate).await?;
    write.insert_replacement(&replacement).await?;
    // Bumps the revision: of two that begin at the same moment, one fails as a conflict.
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    let text = format!("{}: started", replacement.name);
    let details = serde_json::json!({
        "replacementId": replacement.id,
        "candidateArtifactId": replacement.candidate_artifact,
        "previousArtifactId": replacement.previous_artifact,
        "config": replacement.config,
    });
    let started = NewEvent::on_workload(&workload.id, EventKind::ReplacementStarted, text)
        .by(caller.id())
        .with(details);
    let act = Act::on(to.action, &workload.id);
    let before = serde_json::json!({
        "artifactId": workload.artifact_id, "runtime": workload.runtime,
    });
    let after = serde_json::json!({
        "replacementId": replacement.id,
        "artifactId": replacement.candidate_artifact,
        "runtime": replacement.runtime,
        "config": replacement.config,
    });
    audit::done(&mut write, house, caller, act, Some(before), Some(after));
    for event in to.events.into_iter().chain([started]) {
        write.event(&workload.org_id, event, now, EventId::from_bytes(house.id()));
    }
    write.commit().await?;
    house.controller.poke(&workload.id);
    record(house, &replacement).await
}

/// What the probes themselves allow for becoming ready.
pub(crate) fn start_budget(spec: &Spec) -> Millis {
    let probes = spec
        .container_groups
        .iter()
        .flat_map(|group| &group.containers)
        .map(|c| {
            let seconds = |probe: &Option<Probe>| probe.as_ref().map_or(0, Probe::budget_seconds);
            seconds(&c.startup_probe) + seconds(&c.readiness_probe)
        })
        .max();
    Millis::seconds(probes.unwrap_or(0))
}
