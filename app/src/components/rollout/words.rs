//! The road in words: an ordered list with the present step marked. Narrow screens show it instead of the
//! drawing; wide ones keep it for those who listen.

use handover::model::{ReplacementRecord, Timestamp, Track};
use leptos::prelude::*;

use super::{
    drawing::{facts, name},
    road::{Mark, Way, road},
    story::{candidate, leaving, new_side, old_side},
};

#[component]
pub fn Stages(record: ReplacementRecord, now: Timestamp) -> impl IntoView {
    let items = road(&record, now).stops.into_iter().map(|stop| {
        let (class, current) = match stop.mark {
            Mark::Passed => ("done", None),
            Mark::Now => ("now", Some("step")),
            Mark::Lost => ("lost", Some("step")),
            Mark::Ahead => ("", None),
        };
        view! {
            <li class=class aria-current=current data-key=stop.name>
                <span>{stop.name}</span>
                <span>{stop.under}</span>
            </li>
        }
    });
    view! { <ol class="stages words" aria-label="Stages">{items.collect_view()}</ol> }
}

/// The two sides in words, for narrow screens.
pub fn sides_in_words(
    record: &ReplacementRecord,
    tracks: &[Track],
    way: Way,
) -> impl IntoView + use<> {
    let on_new = record.switched_at.is_some() && way == Way::Forward;
    let line = |name: String, track: Option<&Track>, class: &'static str, carries: bool| {
        let traffic = if carries { "carries traffic" } else { "no traffic" };
        let facts = track.map(facts).unwrap_or_default();
        view! {
            <div class=class>
                <div><span class="strong">{name}</span>" "<span class="quiet">{traffic}</span></div>
                <div class="small quiet">{facts}</div>
            </div>
        }
    };
    let (old_class, new_class) =
        if on_new { ("side", "side go") } else { ("side go", "side next") };
    view! {
        <div class="sides only-narrow">
            {line(name(record, leaving(record, tracks), old_side), leaving(record, tracks), old_class, !on_new)}
            {line(name(record, candidate(record, tracks), new_side), candidate(record, tracks), new_class, on_new)}
        </div>
    }
}
