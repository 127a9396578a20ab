//! A replacement on a page of its own, without a stream: what it did, and its flight record.

use handover::model::{ReplacementRecord, Timestamp, Track};
use leptos::{either::Either, prelude::*};

use super::{
    card::{flight, picture},
    receipt::ReceiptRow,
    road::is_over,
    story::{ended, said, state_words},
};

#[component]
pub fn Past(record: ReplacementRecord, tracks: Vec<Track>, now: Timestamp) -> impl IntoView {
    let (words, tone) = state_words(&record, &tracks, now);
    let said =
        if is_over(&record) { Either::Left(ended(&record)) } else { Either::Right(said(&record)) };
    let drawn = !record.candidate_proton_ids.is_empty();
    view! {
        <section class="card roll" aria-labelledby="rollout-title">
            <div class="roll-head">
                <h2 id="rollout-title">"What happened"</h2>
                <span class=tone.chip()><span class="dot" aria-hidden="true"></span>{words}</span>
            </div>
            <p class="say">{said}</p>
            {drawn.then(|| view! {
                {picture(&record, &tracks, now)}
                {flight(&record)}
                <ReceiptRow record=record.clone()/>
            })}
        </section>
    }
}
