//! Writing one step of a replacement: the step, what it changes about the workload and its protons, and
//! what is told about it, in one transaction.

use super::evidence::evidence;
use crate::{
    audit::{self, Act},
    error::Error,
    house::House,
    model::{
        AuditAction, Cause, Course, EventId, EventKind, FlightRecord, Millis, NewEvent, Outcome,
        Progress, Proton, ProtonStatus, Replacement, Role, Stage, Workload,
    },
    store::Write,
};

/// What was seen around the step and is kept with it.
pub(super) struct Around {
    /// Monotonic time spent in the stage that ends.
    pub(super) elapsed: Millis,
    /// Open on the side that lost the traffic.
    pub(super) open: u64,
    pub(super) flight: Option<FlightRecord>,
    pub(super) candidate: Option<Proton>,
    pub(super) previous: Option<Proton>,
}

/// Writes `to` as the replacement's next step. Nothing is written when anything else has changed the
/// workload or the replacement since they were read.
pub(super) async fn write(
    house: &House,
    workload: &Workload,
    replacement: &Replacement,
    mut to: Progress,
    around: Around,
) -> Result<(), Error> {
    let now = house.now();
    let from = &replacement.progress;
    let mut next = replacement.clone();
    let mut workload = workload.clone();
    let mut write = house.store.write().await?;

    let entered = from.stage != to.stage || from.course != to.course;
    if entered {
        match (&to.course, to.stage) {
            (Course::Forward, Stage::Ready) => next.ready_at = Some(now),
            (Course::Forward, Stage::Switching) => {
                next.switched_at = Some(now);
                let ready_to_switched = next.ready_at.map(|ready| now.since(ready).0);
                next.receipt.ready_to_switched_ms = ready_to_switched;
                workload.artifact_id = next.candidate_artifact.clone();
                workload.runtime = next.runtime.clone();
                workload.active_proton = next.candidate.clone();
                write.update_workload(&mut workload).await?;
                // It is ready, or it would not be here; what was told of it last may be older. The workload
                // takes its status from it from now on, and stays running (rules.md L4).
                let candidate = around.candidate.map(|candidate| Proton {
                    status: ProtonStatus::Running,
                    message: None,
                    running_since: candidate.running_since.or(Some(now)),
                    ..candidate
                });
                roles(&mut write, around.previous, None, candidate, now).await?;
            }
            (Course::Back(_), Stage::Switching) => {
                if let Some(artifact) = &next.previous_artifact {
                    workload.artifact_id = artifact.clone();
                }
                workload.runtime = next.previous_runtime.clone();
                workload.active_proton = next.previous.clone();
                write.update_workload(&mut workload).await?;
                roles(&mut write, around.candidate, None, around.previous, now).await?;
            }
            (_, Stage::Cleaning) if matches!(from.stage, Stage::Draining | Stage::Keeping) => {
                next.receipt.cut_at_cap += around.open;
            }
            (course, Stage::Done) => {
                next.ended_at = Some(now);
                if *course == Course::Forward {
                    next.retired_at = Some(now);
                }
                let leaver =
                    if *course == Course::Forward { around.previous } else { around.candidate };
                if let Some(mut leaver) = leaver {
                    leaver.role = None;
                    leaver.updated_at = now;
                    write.update_proton(&leaver).await?;
                }
            }
            _ => {}
        }
        if let Some(flight) = around.flight {
            next.flight = flight;
        }
        if from.course == Course::Forward
            && let Course::Withdraw(Cause::Failed(why)) | Course::Back(Cause::Failed(why)) =
                &mut to.course
            && let Some(evidence) = evidence(&next.flight, why)
        {
            why.push_str("; ");
            why.push_str(&evidence);
        }
        if to.stage == Stage::Done {
            let act = Act::on(AuditAction::WorkloadReplaced, &next.workload_id);
            let after = serde_json::json!({
                "replacementId": next.id,
                "artifactId": workload.artifact_id,
                "outcome": to.outcome().map(|outcome| format!("{outcome:?}").to_lowercase()),
            });
            audit::happened(&mut write, house, &next.org_id, act, Some(after));
        }
        for event in told(&next, from, &to, around.elapsed) {
            write.event(&next.org_id, event, now, EventId::from_bytes(house.id()));
        }
    }
    next.progress = to;
    next.updated_at = now;
    write.update_replacement(&mut next).await?;
    write.commit().await?;
    Ok(())
}

async fn roles(
    write: &mut Write<'_>,
    loser: Option<Proton>,
    loser_role: Option<Role>,
    winner: Option<Proton>,
    now: crate::model::Timestamp,
) -> Result<(), Error> {
    // The loser first: there is never more than one active proton, not even inside the transaction.
    for (proton, role) in [(loser, loser_role), (winner, Some(Role::Active))] {
        if let Some(mut proton) = proton {
            proton.role = role;
            proton.updated_at = now;
            write.update_proton(&proton).await?;
        }
    }
    Ok(())
}

/// The events of a step.
fn told(
    replacement: &Replacement,
    from: &Progress,
    to: &Progress,
    elapsed: Millis,
) -> Vec<NewEvent> {
    let name = &replacement.name;
    let about = |kind, message: String| {
        let details = serde_json::json!({
            "replacementId": replacement.id,
            "stage": to.stage.public_word(),
        });
        NewEvent::on_workload(&replacement.workload_id, kind, message).with(details)
    };
    let event = match (&to.course, from.stage, to.stage) {
        (Course::Forward, Stage::Starting, Stage::Ready) => about(
            EventKind::CandidateReady,
            format!("{name}: the new version is ready after {elapsed}"),
        ),
        (Course::Forward, Stage::Ready | Stage::Warming | Stage::Held, Stage::Starting) => about(
            EventKind::StatusChanged,
            format!("{name}: the new version lost readiness before it had traffic; it starts over"),
        )
        .warning(),
        (Course::Forward, Stage::Switching, Stage::Draining) => {
            about(EventKind::TrafficSwitched, format!("{name}: new requests go to the new version"))
        }
        (Course::Back(_), Stage::Switching, Stage::Draining) => about(
            EventKind::TrafficSwitched,
            format!("{name}: new requests go to the old version again"),
        )
        .warning(),
        (_, _, Stage::Done) => return vec![ending(replacement, to, &about)],
        _ => return Vec::new(),
    };
    vec![event]
}

fn ending(
    replacement: &Replacement,
    to: &Progress,
    about: &dyn Fn(EventKind, String) -> NewEvent,
) -> NewEvent {
    let name = &replacement.name;
    match (to.outcome(), &to.course) {
        (Some(Outcome::Completed), _) => {
            let receipt = replacement.receipt;
            about(
                EventKind::ReplacementCompleted,
                format!(
                    "{name}: done; {} requests answered meanwhile, {} failed",
                    receipt.served_by_old + receipt.served_by_new,
                    receipt.failed
                ),
            )
        }
        (_, Course::Withdraw(Cause::Failed(why)) | Course::Back(Cause::Failed(why))) => about(
            EventKind::ReplacementFailed,
            format!("{name}: failed, the old version serves on: {why}"),
        )
        .warning(),
        (Some(Outcome::RolledBack), _) => about(
            EventKind::ReplacementCancelled,
            format!("{name}: switched back, the old version serves again"),
        ),
        _ => about(
            EventKind::ReplacementCancelled,
            format!("{name}: cancelled before it had traffic, the old version serves on"),
        ),
    }
}
