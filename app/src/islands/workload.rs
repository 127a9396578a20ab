//! The live part of a workload's page: its head, the rollout, and on the overview what is below it.

use handover::model::WorkloadLive;
use leptos::prelude::*;

use super::feed::{Feed, Freshness, follow};
use crate::components::{
    endpoint::Endpoint,
    events::{EventTable, event_rows},
    header::WorkloadHeader,
    history::{HistoryTable, history_rows},
    replicas::replica_panels,
    rollout::{RolloutCard, is_over, shown, state_words},
    tabs::{Tab, Tabs},
};

/// Rows of history and events on the overview; their own tabs have all.
const BRIEF: usize = 6;

#[island]
pub fn LiveWorkload(first: WorkloadLive, tab: Tab, children: Children) -> impl IntoView {
    let id = first.workload.id.clone();
    let endpoint = first.workload.endpoint.clone();
    let feed = follow(first, format!("/live/workloads/{id}"));
    title(feed);
    let body = if tab == Tab::Overview {
        view! {
            <RolloutCard feed/>
            <div class="cols">
                <div class="stack">
                    <section class="card">
                        <header><h2>"History"</h2><a href=format!("/workloads/{id}/history")>"All"<span class="aside">" of the history"</span></a></header>
                        <History feed/>
                    </section>
                    <section class="card">
                        <header><h2>"Replicas"</h2></header>
                        <div class="replicas">{move || replica_panels(&feed.live.read().tracks, feed.now.get())}</div>
                    </section>
                </div>
                <div class="stack">{children()}</div>
            </div>
        }
        .into_any()
    } else {
        let events = (tab == Tab::Activity).then(|| view! { <Events feed/> });
        view! {
            <Progress feed/>
            <div class="stack">{events}{children()}</div>
        }
        .into_any()
    };
    view! {
        <WorkloadHeader feed/>
        <Endpoint url=endpoint/>
        <Tabs id here=tab/>
        {body}
        <p class="live-line"><Freshness feed/></p>
    }
}

#[component]
fn Events(feed: Feed) -> impl IntoView {
    view! {
        <section class="card">
            <header><h2>"Events"</h2></header>
            <EventTable>{move || event_rows(&feed.live.read().events, feed.now.get(), feed.zone.get())}</EventTable>
        </section>
    }
}

#[component]
fn History(feed: Feed) -> impl IntoView {
    let empty = move || feed.live.read().history.is_empty();
    view! {
        <p class="pad quiet" hidden=move || !empty()>"Nothing has been changed yet."</p>
        <div hidden=empty>
            <HistoryTable>
                {move || {
                    let live = feed.live.read();
                    let brief = &live.history[..live.history.len().min(BRIEF)];
                    history_rows(brief, feed.now.get(), feed.zone.get())
                }}
            </HistoryTable>
        </div>
    }
}

/// On the other tabs: a line that says that something is going on, and leads to it.
#[component]
fn Progress(feed: Feed) -> impl IntoView {
    let running = Memo::new(move |_| {
        let live = feed.live.read();
        let record = shown(&live, feed.now.get()).filter(|record| !is_over(record))?;
        let (words, _) = state_words(&record, &live.tracks, feed.now.get());
        Some((record.name, words))
    });
    let href = feed.live.with_untracked(|live| format!("/workloads/{}", live.workload.id));
    view! {
        <div class="banner" hidden=move || running.get().is_none()>
            <p><a href=href>{move || running.get().map(|(name, _)| name)}</a>" is going on: "
                {move || running.get().map(|(_, words)| words)}</p>
        </div>
    }
}

/// The title of the tab says what one waits for, so that it can be watched from another.
fn title(feed: Feed) {
    let words = Memo::new(move |_| {
        let live = feed.live.read();
        let state = shown(&live, feed.now.get()).map(|record| {
            let (words, _) = state_words(&record, &live.tracks, feed.now.get());
            format!("{words} · ")
        });
        format!("{}{} · Handover", state.unwrap_or_default(), live.workload.name)
    });
    Effect::new(move || document().set_title(&words.get()));
}
