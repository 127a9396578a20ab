//! The card that holds the rollout view.

use handover::model::{ReplacementRecord, Timestamp, Track};
use leptos::{either::Either, prelude::*};

use super::{
    drawing::drawing,
    flight::Flight,
    receipt::ReceiptRow,
    road::{Way, is_over, road, way},
    steady,
    steering::Steering,
    story::{failed, headline, new_side, sentence, shown, state_words},
    words::{Stages, sides_in_words},
};
use crate::{
    actions::{Extend, Steer},
    components::format::Zone,
    islands::feed::Feed,
};

#[component]
pub fn RolloutCard(feed: Feed) -> impl IntoView {
    let Feed { live, now, zone, .. } = feed;
    let steer = ServerAction::<Steer>::new();
    let extend = ServerAction::<Extend>::new();
    let record: Signal<Option<ReplacementRecord>> =
        Memo::new(move |_| live.with(|live| shown(live, now.get()))).into();
    let id = live.with_untracked(|live| live.workload.id.clone());
    let title = move || match record.get() {
        Some(record) => headline(&record),
        None => live.with(steady::headline),
    };
    let said = move || match record.get() {
        Some(record) => sentence(&record, zone.get()),
        None => live.with(steady::sentence),
    };
    // The countdown is shown, not read aloud every second; what is read aloud is the stage.
    let chip = move || {
        record.with(|record| {
            record.as_ref().map(|record| {
                let (words, tone) =
                    live.with(|live| state_words(record, &live.tracks, now.get()));
                view! { <span class=tone.chip()><span class="dot" aria-hidden="true"></span>{words}</span> }
            })
        })
    };
    view! {
        <section class="card roll" aria-labelledby="rollout-title">
            <div class="roll-head">
                <h2 id="rollout-title">{title}</h2>
                {chip}
            </div>
            <p class="say">{said}</p>
            <p class="aside" role="status">{move || record.with(|r| r.as_ref().map(announced))}</p>
            {move || problem(steer.value().get().and_then(Result::err)
                .or_else(|| extend.value().get().and_then(Result::err)))}
            {move || match record.get() {
                Some(record) => Either::Left(picture(&record, &live.read().tracks, now.get(), zone.get())),
                None => Either::Right(steady::steady(&live.read())),
            }}
            <Stages record now zone/>
            <Steering workload=id record steer extend/>
            {move || record.with(|record| record.as_ref().map(|record| flight(record, zone.get())))}
            <ReceiptRow record/>
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

fn problem(refusal: Option<crate::refusal::Refusal>) -> impl IntoView {
    refusal.map(
        |refusal| view! { <div class="banner bad" role="alert"><p>{refusal.message}</p></div> },
    )
}

/// The drawing of a replacement, and the same in words for narrow screens.
pub fn picture(
    record: &ReplacementRecord,
    tracks: &[Track],
    now: Timestamp,
    zone: Zone,
) -> impl IntoView + use<> {
    let road = road(record, now, zone);
    let label = format!("{}. {}", headline(record), drawn(record));
    view! {
        <svg class="road only-wide" viewBox="0 0 1140 178" role="img" aria-label=label>
            {drawing(record, tracks, &road)}
        </svg>
        {sides_in_words(record, tracks, road.way)}
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
pub fn flight(record: &ReplacementRecord, zone: Zone) -> impl IntoView + use<> {
    let flight = record.flight_record.clone();
    let empty = flight.log_tail.is_empty() && flight.probes.is_empty() && flight.exits.is_empty();
    (!empty).then(|| {
        let name = new_side(record).to_owned();
        let open = failed(record);
        view! { <div class="flight"><Flight record=flight name open zone/></div> }
    })
}
