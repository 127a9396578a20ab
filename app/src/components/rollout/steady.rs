//! What the rollout view shows while nothing is being replaced: what serves, and how the last change went.

use handover::model::{WorkloadLive, WorkloadStatus};
use leptos::prelude::*;

use super::drawing::{facts, steady_drawing};
use crate::components::chip::version_label;

pub fn headline(live: &WorkloadLive) -> String {
    let label = version_label(&live.workload);
    match live.workload.status {
        WorkloadStatus::Running => format!("{} serves", name(&label)),
        WorkloadStatus::Errored => format!("{} has failed", name(&label)),
        WorkloadStatus::Stopped => "Stopped".into(),
        WorkloadStatus::Stopping => "Stopping".into(),
        WorkloadStatus::Terminated => "Ended".into(),
        _ => format!("{} is starting", name(&label)),
    }
}

fn name(label: &str) -> String {
    if label == "draft" { "The draft".into() } else { label.into() }
}

pub fn sentence(live: &WorkloadLive) -> String {
    let message = live.tracks.first().and_then(|track| track.message.clone());
    match live.workload.status {
        WorkloadStatus::Running => match message {
            Some(message) => format!("{message}."),
            None => "Nothing is being replaced. A replacement starts the new version beside this one and moves traffic only when it is ready.".into(),
        },
        WorkloadStatus::Errored => message.map_or_else(
            || "It does not serve. Replace it with a version that works, or stop it.".into(),
            |why| format!("{why}."),
        ),
        WorkloadStatus::Stopped => "The endpoint does not answer. Everything is kept; start it to serve again.".into(),
        WorkloadStatus::Stopping => "Open requests finish, then its replicas stop.".into(),
        WorkloadStatus::Terminated => "Its time as a draft is over, so it can't be started again. Create a new workload from its artifact.".into(),
        _ => "It serves as soon as all its replicas are ready.".into(),
    }
}

/// The drawing of one track, and the same in words for narrow screens.
pub fn steady(live: &WorkloadLive) -> impl IntoView + use<> {
    let track = live.tracks.first();
    let label = version_label(&live.workload);
    let words = track.map_or_else(|| "no replicas".into(), facts);
    view! {
        <svg class="road only-wide" viewBox="0 34 1140 62" role="img" aria-label=format!("{label}: {words}")>
            {steady_drawing(track, &label)}
        </svg>
        <div class="sides only-narrow"><div class="side go">
            <div class="strong">{label}</div>
            <div class="small quiet">{words}</div>
        </div></div>
    }
}
