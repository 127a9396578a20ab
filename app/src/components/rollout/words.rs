//! The stages and the two sides in words. On wide screens they stand around the drawing, on narrow ones they take
//! its place; either way it is one text, the same for those who listen.

use handover::model::{ReplacementRecord, Track};
use leptos::prelude::*;

use super::{
    road::{Mark, Road, Way},
    story::{candidate, leaving, new_side, old_side, sides},
};
use crate::components::format::{plural, rate};

/// The road as an ordered list with the present step marked.
pub fn stages(road: &Road) -> impl IntoView + use<> {
    let on_go = road.switched && road.way == Way::Forward;
    let items = road.stops.clone().into_iter().map(|stop| {
        let (class, current) = match stop.mark {
            Mark::Passed => ("done", None),
            Mark::Now if on_go => ("now on-go", Some("step")),
            Mark::Now => ("now", Some("step")),
            Mark::Lost => ("lost", Some("step")),
            Mark::Ahead => ("", None),
        };
        view! {
            <li class=class aria-current=current data-key=stop.name>
                <span class="stage">{stop.name}</span>
                <span class="under">{stop.under.view()}</span>
            </li>
        }
    });
    view! { <ol class="stages" aria-label="Stages">{items.collect_view()}</ol> }
}

/// What runs on each of the two sides, and what it does.
pub fn two_sides(
    record: &ReplacementRecord,
    tracks: &[Track],
    road: &Road,
) -> impl IntoView + use<> {
    let on_new = road.switched && road.way == Way::Forward;
    let (old, new) = (leaving(record, tracks), candidate(record, tracks));
    let (old_class, new_class) = if on_new {
        ("side upper idle", "side lower go")
    } else {
        ("side upper go", "side lower next")
    };
    view! {
        {side(old_class, &name(record, old, old_side), old, !on_new)}
        {side(new_class, &name(record, new, new_side), new, on_new)}
    }
}

/// The one side there is while nothing is being replaced.
pub fn one_side(label: &str, track: Option<&Track>, serves: bool) -> impl IntoView + use<> {
    side(if serves { "side upper go" } else { "side upper idle" }, label, track, serves)
}

fn side(
    class: &'static str,
    name: &str,
    track: Option<&Track>,
    serves: bool,
) -> impl IntoView + use<> {
    let facts = track.map(facts);
    // Where it does not fit, it is cut off.
    let whole = facts.clone();
    view! {
        <p class=class data-key=class.split(' ').nth(1)>
            <span class="name">{format!("{name} {}", role(track, serves))}</span>
            <span class="about" title=whole>{facts}</span>
        </p>
    }
}

/// What a side is called: by what runs there; settings change nothing of that, so by the settings.
fn name(
    record: &ReplacementRecord,
    track: Option<&Track>,
    otherwise: fn(&ReplacementRecord) -> &str,
) -> String {
    match (sides(record), track) {
        (Some(_), Some(track)) => track.label.clone(),
        _ => otherwise(record).to_owned(),
    }
}

fn role(track: Option<&Track>, serves: bool) -> &'static str {
    use handover::model::{ProtonStatus, Role};
    match (track, serves) {
        (None, _) => "",
        (Some(track), true) if track.status == ProtonStatus::Errored => "failed",
        (Some(_), true) => "active",
        (Some(track), false) => match track.status {
            ProtonStatus::Draining => "draining",
            ProtonStatus::Stopping => "stopping",
            ProtonStatus::Errored => "failed",
            _ if track.role == Some(Role::Candidate) => "candidate",
            ProtonStatus::Running => "kept",
            _ => "",
        },
    }
}

/// `3 of 3 ready · 412/s · p50 18 ms · 0 failed · 2 WebSockets, the oldest 42 s`
fn facts(track: &Track) -> String {
    let mut parts = vec![match track.replicas_wanted {
        0 => "scaled to zero, the next request wakes it".to_owned(),
        wanted => format!("{} of {wanted} ready", track.ready()),
    }];
    if track.served > 0 || track.requests_per_second > 0.0 {
        parts.push(format!("{}/s", rate(track.requests_per_second)));
        if let Some(median) = track.median_ms {
            parts.push(format!("p50 {median} ms"));
        }
        parts.push(format!("{} failed", track.failed));
    }
    parts.extend((track.open > 0).then(|| plural(track.open, "open request")));
    // What an engine says of a start: an image that is being pulled, a replica that keeps exiting.
    parts.extend(track.message.clone());
    parts.join(" · ")
}
