//! A workload at a glance, and what of it is edited in place.

pub mod about;
pub mod edit;
pub mod next;
pub mod related;
pub mod tags;

use handover::{
    error::Error,
    live,
    model::{WorkloadId, WorkloadLive},
    related as related_items,
};
use leptos::{either::Either, prelude::*};

use super::{
    super::{id, query},
    Frame,
};
use crate::{
    actions::{AboutForm, TagForm},
    components::{
        history::{HistoryTable, history_rows},
        replicas::{Panel, Protons},
        tabs::Tab,
    },
    context,
};
use about::{About, Editing};

#[component]
pub fn Overview() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let saved = query("saved");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let workload = live.workload.clone();
        let kept = context::take_kept::<AboutForm>("about").await;
        let kept_tag = context::take_kept::<TagForm>("workload-tag").await;
        let editing = Editing { kept, saved };
        let related = related_items::list(&house, &caller, &workload.id).await?;
        let mut panels = Vec::with_capacity(live.tracks.len());
        for track in &live.tracks {
            match Panel::read(&house, &caller, &workload.id, track).await {
                Ok(panel) => panels.push(panel),
                // It has gone since the page began to be made.
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(view! {
            <Frame live=live.clone() tab=Tab::Overview>
                <div class="cols">
                    <div class="stack">
                        <section class="card">
                            <header><h2>"Replicas"</h2><a href=format!("/workloads/{}/monitoring/resources", workload.id)>"What they use over time"</a></header>
                            <Protons panels workload=workload.clone()/>
                        </section>
                        <Recent live=live.clone()/>
                    </div>
                    <div class="stack">
                        <next::NextStep workload=workload.clone()/>
                        <About workload=workload.clone() editing=editing.clone()/>
                        <tags::Tags workload=workload.clone() kept=kept_tag editing/>
                        <related::RelatedItems workload=workload.id.clone() items=related/>
                    </div>
                </div>
            </Frame>
        })
    })
}

/// Rows of the history on the overview; its own tab has all.
const BRIEF: usize = 6;

#[component]
fn Recent(live: WorkloadLive) -> impl IntoView {
    let brief = &live.history[..live.history.len().min(BRIEF)];
    let rows = history_rows(brief, context::now(), &context::zone());
    view! {
        <section class="card">
            <header><h2>"History"</h2><a href=format!("/workloads/{}/history", live.workload.id)>"All"<span class="aside">" of the history"</span></a></header>
            {if brief.is_empty() {
                Either::Left(view! { <p class="pad quiet">"Nothing has been changed yet. Replacements, settings and promotions are listed here, each with its receipt."</p> })
            } else {
                Either::Right(view! { <HistoryTable>{rows}</HistoryTable> })
            }}
        </section>
    }
}
