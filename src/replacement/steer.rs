//! Steering a replacement that goes on: what a person asks is written down as an input of the plan, which
//! decides what becomes of it.

use super::record;
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::{Error, FieldError},
    house::House,
    model::{
        Action, Ask, AuditAction, Course, EventId, EventKind, Gate, Millis, NewEvent, Permission,
        Replacement, ReplacementRecord, WorkloadId, steering_refusal,
    },
    store::StoreError,
};

/// The most one can extend a wait by at once: a day.
const LONGEST_EXTENSION: u32 = 24 * 60;

/// A worker writes the same row now and then; a person's wish is worth another try.
const TRIES: u32 = 5;

/// Cancels before the switch, switches back after it; whichever applies now. Asking twice does no harm.
pub async fn withdraw(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<ReplacementRecord, Error> {
    let act = Act::on(AuditAction::WorkloadSteer, id);
    audit::attempt(house, caller, act, Box::pin(try_withdraw(house, caller, id))).await
}

async fn try_withdraw(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<ReplacementRecord, Error> {
    let workload = access::workload(house, caller, id, Permission::Update).await?;
    let newest = house.store.latest_replacement(&workload.id).await?;
    let Some(running) = newest.filter(|r| !r.progress.is_over()) else {
        return Err(Error::NotFound("replacement"));
    };
    let asked = running.progress.ask == Some(Ask::Withdraw);
    if asked || running.progress.course != Course::Forward {
        return record(house, &running).await;
    }
    match steer_patiently(house, caller, id, Action::Cancel, None).await {
        Err(Error::Conflict(_)) => steer_patiently(house, caller, id, Action::Rollback, None).await,
        other => other,
    }
}

/// Carries out one of cancel, rollback, hold, release, switch, extend (by `minutes`) and finish.
pub async fn steer(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    action: Action,
    minutes: Option<u32>,
) -> Result<ReplacementRecord, Error> {
    let act = Act::on(AuditAction::WorkloadSteer, id);
    audit::attempt(house, caller, act, steer_patiently(house, caller, id, action, minutes)).await
}

async fn steer_patiently(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    action: Action,
    minutes: Option<u32>,
) -> Result<ReplacementRecord, Error> {
    let workload = access::workload(house, caller, id, Permission::Update).await?;
    for attempt in 1.. {
        match try_steer(house, caller, &workload.id, action, minutes).await {
            Err(Tried::Raced) if attempt < TRIES => {}
            Err(Tried::Raced) => return Err(StoreError::Conflict { what: "replacement" }.into()),
            Err(Tried::Failed(error)) => return Err(error),
            Ok(replacement) => return record(house, &replacement).await,
        }
    }
    Err(Error::NotFound("replacement"))
}

enum Tried {
    Raced,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Tried {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn try_steer(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    action: Action,
    minutes: Option<u32>,
) -> Result<Replacement, Tried> {
    let now = house.now();
    let mut write = house.store.write().await?;
    let mut replacement =
        write.running_replacement(id).await?.ok_or(Error::NotFound("replacement"))?;
    if let Some(why) = steering_refusal(action, &replacement.progress) {
        return Err(Tried::Failed(Error::Conflict(why)));
    }
    let progress = &mut replacement.progress;
    let said = match action {
        Action::Cancel => {
            progress.ask = Some(Ask::Withdraw);
            "cancelled"
        }
        Action::Rollback => {
            progress.ask = Some(Ask::Withdraw);
            "told to switch back"
        }
        Action::Hold => {
            progress.gate = Gate::Held;
            "held before the switch"
        }
        Action::Release => {
            progress.gate = Gate::Open;
            "released"
        }
        Action::Switch => {
            progress.gate = Gate::Open;
            progress.ask = Some(Ask::SwitchNow);
            "told to switch now"
        }
        Action::Finish => {
            progress.ask = Some(Ask::Finish);
            "told to stop keeping the old version"
        }
        Action::Extend => {
            progress.limit = progress.limit.saturating_add(extension(minutes)?);
            "given more time"
        }
        _ => {
            return Err(Tried::Failed(Error::BadRequest(format!(
                "{action} does not steer a replacement"
            ))));
        }
    };
    replacement.updated_at = now;
    let text = format!("{}: {said}", replacement.name);
    let details = serde_json::json!({
        "replacementId": replacement.id, "action": action, "minutes": minutes,
    });
    let act = Act::on(AuditAction::WorkloadSteer, id);
    audit::done(&mut write, house, caller, act, None, Some(details.clone()));
    let event = NewEvent::on_workload(id, EventKind::ReplacementSteered, text)
        .by(caller.id())
        .with(details);
    match write.update_replacement(&mut replacement).await {
        Err(StoreError::Conflict { .. }) => return Err(Tried::Raced),
        other => other?,
    }
    write.event(&replacement.org_id, event, now, EventId::from_bytes(house.id()));
    write.commit().await?;
    house.controller.poke(id);
    Ok(replacement)
}

fn extension(minutes: Option<u32>) -> Result<Millis, Error> {
    match minutes {
        Some(minutes @ 1..=LONGEST_EXTENSION) => Ok(Millis::minutes(minutes.into())),
        _ => Err(Error::Invalid(vec![FieldError::body(
            "minutes",
            format!("say by how many minutes to extend, from 1 to {LONGEST_EXTENSION}"),
        )])),
    }
}
