//! What the rollout view shows while nothing is being replaced: what serves, and how the last change went.

use handover::model::{WorkloadLive, WorkloadStatus};
use leptos::prelude::*;

use super::{card::endpoint, drawing::steady_drawing, story::capital, words::one_side};
use crate::components::chip::version_label;

pub fn headline(live: &WorkloadLive) -> String {
    let label = version_label(&live.workload);
    match live.workload.status {
        WorkloadStatus::Running if live.serves_older_draft => "An older draft serves".into(),
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
        WorkloadStatus::Running if live.serves_older_draft => {
            let locked = version_label(&live.workload);
            format!(
                "{locked} is the draft as it was stored when it was locked, and that had been edited after this was \
                 started. The next start or rollout runs {locked}."
            )
        }
        WorkloadStatus::Running => match message {
            Some(message) => sentence_of(&message),
            None => "Nothing is being replaced. A replacement starts the new version beside this one and moves traffic only when it is ready.".into(),
        },
        WorkloadStatus::Errored => message.map_or_else(
            || "It does not serve. Replace it with a version that works, or stop it.".into(),
            |why| sentence_of(&why),
        ),
        WorkloadStatus::Stopped => "The endpoint does not answer. Everything is kept; start it to serve again.".into(),
        WorkloadStatus::Stopping => "Open requests finish, then its replicas stop.".into(),
        WorkloadStatus::Terminated => "Its time as a draft is over, so it can't be started again. Create a new workload from its artifact.".into(),
        _ => "It serves as soon as all its replicas are ready.".into(),
    }
}

/// A message with a full stop, unless it has one.
fn sentence_of(message: &str) -> String {
    let message = capital(message.trim_end());
    if message.ends_with(['.', '!', '?']) { message } else { format!("{message}.") }
}

/// The link to what served before what serves now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    pub href: String,
    pub label: String,
}

/// The drawing of the one track, and the way back from it if there is one.
pub fn steady(live: &WorkloadLive, back: Option<WayBack>) -> impl IntoView + use<> {
    let track = live.tracks.first();
    let label = if live.serves_older_draft {
        "older draft".to_owned()
    } else {
        version_label(&live.workload)
    };
    let per_second = track.map_or(0.0, |track| track.requests_per_second);
    let serves = track.is_some_and(|track| track.replicas.iter().any(|replica| replica.ready));
    let drawn = if serves { "carries the traffic" } else { "carries no traffic" };
    view! {
        <div class="picture steady" id="picture">
            <div class="tracks">
                <svg class="road" viewBox="0 0 1140 44" role="img" aria-label=format!("{label} {drawn}")>
                    {steady_drawing(serves, per_second)}
                </svg>
                {endpoint(per_second, serves)}
                {one_side(&label, track, serves)}
            </div>
        </div>
        {back.map(|WayBack { href, label }| view! { <p class="way-back" id="way-back"><a class="btn solid" href=href>{label}</a></p> })}
    }
}
