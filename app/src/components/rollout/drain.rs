//! What a drain waits for: what is still open on the side that lost the traffic, and when it is cut.

use handover::model::{ReplacementRecord, Track};
use leptos::prelude::*;

use super::{
    open::open_words,
    road::{Way, is_over, way},
    story::{candidate, leaving},
};
use crate::components::time::Countdown;

/// Shown while one goes on.
pub fn drain(record: &ReplacementRecord, tracks: &[Track]) -> impl IntoView + use<> {
    let drains = record.stage == "draining" && !is_over(record);
    let side = match way(record) {
        Way::Back => candidate(record, tracks),
        _ => leaving(record, tracks),
    };
    let track = side.filter(|_| drains)?;
    let open = open_words(track).unwrap_or_else(|| "nothing any more".into());
    let label = track.label.clone();
    Some(view! {
        <div class="drain" id="drain">
            <p><b>{format!("Still open on {label}: ")}</b>{open}"."</p>
            {record.stage_until.map(|until| view! {
                <p class="small quiet">"New requests don't go there. What is left is cut in "<Countdown until/>", and the receipt counts it."</p>
            })}
        </div>
    })
}
