//! The card that holds the rollout view.

use handover::model::{ReplacementRecord, Timestamp, Track, WorkloadLive};
use leptos::{either::Either, prelude::*};

use super::{
    drain::drain,
    drawing::drawing,
    flight::Flight,
    receipt::ReceiptRow,
    road::{Way, is_over, road, way},
    steady::{self, WayBack},
    steering::Steering,
    story::{failed, headline, new_side, said, shown, state_words},
    words::{stages, two_sides},
};
use crate::components::format::rate;

#[component]
pub fn RolloutCard(
    live: WorkloadLive,
    now: Timestamp,
    /// Offered when what serves has failed.
    back: Option<WayBack>,
) -> impl IntoView {
    let record = shown(&live, now);
    let (title, said) = match &record {
        Some(record) => (headline(record), Either::Left(said(record))),
        None => (steady::headline(&live), Either::Right(steady::sentence(&live))),
    };
    // The countdown is shown, not read aloud every second; what is read aloud is the stage.
    let chip = record.as_ref().map(|record| {
        let (words, tone) = state_words(record, &live.tracks, now);
        view! { <span class=tone.chip()><span class="dot" aria-hidden="true"></span>{words}</span> }
    });
    let id = live.workload.id.clone();
    let body = match record.clone() {
        Some(record) => Either::Left(view! {
            {picture(&record, &live.tracks, now)}
            {drain(&record, &live.tracks)}
            <Steering workload=id record=record.clone()/>
            {flight(&record)}
            <ReceiptRow record/>
        }),
        None => Either::Right(steady::steady(&live, back)),
    };
    view! {
        <section class="card roll" id="rollout" aria-labelledby="rollout-title">
            <div class="roll-head">
                <h2 id="rollout-title">{title}</h2>
                {chip}
            </div>
            <p class="say">{said}</p>
            <p class="aside" role="status">{record.as_ref().map(announced)}</p>
            {body}
        </section>
    }
}

/// What is read aloud when it changes.
fn announced(record: &ReplacementRecord) -> String {
    let stage = match record.stage.as_str() {
        _ if is_over(record) => {
            return format!("{}: over", headline(record));
        }
        "starting" | "submitted" => "starting",
        "ready" => "ready",
        "warming" => "warming up",
        "held" => "held before the switch",
        "switching" => "switching",
        "draining" => "draining",
        "keeping" => "the old version is kept",
        _ => "cleaning up",
    };
    format!("{}: {stage}", headline(record))
}

/// The drawing of a replacement, with its stages above and its sides beside their tracks.
pub fn picture(
    record: &ReplacementRecord,
    tracks: &[Track],
    now: Timestamp,
) -> impl IntoView + use<> {
    let road = road(record, now);
    let label = format!("{}. {}", headline(record), drawn(record));
    let per_second: f64 = tracks.iter().map(|track| track.requests_per_second).sum();
    view! {
        <div class="picture" id="picture">
            {stages(&road)}
            <div class="tracks">
                <svg class="road" viewBox="0 0 1140 132" role="img" aria-label=label>
                    {drawing(record, tracks, &road)}
                </svg>
                {endpoint(per_second, true)}
                {two_sides(record, tracks, &road)}
            </div>
        </div>
    }
}

/// Where requests come in.
pub fn endpoint(per_second: f64, serves: bool) -> impl IntoView {
    view! {
        <p class=if serves { "door" } else { "door off" }>
            <span>"Endpoint"</span>
            <span class="under">{format!("{} requests/s", rate(per_second))}</span>
        </p>
    }
}

fn drawn(record: &ReplacementRecord) -> &'static str {
    match (way(record), record.switched_at.is_some()) {
        (Way::Forward, true) => "Traffic is on the new version.",
        (Way::Forward, false) | (Way::Withdrawn, _) => "Traffic is on the old version.",
        (Way::Back, _) => "Traffic is back on the old version.",
    }
}

/// Shown once there is something to look at; unfolded when it failed.
pub fn flight(record: &ReplacementRecord) -> impl IntoView + use<> {
    let flight = record.flight_record.clone();
    let empty = flight.log_tail.is_empty() && flight.probes.is_empty() && flight.exits.is_empty();
    (!empty).then(|| {
        let name = new_side(record).to_owned();
        let open = failed(record);
        view! { <div class="flight"><Flight record=flight name open/></div> }
    })
}
