//! A workload at a glance, and what of it is edited in place.

pub mod about;
pub mod edit;
pub mod next;
pub mod related;
pub mod tags;

use handover::{
    access::Caller,
    error::Error,
    house::House,
    live,
    model::{ReplacementKind, WorkloadId, WorkloadLive, WorkloadStatus, WorkloadView},
    related as related_items, replacement, workloads,
};
use leptos::{either::Either, prelude::*};

use super::{
    super::{id, query},
    Frame,
    endpoint::{callers_page, snippets::Language},
    settings,
};
use crate::{
    actions::{AboutForm, TagForm},
    components::{
        history::{HistoryTable, history_rows},
        replicas::{Panel, Protons},
        rollout::WayBack,
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
        let id = id?;
        if let WorkloadView::Reduced(brief) = workloads::view(&house, &caller, &id).await? {
            return Ok(callers_page(brief, Language::Curl).await.into_any());
        }
        let live = live::workload(&house, &caller, &id).await?;
        let workload = live.workload.clone();
        let kept = context::take_kept::<AboutForm>("about").await;
        let kept_tag = context::take_kept::<TagForm>("workload-tag").await;
        let editing = Editing { kept, saved };
        let related = related_items::list(&house, &caller, &workload.id).await?;
        let back = way_back(&house, &caller, &live).await?;
        let mut panels = Vec::with_capacity(live.tracks.len());
        for track in &live.tracks {
            match Panel::read(&house, &caller, &workload.id, track).await {
                Ok(panel) => panels.push(panel),
                // It has gone since the page began to be made.
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let versions = panels.iter().map(Panel::runs).collect();
        Ok(view! {
            <Frame live=live.clone() tab=Tab::Overview back>
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
                        <related::RelatedItems workload=workload.id.clone() items=related versions/>
                    </div>
                </div>
            </Frame>
        }
        .into_any())
    })
}

/// Where one goes on from what serves when that is not what it should be: to what ran before the newest change when it
/// has failed by itself, and to what was locked when it is older than that.
async fn way_back(
    house: &House,
    caller: &Caller,
    live: &WorkloadLive,
) -> Result<Option<WayBack>, Error> {
    let workload = &live.workload;
    if live.serves_older_draft && workload.status == WorkloadStatus::Running {
        let href = format!("/workloads/{}/settings#effect", workload.id);
        return Ok(Some(WayBack { href, label: "Roll out what was locked".into() }));
    }
    let newest = live.history.iter().find(|entry| entry.kind != ReplacementKind::Promote);
    let Some(newest) = newest.filter(|_| workload.status == WorkloadStatus::Errored) else {
        return Ok(None);
    };
    let Some(before) = replacement::ran(house, caller, &workload.id, &newest.id).await?.before
    else {
        return Ok(None);
    };
    Ok(if before.artifact_id != workload.artifact_id {
        let href = format!("/workloads/{}/replace?artifact={}", workload.id, before.artifact_id);
        Some(WayBack { href, label: format!("Replace back to {}", before.label) })
    } else if before.runtime != workload.runtime {
        let href = settings::again(&workload.id, &before.runtime);
        Some(WayBack { href, label: "Use the settings of before".into() })
    } else {
        None
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
