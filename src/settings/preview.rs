//! What a change of settings would do, for the page that asks before it is made.
//!
//! Known limitation: it is what would happen now. Between looking and saving somebody else may change the
//! workload; whoever saves says what they looked at (see [`crate::access::Expected`]).

use super::{settled, why_not};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    model::{Millis, Permission, Wanted, WorkloadId, WorkloadRuntime},
    replacement::start_budget,
    scaling::Rules,
    workloads::record::missing,
};

#[derive(Debug, Clone, PartialEq)]
pub struct SettingsPreview {
    pub before: WorkloadRuntime,
    pub after: WorkloadRuntime,
    /// None when nothing runs: then nothing rolls, and the next start uses the new settings.
    pub roll: Option<Roll>,
    /// The stored draft is not what is running, and a roll brings its edits along.
    pub edited_since_start: bool,
    /// Why the settings can't be changed now; none when they can.
    pub refusal: Option<String>,
}

/// The replicas of a rolling change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roll {
    /// How many are wanted now.
    pub present: u32,
    /// How many start beside them.
    pub starts: u32,
    /// How long these may take to become ready.
    pub within: Millis,
}

/// # Errors
/// As [`super::change`] would fail, but for what the state does not allow now: that is in
/// [`SettingsPreview::refusal`].
pub async fn preview(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    wanted: &WorkloadRuntime,
) -> Result<SettingsPreview, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let artifact = house
        .store
        .artifact(&workload.org_id, &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", id))?;
    let after = settled(house, &workload, &artifact, wanted)?;
    let running = house.store.latest_replacement(id).await?.filter(|r| !r.progress.is_over());
    let active = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let present = active.as_ref().map_or(0, |proton| proton.replicas);
    let roll = (workload.wanted == Wanted::Running).then(|| Roll {
        present,
        starts: match Rules::of(&after) {
            Some(rules) if active.is_some() => rules.begin_with(present),
            _ => after.replicas(),
        },
        within: house.settings.start_deadline.max(start_budget(&artifact.spec)),
    });
    Ok(SettingsPreview {
        edited_since_start: active.is_some_and(|proton| proton.snapshot.spec != artifact.spec),
        refusal: why_not(&workload, running.as_ref()),
        before: workload.runtime,
        after,
        roll,
    })
}
