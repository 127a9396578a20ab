//! A workload's page: what its tabs have in common. Each tab is a file.

pub mod endpoint;
pub mod monitoring;
pub mod overview;
pub mod settings;

use handover::model::{Timestamp, WorkloadLive, WorkloadStatus};
use leptos::prelude::*;

use super::layout::{Crumbs, Icon, Layout, Part};
use crate::{
    components::{
        chip::status_word,
        endpoint::Endpoint,
        header::WorkloadHeader,
        rollout::{RolloutCard, WayBack, failed, is_over, shown, state_words},
        tabs::{Tab, Tabs},
    },
    context,
};

/// What all tabs have: the way here, the head, and the rollout, as a card on the overview and as a line elsewhere.
#[component]
pub fn Frame(
    live: WorkloadLive,
    tab: Tab,
    /// Offered on the overview when what serves has failed.
    #[prop(optional_no_strip)]
    back: Option<WayBack>,
    children: Children,
) -> impl IntoView {
    let now = context::now();
    let id = live.workload.id.clone();
    let name = live.workload.name.clone();
    let record = shown(&live, now);
    let rolls = record.as_ref().is_some_and(|record| !is_over(record));
    let errored = live.workload.status == WorkloadStatus::Errored;
    let state = match &record {
        // What came of a rollout is no news beside that.
        _ if errored && !rolls => Some(status_word(live.workload.status).to_owned()),
        Some(record) => Some(state_words(record, &live.tracks, now).0),
        None => None,
    };
    let title = state.map_or_else(|| name.clone(), |words| format!("{words} · {name}"));
    let icon = match &record {
        Some(record) if failed(record) => Icon::Failed,
        Some(_) if rolls => Icon::Rolling,
        _ if errored => Icon::Failed,
        _ => Icon::Calm,
    };
    // A rollout counts in seconds; the rest has time.
    let every = if rolls { 1 } else { 5 };
    let stream = format!("/live/workloads/{id}?every={every}");
    let endpoint = live.workload.endpoint.clone();
    view! {
        <Layout title part=Part::Workloads live=stream icon>
            <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here=name/>
            <WorkloadHeader workload=live.workload.clone()/>
            <Endpoint url=endpoint/>
            <Tabs id here=tab/>
            {if tab == Tab::Overview {
                view! { <RolloutCard live=live.clone() now back/> }.into_any()
            } else {
                view! { <Progress live=live.clone() now/> }.into_any()
            }}
            {children()}
        </Layout>
    }
}

/// On the other tabs: a line that says that something is going on, and leads to it.
#[component]
fn Progress(live: WorkloadLive, now: Timestamp) -> impl IntoView {
    let record = shown(&live, now).filter(|record| !is_over(record))?;
    let (words, _) = state_words(&record, &live.tracks, now);
    let href = format!("/workloads/{}", live.workload.id);
    Some(view! {
        <div class="banner" id="progress"><p><a href=href>{record.name}</a>" is going on: "{words}</p></div>
    })
}
