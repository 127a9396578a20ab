//! The two tracks as a drawing. What it says is also said in words by [`super::Stages`].

use handover::model::{ReplacementKind, ReplacementRecord, Track};
use leptos::prelude::*;

use super::{
    road::{CROSSING, DONE, Mark, READY, Road, STARTED, Stop, Way},
    story::{candidate, leaving, new_side, old_side},
};
use crate::components::format::{plural, rate};

const OLD_Y: f64 = 72.0;
const NEW_Y: f64 = 148.0;

/// The whole drawing for one moment of a replacement.
pub fn drawing(record: &ReplacementRecord, tracks: &[Track], road: &Road) -> impl IntoView + use<> {
    let old = leaving(record, tracks);
    let new = candidate(record, tracks);
    let per_second: f64 = tracks.iter().map(|track| track.requests_per_second).sum();
    let flowing = per_second > 0.0 && !road.over;
    let on_new = road.switched && road.way == Way::Forward;
    let carries = carries(road);
    view! {
        {columns(&road.stops, on_new)}
        {ties(OLD_Y)}
        {ties(NEW_Y)}
        {new_track(road)}
        {old_rest(road)}
        {planned(road).map(|d| view! { <path class="plans" d=d></path> })}
        <path class="carries" d=carries.clone()></path>
        {flowing.then(|| view! { <path class="moves" d=carries></path> })}
        {(!road.over).then(|| now_line(road.now))}
        {record.ready_at.map(|_| view! { <circle class="met" cx=READY cy=NEW_Y r="6"></circle> })}
        {heads(road)}
        <rect class="box" x="6" y="88" width="144" height="44" rx="9"></rect>
        <text class="box-word" x="78" y="107">"Endpoint"</text>
        <text class="box-under" x="78" y="123">{format!("{} requests/s", rate(per_second))}</text>
        {side(OLD_Y - 10.0, if on_new { "name-idle" } else { "name-old" }, &name(record, old, old_side), role(old, !on_new), old)}
        {side(NEW_Y - 11.0, if on_new { "name-old" } else { "name-new" }, &name(record, new, new_side), role(new, on_new), new)}
    }
}

/// What a drawing without a replacement shows: the endpoint and the one track that serves.
pub fn steady_drawing(track: Option<&Track>, label: &str) -> impl IntoView + use<> {
    let per_second = track.map_or(0.0, |track| track.requests_per_second);
    let serves = track.is_some_and(|track| track.replicas.iter().any(|replica| replica.ready));
    let d = format!("M150 64C200 64 200 {y} 250 {y}H{end}", y = 64, end = 1100);
    view! {
        <rect class=if serves { "box" } else { "box off" } x="6" y="42" width="144" height="44" rx="9"></rect>
        <text class=if serves { "box-word" } else { "box-word off" } x="78" y="61">"Endpoint"</text>
        <text class=if serves { "box-under" } else { "box-under off" } x="78" y="77">
            {format!("{} requests/s", rate(per_second))}
        </text>
        {ties(64.0)}
        <path class=if serves { "carries" } else { "rest" } d=d.clone()></path>
        {(serves && per_second > 0.0).then(|| view! { <path class="moves" d=d></path> })}
        {side(52.0, if serves { "name-old" } else { "name-idle" }, label, role(track, serves), track)}
    }
}

/// What a side is called: by what runs there; settings change nothing of that, so by the settings.
pub fn name(
    record: &ReplacementRecord,
    track: Option<&Track>,
    otherwise: fn(&ReplacementRecord) -> &str,
) -> String {
    match (record.kind, track) {
        (ReplacementKind::Replace | ReplacementKind::Rollback, Some(track)) => track.label.clone(),
        _ => otherwise(record).to_owned(),
    }
}

fn columns(stops: &[Stop], on_go: bool) -> impl IntoView + use<> {
    stops
        .iter()
        .map(|stop| {
            let class = match stop.mark {
                Mark::Now if on_go => "now-stage on-go",
                Mark::Now => "now-stage",
                Mark::Lost => "gone",
                _ => "",
            };
            let anchor = if stop.x >= DONE { "end" } else { "start" };
            let x = if stop.x >= DONE { stop.x + 50.0 } else { stop.x };
            view! {
                <path class="tick" d=format!("M{0} 44V168", stop.x)></path>
                <text class=class x=x y="20" text-anchor=anchor>{stop.name}</text>
                <text class=format!("under {class}") x=x y="36" text-anchor=anchor>{stop.under.clone()}</text>
            }
        })
        .collect_view()
}

/// Sleepers under a track, so that an idle one is still seen as a track.
fn ties(y: f64) -> impl IntoView {
    let d: String = (0..61).map(|at| format!("M{} {}v10", 252 + at * 14, y - 5.0)).collect();
    view! { <path class="tie" d=d></path> }
}

/// The way of the traffic up to now.
fn carries(road: &Road) -> String {
    let start = format!("M150 110C200 110 200 {OLD_Y} 250 {OLD_Y}");
    let end = if road.over { 1100.0 } else { road.now };
    if !road.switched {
        return format!("{start}H{end}");
    }
    let over = cross(road.crossing - 40.0, OLD_Y, NEW_Y);
    match road.way {
        Way::Back => {
            let back = cross(road.now - CROSSING, NEW_Y, OLD_Y);
            format!("{start}{over}{back}H{}", if road.over { 1100.0 } else { road.now + 40.0 })
        }
        _ => format!("{start}{over}H{}", end.max(road.crossing + 14.0)),
    }
}

/// From one track to the other, beginning at `x`.
fn cross(x: f64, from: f64, to: f64) -> String {
    let (a, b, end) = (x + 30.0, x + 22.0, x + CROSSING);
    format!("H{x}C{a} {from} {b} {to} {end} {to}")
}

/// Where the traffic will cross, while it has not.
fn planned(road: &Road) -> Option<String> {
    (road.way == Way::Forward && !road.switched && !road.over).then(|| {
        format!("M{0} {OLD_Y}{1}", road.crossing - 40.0, cross(road.crossing - 40.0, OLD_Y, NEW_Y))
    })
}

fn new_track(road: &Road) -> impl IntoView + use<> {
    let end = match road.way {
        Way::Forward if road.over => 1100.0,
        _ => road.now,
    };
    let ran = format!("M{STARTED} {NEW_Y}H{end}");
    let will = (road.way == Way::Forward && !road.over).then(|| format!("M{end} {NEW_Y}H1100"));
    let lost = (road.way == Way::Withdrawn)
        .then(|| format!("M{} {}l12 12m0 -12l-12 12", end - 6.0, NEW_Y - 6.0));
    view! {
        <path class="ran" d=ran></path>
        {will.map(|d| view! { <path class="will" d=d></path> })}
        {lost.map(|d| view! { <path class="failed" d=d></path> })}
    }
}

/// What the old track does where it carries no traffic: it waits as the way back, then ends.
fn old_rest(road: &Road) -> impl IntoView + use<> {
    let d = match (road.way, road.switched) {
        (Way::Forward, true) => {
            Some(format!("M{} {OLD_Y}H{}", road.crossing, road.now.max(road.crossing)))
        }
        (Way::Forward, false) if !road.over => Some(format!("M{} {OLD_Y}H{DONE}", road.now)),
        _ => None,
    };
    d.map(|d| view! { <path class="rest" d=d></path> })
}

fn now_line(x: f64) -> impl IntoView {
    view! {
        <path class="now-line" d=format!("M{x} 50V158")></path>
        <rect class="now-box" x=x - 18.0 y="159" width="36" height="17" rx="4"></rect>
        <text class="now-word" x=x y="171.5">"now"</text>
    }
}

/// A dot at the head of each track that is still going.
fn heads(road: &Road) -> impl IntoView + use<> {
    let forward = road.way == Way::Forward && !road.over;
    let (old, new) = if road.switched { ("at-next", "at-go") } else { ("at-go", "at-next") };
    forward.then(|| {
        view! {
            {(!road.switched).then(|| view! { <circle class=old cx=road.now cy=OLD_Y r="7"></circle> })}
            <circle class=new cx=road.now cy=NEW_Y r="7"></circle>
        }
    })
}

fn side(
    y: f64,
    class: &'static str,
    name: &str,
    role: &'static str,
    track: Option<&Track>,
) -> impl IntoView + use<> {
    view! {
        <text x=STARTED y=y>
            <tspan class=class>{format!("{name} {role}")}</tspan>
            <tspan class="about" dx="10">{track.map(facts).unwrap_or_default()}</tspan>
        </text>
    }
}

fn role(track: Option<&Track>, serves: bool) -> &'static str {
    match (track, serves) {
        (None, _) => "",
        (Some(_), true) => "active",
        (Some(track), false) => match track.status {
            handover::model::ProtonStatus::Draining => "draining",
            handover::model::ProtonStatus::Stopping => "stopping",
            handover::model::ProtonStatus::Errored => "failed",
            _ if track.role == Some(handover::model::Role::Candidate) => "candidate",
            _ => "",
        },
    }
}

/// `3 of 3 ready · 412/s · p50 18 ms · 0 failed`
pub fn facts(track: &Track) -> String {
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
    if track.open > 0 {
        parts.push(plural(track.open, "open request"));
    }
    parts.join(" · ")
}
