//! Puts together what clients read as a replacement (rules.md §5.6, §17.4).

use crate::{
    creator::Creators,
    error::Error,
    house::House,
    model::{
        Cause, Course, Outcome, Receipt, Replacement, ReplacementKind, ReplacementRecord, Stage,
        UserData, steering,
    },
    rollout::{live::RolloutLook, words},
};

pub async fn record(house: &House, of: &Replacement) -> Result<ReplacementRecord, Error> {
    let user = Creators::new(house).get(&of.user_id).await?;
    Ok(record_by(house, of, user))
}

/// The same when it is known who asked for it: in a list, people are looked up once.
pub(crate) fn record_by(house: &House, of: &Replacement, user: UserData) -> ReplacementRecord {
    let look = house.controller.live().look(&of.workload_id);
    let newer = look
        .as_ref()
        .and_then(|look| look.rollout.clone())
        .filter(|rollout| rollout.id == of.id && !of.progress.is_over());
    let candidate = newer.as_ref().and_then(|newer| newer.candidate.as_ref());
    let outcome = of.progress.outcome();
    let open = newer.as_ref().map_or(0, |n| n.open);
    let failure = of.progress.failure().map(str::to_owned);
    ReplacementRecord {
        id: of.id.clone(),
        name: of.name.clone(),
        workload_id: of.workload_id.clone(),
        kind: of.kind,
        status: of.progress.status(),
        strategy: "rolling".to_owned(),
        config: of.config,
        runtime: of.runtime.clone(),
        candidate_artifact_id: of.candidate_artifact.clone(),
        artifact_id: of.candidate_artifact.clone(),
        previous_artifact_id: of.previous_artifact.clone(),
        candidate_proton_ids: of.candidate.iter().cloned().collect(),
        previous_proton_ids: of.previous.clone().map(|id| vec![id]),
        message: message(of),
        reason: failure,
        cancelled: matches!(
            &of.progress.course,
            Course::Withdraw(Cause::Asked) | Course::Back(Cause::Asked)
        ),
        rolled_back: matches!(of.progress.course, Course::Back(_))
            || outcome == Some(Outcome::Cancelled),
        stage: of.progress.stage.public_word().to_owned(),
        stage_since: of.progress.since,
        stage_until: until(house, of, newer.as_ref()),
        waiting_for: words::waiting_for(&of.progress, candidate, open),
        next: words::next(&of.progress, of.config),
        receipt: receipt(of, newer.as_ref()),
        flight_record: of.flight.clone(),
        allowed: steering(&of.progress),
        created_at: of.created_at,
        updated_at: of.updated_at,
        started_at: of.created_at,
        ready_at: of.ready_at,
        switched_at: of.switched_at,
        deployed_at: of.switched_at,
        retired_at: of.retired_at,
        deleted_at: None,
        is_deleted: false,
        user_id: of.user_id.clone(),
        user,
        tenant_id: of.org_id.clone(),
    }
}

fn receipt(of: &Replacement, newer: Option<&RolloutLook>) -> Receipt {
    newer.map_or(of.receipt, |newer| Receipt {
        cut_at_cap: of.receipt.cut_at_cap,
        ready_to_switched_ms: of.receipt.ready_to_switched_ms,
        ..newer.receipt
    })
}

/// When the stage ends by itself, on the wall clock of people.
fn until(
    house: &House,
    of: &Replacement,
    newer: Option<&RolloutLook>,
) -> Option<crate::model::Timestamp> {
    if of.progress.stage == Stage::Done {
        return None;
    }
    let spent = newer.map_or(of.progress.spent, |newer| newer.elapsed.max(of.progress.spent));
    Some(house.now() + of.progress.limit.saturating_sub(spent))
}

fn message(of: &Replacement) -> Option<String> {
    let outcome = match (&of.progress.course, of.progress.outcome()) {
        (Course::Withdraw(Cause::Failed(why)), _) => {
            Some(format!("{why}. The old version never stopped serving."))
        }
        (Course::Back(Cause::Failed(why)), _) => {
            Some(format!("{why}. Traffic was put back on the old version."))
        }
        (_, Some(Outcome::Cancelled)) => {
            Some("Cancelled before the switch. The old version never stopped serving.".to_owned())
        }
        (_, Some(Outcome::RolledBack)) => {
            Some("Switched back: the old version serves again.".to_owned())
        }
        (_, Some(Outcome::Completed))
            if of.receipt.served_by_new == 0 && of.kind != ReplacementKind::Promote =>
        {
            Some("No request arrived during the replacement, so none has shown that the new version answers live traffic.".to_owned())
        }
        _ => None,
    };
    match (outcome, &of.note) {
        (Some(outcome), Some(note)) => Some(format!("{outcome} Note: {note}.")),
        (Some(outcome), None) => Some(outcome),
        (None, note) => note.clone(),
    }
}
