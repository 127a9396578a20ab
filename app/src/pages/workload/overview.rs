//! A workload at a glance.

use handover::{
    live,
    model::{ArtifactStatus, WorkloadId, WorkloadLive, WorkloadRecord},
};
use leptos::prelude::*;

use super::{
    super::{id, workloads::artifact_words},
    Frame,
    endpoint::curl_endpoint,
};
use crate::{
    components::{
        curl::Code,
        format::Zone,
        history::{HistoryTable, history_rows},
        replicas::{replica_panels, runtime_words},
        tabs::Tab,
        time::When,
    },
    context,
};

#[component]
pub fn Overview() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let workload = live.workload.clone();
        Ok(view! {
            <Frame live=live.clone() tab=Tab::Overview>
                <div class="cols">
                    <div class="stack">
                        <Recent live=live.clone()/>
                        <section class="card">
                            <header><h2>"Replicas"</h2></header>
                            <div class="replicas">{replica_panels(&live.tracks, context::now())}</div>
                        </section>
                    </div>
                    <div class="stack">
                        <NextStep workload=workload.clone()/>
                        <About workload/>
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
    let rows = history_rows(brief, context::now(), Zone::UTC);
    view! {
        <section class="card">
            <header><h2>"History"</h2><a href=format!("/workloads/{}/history", live.workload.id)>"All"<span class="aside">" of the history"</span></a></header>
            {if brief.is_empty() {
                view! { <p class="pad quiet">"Nothing has been changed yet."</p> }.into_any()
            } else {
                view! { <HistoryTable>{rows}</HistoryTable> }.into_any()
            }}
        </section>
    }
}

/// For a draft: what one does next.
#[component]
fn NextStep(workload: WorkloadRecord) -> impl IntoView {
    (workload.artifact.status == ArtifactStatus::Draft).then(|| {
        let base = format!("/workloads/{}", workload.id);
        let edit = format!("/artifacts/{}/edit", workload.artifact_id);
        view! {
            <section class="card">
                <header><h2>"Next"</h2></header>
                <div class="pad">
                    <ol class="effects prose">
                        <li>"Send it a request:"<Code text=curl_endpoint(&workload.endpoint) what="the request"/></li>
                        <li><a href=edit>"Edit its draft"</a>", for example the version of its image, then "<a href=format!("{base}/replace")>"replace"</a>" what runs with it. No request is dropped."</li>
                        <li><a href=format!("{base}/promote")>"Promote"</a>" it to production: it gets a version and no longer ends by itself."</li>
                    </ol>
                </div>
            </section>
        }
    })
}

#[component]
fn About(workload: WorkloadRecord) -> impl IntoView {
    let lifetime = match workload.expires_at {
        Some(at) => view! { "until "<When at/>" unless promoted" }.into_any(),
        None => "indefinite".into_any(),
    };
    view! {
        <section class="card">
            <header><h2>"About"</h2><a href=format!("/workloads/{}/settings", workload.id)>"Edit"<span class="aside">" what it is called"</span></a></header>
            <dl class="facts">
                {(!workload.description.is_empty()).then(|| view! { <dt>"Description"</dt><dd>{workload.description.clone()}</dd> })}
                <dt>"Artifact"</dt><dd><a href=format!("/artifacts/{}", workload.artifact_id)>{artifact_words(&workload)}</a></dd>
                <dt>"Lifetime"</dt><dd>{lifetime}</dd>
                <dt>"Runtime"</dt><dd>{runtime_words(&workload.runtime)}</dd>
                <dt>"Importance"</dt><dd>{workload.importance.word()}</dd>
                <dt>"Owner"</dt><dd>{workload.creator.username.clone()}</dd>
                <dt>"Created"</dt><dd><When at=workload.created_at/></dd>
                <dt>"Workload ID"</dt><dd class="mono">{workload.id.to_string()}</dd>
            </dl>
        </section>
    }
}
