//! The two tracks as a drawing: lines only. What it says is said in words around it by [`super::words`].
//!
//! Every shape that stays from one moment to the next has a key, so that the page moves it instead of making it
//! anew, and the style sheet lets it glide.

use handover::model::{ReplacementRecord, Track};
use leptos::prelude::*;

use super::road::{CROSSING, DONE, READY, Road, STARTED, Way};

/// Where the tracks run.
const OLD_Y: f64 = 32.0;
const NEW_Y: f64 = 108.0;
/// Where the box of the endpoint is left.
const OUT_Y: f64 = 70.0;
const TOP: f64 = 4.0;
const BOTTOM: f64 = 128.0;
const END: f64 = 1100.0;

/// The whole drawing for one moment of a replacement.
pub fn drawing(record: &ReplacementRecord, tracks: &[Track], road: &Road) -> impl IntoView + use<> {
    let per_second: f64 = tracks.iter().map(|track| track.requests_per_second).sum();
    let flowing = per_second > 0.0 && !road.over;
    let carries = carries(road);
    let ticks: String =
        road.stops.iter().map(|stop| format!("M{} {TOP}V{BOTTOM}", stop.x)).collect();
    view! {
        <path class="tick" data-key="tick" d=ticks></path>
        {ties("upper", OLD_Y)}
        {ties("lower", NEW_Y)}
        {new_track(road)}
        {old_rest(road)}
        {planned(road).map(|d| view! { <path class="plans" data-key="plans" d=d></path> })}
        <path class="carries" data-key="carries" d=carries.clone()></path>
        {flowing.then(|| view! { <path class="moves" data-key="moves" d=carries></path> })}
        {(!road.over).then(|| now_line(road.now))}
        {record.ready_at.map(|_| view! { <circle class="met" data-key="met" cx=READY cy=NEW_Y r="6"></circle> })}
        {heads(road)}
    }
}

/// What a drawing without a replacement shows: the one track that serves.
pub fn steady_drawing(serves: bool, per_second: f64) -> impl IntoView {
    let d = format!("M150 {OLD_Y}H{END}");
    view! {
        {ties("upper", OLD_Y)}
        <path class=if serves { "carries" } else { "rest" } data-key="carries" d=d.clone()></path>
        {(serves && per_second > 0.0).then(|| view! { <path class="moves" data-key="moves" d=d></path> })}
    }
}

/// Sleepers under a track, so that an idle one is still seen as a track.
fn ties(key: &'static str, y: f64) -> impl IntoView {
    let d: String = (0..61).map(|at| format!("M{} {}v10", 252 + at * 14, y - 5.0)).collect();
    view! { <path class="tie" data-key=format!("ties-{key}") d=d></path> }
}

/// The way of the traffic up to now.
fn carries(road: &Road) -> String {
    let start = format!("M150 {OUT_Y}C200 {OUT_Y} 200 {OLD_Y} 250 {OLD_Y}");
    let end = if road.over { END } else { road.now };
    if !road.switched {
        return format!("{start}H{end}");
    }
    let over = cross(road.crossing - 40.0, OLD_Y, NEW_Y);
    match road.way {
        Way::Back => {
            let back = cross(road.now - CROSSING, NEW_Y, OLD_Y);
            format!("{start}{over}{back}H{}", if road.over { END } else { road.now + 40.0 })
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
        Way::Forward if road.over => END,
        _ => road.now,
    };
    let ran = format!("M{STARTED} {NEW_Y}H{end}");
    let will = (road.way == Way::Forward && !road.over).then(|| format!("M{end} {NEW_Y}H{END}"));
    let lost = (road.way == Way::Withdrawn)
        .then(|| format!("M{} {}l12 12m0 -12l-12 12", end - 6.0, NEW_Y - 6.0));
    view! {
        <path class="ran" data-key="ran" d=ran></path>
        {will.map(|d| view! { <path class="will" data-key="will" d=d></path> })}
        {lost.map(|d| view! { <path class="failed" data-key="failed" d=d></path> })}
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
    d.map(|d| view! { <path class="rest" data-key="rest" d=d></path> })
}

fn now_line(x: f64) -> impl IntoView {
    view! {
        <path class="now-line" data-key="now-line" d=format!("M{x} {}V{BOTTOM}", OLD_Y - 10.0)></path>
        <circle class="now-dot" data-key="now-dot" cx=x cy=BOTTOM r="4"></circle>
    }
}

/// A dot at the head of each track that is still going.
fn heads(road: &Road) -> impl IntoView + use<> {
    let forward = road.way == Way::Forward && !road.over;
    let (old, new) = if road.switched { ("at-next", "at-go") } else { ("at-go", "at-next") };
    forward.then(|| {
        view! {
            {(!road.switched).then(|| view! { <circle class=old data-key="head-old" cx=road.now cy=OLD_Y r="7"></circle> })}
            <circle class=new data-key="head-new" cx=road.now cy=NEW_Y r="7"></circle>
        }
    })
}
