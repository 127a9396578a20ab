//! What may be done now. Computed once, and used by buttons, API errors and tests alike, so that a button
//! that can't be pressed and a request that is refused give the same reason.

use serde::{Deserialize, Serialize};

use super::{
    ArtifactStatus, Course, Gate, Permission, Permissions, Progress, Replacement, Stage, Wanted,
    WorkloadStatus, words,
};

words! {
    Action {
        Start = "start", Stop = "stop", Delete = "delete", Edit = "edit", Replace = "replace",
        Settings = "settings", Promote = "promote", Cancel = "cancel", Rollback = "rollback",
        Hold = "hold", Release = "release", Switch = "switch", Extend = "extend", Finish = "finish",
    }
}

/// One action and whether it may be done now; when not, the reason is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Allowed {
    pub action: Action,
    pub allowed: bool,
    pub reason: Option<String>,
}

impl Allowed {
    fn from(action: Action, refusal: Option<String>) -> Self {
        Self { action, allowed: refusal.is_none(), reason: refusal }
    }

    /// Said to somebody whose role is too small, whatever the action.
    #[must_use]
    pub const fn refusal_of_role() -> &'static str {
        "your role here does not allow that; ask one of its owners"
    }
}

/// The same for somebody who holds only these permissions.
#[must_use]
pub fn narrowed(all: Vec<Allowed>, held: Permissions) -> Vec<Allowed> {
    let needed = |action| match action {
        Action::Delete => Permission::Delete,
        _ => Permission::Update,
    };
    let refused = || Allowed::refusal_of_role().to_owned();
    all.into_iter()
        .map(|one| {
            if held.holds(needed(one.action)) {
                one
            } else {
                Allowed::from(one.action, Some(refused()))
            }
        })
        .collect()
}

/// What the legality of a workload's actions depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub wanted: Wanted,
    pub status: WorkloadStatus,
    pub artifact: ArtifactStatus,
    /// The replacement that is going on; none when there is none or it is over.
    pub running: Option<&'a Replacement>,
}

/// Every action on the workload itself. Steering a replacement is [`steering`].
#[must_use]
pub fn workload_actions(now: &Situation<'_>) -> Vec<Allowed> {
    [
        Action::Start,
        Action::Stop,
        Action::Replace,
        Action::Settings,
        Action::Promote,
        Action::Edit,
        Action::Delete,
    ]
    .into_iter()
    .map(|action| Allowed::from(action, refusal(action, now)))
    .collect()
}

/// Why `action` may not be done now; none when it may.
#[must_use]
pub fn refusal(action: Action, now: &Situation<'_>) -> Option<String> {
    let busy = now.running.map(|r| {
        format!("a replacement is still going on ({}); wait for it, or cancel it", r.name)
    });
    match action {
        Action::Delete | Action::Edit => None,
        Action::Start => match (now.wanted, now.status) {
            (Wanted::Terminated | Wanted::Deleted, _) => {
                Some("its draft deadline has passed, so it can't be started again; create a new workload from the artifact".into())
            }
            (_, WorkloadStatus::Stopping) => Some("it is still stopping; start it when it has stopped".into()),
            (_, WorkloadStatus::Errored) => Some("it has failed; stop it first, then start it".into()),
            (Wanted::Running, _) => Some("it is already running".into()),
            (Wanted::Stopped, _) => None,
        },
        Action::Stop => (now.wanted != Wanted::Running).then(|| "it is not running".into()),
        Action::Replace => match now.wanted {
            Wanted::Running => busy,
            _ => Some("it is not running, so there is nothing to replace; start it first".into()),
        },
        Action::Settings => match now.wanted {
            Wanted::Terminated | Wanted::Deleted => Some("its draft deadline has passed".into()),
            _ => busy,
        },
        Action::Promote => {
            if now.artifact == ArtifactStatus::Locked {
                Some("it already runs a locked artifact; only a draft can be promoted".into())
            } else if now.status != WorkloadStatus::Running {
                Some(format!("it is {}; only a running workload can be promoted", now.status))
            } else {
                busy
            }
        }
        _ => Some("that steers a replacement; none is addressed here".into()),
    }
}

/// Every action on a replacement.
#[must_use]
pub fn steering(progress: &Progress) -> Vec<Allowed> {
    [
        Action::Cancel,
        Action::Rollback,
        Action::Hold,
        Action::Release,
        Action::Switch,
        Action::Extend,
        Action::Finish,
    ]
    .into_iter()
    .map(|action| Allowed::from(action, steering_refusal(action, progress)))
    .collect()
}

/// Why a replacement can't be steered this way now; none when it can.
#[must_use]
pub fn steering_refusal(action: Action, progress: &Progress) -> Option<String> {
    if progress.is_over() {
        return Some("this replacement is over".into());
    }
    if progress.course != Course::Forward {
        return Some("it is already being taken back".into());
    }
    let before_switch = matches!(
        progress.stage,
        Stage::Submitted | Stage::Starting | Stage::Ready | Stage::Warming | Stage::Held
    );
    let way_back = matches!(progress.stage, Stage::Switching | Stage::Draining | Stage::Keeping);
    match action {
        Action::Cancel => (!before_switch)
            .then(|| "traffic has already moved; switch back instead while the old version is kept".into()),
        Action::Rollback => (!way_back).then(|| {
            if before_switch {
                "traffic has not moved yet; cancel instead".into()
            } else {
                "the old version is already being stopped; replace it with the earlier version from the history".into()
            }
        }),
        Action::Hold => (!before_switch || progress.gate == Gate::Held).then(|| {
            if before_switch { "it is already held before the switch".into() } else { "traffic has already moved".into() }
        }),
        Action::Release => (!before_switch || progress.gate == Gate::Open)
            .then(|| "it is not held".into()),
        Action::Switch => (!matches!(progress.stage, Stage::Warming | Stage::Held)).then(|| {
            if before_switch {
                "the new version is not ready yet; readiness can't be skipped".into()
            } else {
                "traffic has already moved".into()
            }
        }),
        Action::Extend => (!matches!(
            progress.stage,
            Stage::Starting | Stage::Warming | Stage::Held | Stage::Draining | Stage::Keeping
        ))
        .then(|| "there is no wait to extend in this stage".into()),
        Action::Finish => (progress.stage != Stage::Keeping)
            .then(|| "the old version is not being kept now".into()),
        _ => Some("that does not steer a replacement".into()),
    }
}
