//! The deadline of drafts (rules.md L9): a draft workload ends when its time is over; its record stays
//! readable for a day and then goes. A deadline that passed while the server was down is applied at start.

use super::facts;
use crate::{
    audit::{self, Act},
    credentials,
    error::Error,
    house::House,
    model::{AuditAction, EventId, EventKind, Millis, NewEvent, Timestamp, Wanted, Workload},
    rollout::plan,
};

/// How long the record of an expired workload stays readable.
const READABLE: Millis = Millis::hours(24);

/// When something will happen to it by itself; none when nothing will.
pub(crate) fn next_deadline(workload: &Workload) -> Option<Timestamp> {
    match workload.wanted {
        Wanted::Running | Wanted::Stopped => workload.expires_at,
        Wanted::Terminated => workload.ended_at.map(|ended| ended + READABLE),
        Wanted::Deleted => None,
    }
}

/// Applies a deadline that has passed; true when it changed the workload.
pub(crate) async fn deadline(house: &House, workload: &Workload) -> Result<bool, Error> {
    let now = house.now();
    if next_deadline(workload).is_none_or(|at| now < at) {
        return Ok(false);
    }
    let mut workload = workload.clone();
    let mut write = house.store.write().await?;
    if workload.wanted == Wanted::Terminated {
        workload.wanted = Wanted::Deleted;
    } else {
        if let Some(mut running) = write.running_replacement(&workload.id).await? {
            running.progress = plan::cut_short(&running.progress, now);
            running.note = Some("the draft deadline passed meanwhile".into());
            running.ended_at = Some(now);
            write.update_replacement(&mut running).await?;
        }
        workload.wanted = Wanted::Terminated;
        workload.expires_at = None;
        workload.ended_at = Some(now);
        let text = format!(
            "{} ended: a draft lives for {} unless it is promoted; its artifact is kept",
            workload.name, house.settings.draft_ttl
        );
        let event = NewEvent::on_workload(&workload.id, EventKind::WorkloadExpired, text).warning();
        write.event(&workload.org_id, event, now, EventId::from_bytes(house.id()));
        let act = Act::on(AuditAction::WorkloadExpire, &workload.id);
        audit::happened(&mut write, house, &workload.org_id, act, Some(facts(&workload)));
    }
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    let token = credentials::revoke_token(&mut write, &workload.id, now).await?;
    write.commit().await?;
    if let Some(token) = token {
        house.signed_in.remove_token(&token);
    }
    house.controller.live().changed(&workload.id);
    Ok(true)
}
